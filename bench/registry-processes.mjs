// Servers of the registry scenario as processes: start, usage, stop; and reads during a start.
import { fork } from "node:child_process";
import { get } from "node:http";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const servers = fileURLToPath(new URL("registry-servers.mjs", import.meta.url));

/** Starts a server and waits until it listens. */
export async function startServer(kind, argument, port = 0) {
  const child = fork(servers, [kind, argument, String(port)]);
  const { url } = await message(child);
  return {
    url,
    usage: () => {
      const answer = message(child);
      child.send("usage");
      return answer;
    },
    stop: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function message(child) {
  return new Promise((resolve, reject) => {
    const fail = (code) => reject(new Error(`the server ended with ${code}`));
    child.once("exit", fail);
    child.once("message", (answer) => {
      child.off("exit", fail);
      resolve(answer);
    });
  });
}

/**
 * Starts a registry that holds the ids from 1 to `size`, and asks for them all the while: an answer
 * other than the schema, from the first moment at which the port answers, is a denied read.
 */
export async function readUntilStarted(folder, size) {
  const port = await freePort();
  const begin = performance.now();
  const starting = startServer("registry", folder, port);
  let state = "starting";
  starting.then(
    () => {
      state = "started";
    },
    () => {
      state = "failed";
    },
  );
  const seen = { asked: 0, denied: 0, startMs: 0 };
  const isWanted = () => state === "starting" || (state === "started" && seen.asked < 100);
  for (let id = 1; isWanted(); id = (id * 7919) % size || size) {
    const status = await statusOf(`http://127.0.0.1:${port}/schemas/ids/${id}`);
    if (status === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      continue;
    }
    if (seen.asked === 0) seen.startMs = performance.now() - begin;
    seen.asked++;
    if (status !== 200) seen.denied++;
  }
  return { ...seen, server: await starting };
}

/** The status of an answer, `undefined` when nobody listens. */
function statusOf(url) {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode));
    }).once("error", () => resolve(undefined));
  });
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
