import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { witness } from "../../src/base/index.ts";
import { loadError, loadKafka } from "../../src/rdkafka/load.ts";

function nodeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  [
    "RDKAFKA_NOT_INSTALLED",
    nodeError("ERR_MODULE_NOT_FOUND", "Cannot find package 'node-rdkafka' imported from /app/x.js"),
    "npm install node-rdkafka@3.6.1",
  ],
  [
    "RDKAFKA_NOT_BUILT",
    new Error("Could not locate the bindings file. Tried:\n → /app/build/node-librdkafka.node"),
    "npm approve-scripts node-rdkafka",
  ],
  [
    "RDKAFKA_OTHER_NODE",
    nodeError(
      "ERR_DLOPEN_FAILED",
      "The module was compiled against a different Node.js version using\nNODE_MODULE_VERSION 115.",
    ),
    "npm rebuild node-rdkafka",
  ],
  [
    "RDKAFKA_NOT_LOADABLE",
    nodeError("ERR_DLOPEN_FAILED", "libssl.so.3: cannot open shared object file"),
    "shared library",
  ],
])("%s is told apart, and its hint has the next command", (code, cause, command) => {
  const error = loadError(cause);
  expect(error).toMatchObject({ code, cause });
  expect(error).toHaveProperty("hint", expect.stringContaining(command));
});

test("in the main thread the binding is loaded, once", async () => {
  expect(await loadKafka()).toBe(await loadKafka());
});

test("in a worker thread RDKAFKA_IN_WORKER is thrown before the native part is loaded", async () => {
  const module = new URL("../../dist/src/rdkafka/load.js", import.meta.url).href;
  const program = `
    import { parentPort } from "node:worker_threads";
    const { loadKafka } = await import(${JSON.stringify(module)});
    await loadKafka().catch(({ code }) => parentPort.postMessage(code));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  const answer = await new Promise((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });
  await worker.terminate();
  expect(answer).toBe("RDKAFKA_IN_WORKER");
  // The worker has a `globalThis` of its own, where nobody notes what is made.
  witness("RDKAFKA_IN_WORKER");
});

test("in a worker of a process that never loaded it, nothing loads it either", async () => {
  const at = (file: string) => JSON.stringify(new URL(`../../dist/src/${file}`, import.meta.url));
  const worker = `
    const { parentPort } = require("node:worker_threads");
    (async () => {
      const { createProducer, createConsumer, createAdmin } = await import(${at("kafka/index.js")});
      const { kafkaCodeOf } = await import(${at("rdkafka/native.js")});
      const base = { brokers: ["127.0.0.1:1"], registry: "http://127.0.0.1:1" };
      const topics = [{ name: "t", key: { kind: "none" }, value: { kind: "string" } }];
      const calls = [
        createProducer(base),
        createConsumer({ ...base, group: "g", topics, from: "earliest" }),
        createAdmin({ brokers: base.brokers }),
      ];
      const told = await Promise.allSettled(calls);
      const codes = told.map(({ reason }) => reason.code);
      parentPort.postMessage([...codes, kafkaCodeOf(new Error("queue full"))]);
    })();`;
  const program = `
    const { Worker } = require("node:worker_threads");
    new Worker(${JSON.stringify(worker)}, { eval: true }).on("message", (message) =>
      process.stdout.write(JSON.stringify(message)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", program]);
  expect(JSON.parse(stdout)).toEqual([
    "RDKAFKA_IN_WORKER",
    "RDKAFKA_IN_WORKER",
    "RDKAFKA_IN_WORKER",
    -1,
  ]);
});
