/** Plays hostile cases on a registry in a process of its own, and says what each cost. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const server = fileURLToPath(new URL("hostile-server.mjs", import.meta.url));

function message(child) {
  return new Promise((resolve, reject) => {
    const fail = (code, signal) => reject(new Error(`the registry ended with ${code ?? signal}`));
    child.once("exit", fail);
    child.once("message", (answer) => {
      child.off("exit", fail);
      resolve(answer);
    });
  });
}

/** Starts a registry; `cost` is what it took since it was asked the last time. */
export async function startHostileServer() {
  const child = fork(server);
  const { url } = await message(child);
  return {
    url,
    cost: () => {
      const answer = message(child);
      child.send("cost");
      return answer;
    },
    stop: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** One request; the answer's status, its length and its beginning. */
export async function send(url, [method, path, body]) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { "content-type": "application/vnd.schemaregistry.v1+json" };
  const response = await fetch(url + path, { method, ...(text && { headers, body: text }) });
  const answer = await response.text();
  const { status } = response;
  return { status, sent: text?.length ?? 0, got: answer.length, answer: answer.slice(0, 300) };
}

/**
 * Plays a case: what its last request cost, and what was sent in all.
 * @returns {Promise<{ name: string, what: string, status: number, sent: number, got: number,
 *   answer: string, stallMs: number, cpuMs: number, peakBytes: number }>}
 */
export async function play(registry, { name, requests }) {
  const before = requests.slice(0, -1);
  let sent = 0;
  for (const request of before) {
    const prepared = await send(registry.url, request);
    if (prepared.status >= 300) throw new Error(`${name} can't be prepared: ${prepared.answer}`);
    sent += prepared.sent;
  }
  await registry.cost();
  const last = await send(registry.url, requests.at(-1));
  const [method, path] = requests.at(-1);
  return {
    name,
    ...last,
    sent: sent + last.sent,
    what: `${method} ${path}`,
    ...(await registry.cost()),
  };
}
