/**
 * How long it takes until the command has done something, in turns with a Node that does nothing: the
 * time of `typewire serve` up to its line and up to the answer of its first write, and of `--version`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = 11;
const program = fileURLToPath(new URL("../bin/typewire.js", import.meta.url));

/** Runs every stage once a round and prints the median of each. */
export async function run(print) {
  const stages = new Map();
  const note = (stage, ms) => stages.set(stage, [...(stages.get(stage) ?? []), ms]);
  for (let round = 0; round < ROUNDS; round += 1) {
    note("node -e 0", await timeOf(["-e", "0"]));
    note("typewire --version", await timeOf([program, "--version"]));
    for (const store of ["memory", "sqlite"]) {
      const { readyMs, writtenMs } = await serveOnce(store);
      note(`serve, ${store}: ready`, readyMs);
      note(`serve, ${store}: first write answered`, writtenMs);
    }
  }
  const base = median(stages.get("node -e 0"));
  print(`Start: median of ${ROUNDS} processes each, × of node -e 0`);
  for (const [stage, times] of stages) {
    const ms = median(times);
    print(
      `  ${stage.padEnd(38)} ${ms.toFixed(0).padStart(6)} ms ${(ms / base).toFixed(2).padStart(7)} ×`,
    );
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function timeOf(args) {
  const begin = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    child.once("exit", () => resolve(performance.now() - begin));
  });
}

async function serveOnce(store) {
  const data = mkdtempSync(join(tmpdir(), "typewire-bench-start-"));
  const begin = performance.now();
  const args = [program, "serve", "--port", "0", "--store", store, "--data", data];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const gone = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  try {
    const url = await new Promise((resolve, reject) => {
      let text = "";
      void gone.then((status) => reject(new Error(`serve ended with ${status}`)));
      child.stdout.on("data", (chunk) => {
        text += chunk;
        const [found] = /http:\/\/\S+/.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    const readyMs = performance.now() - begin;
    await register(url);
    return { readyMs, writtenMs: performance.now() - begin };
  } finally {
    child.kill("SIGKILL");
    await gone;
    rmSync(data, { recursive: true, force: true });
  }
}

function register(url) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const call = request(
      `${url}/subjects/start-value/versions`,
      { method: "POST", headers },
      (answer) => {
        answer.resume();
        answer.once("end", () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`the write was answered with ${answer.statusCode}`));
        });
      },
    );
    call.once("error", reject);
    call.end(JSON.stringify({ schema: '"string"' }));
  });
}
