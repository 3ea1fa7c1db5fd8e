// @ts-check
/**
 * A process of the chaos: `worker.mjs <role> <options as JSON>`. It appends what it has seen to a file,
 * one line a fact, written before the next one happens: whatever kills it, the file is right.
 */
import { openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createConsumer, createProducer, exactlyOnce } from "../../dist/src/kafka/index.js";
import * as shapes from "./shapes.mjs";

/**
 * @typedef {object} WorkerOptions
 * @property {readonly string[]} brokers
 * @property {string} registry
 * @property {string} file what it has seen
 * @property {string} life unique to this process
 * @property {string} slot the same for its successors
 * @property {number} sessionMs
 * @property {"partition" | "key"} order
 * @property {number} ratePerS records a second of a producer
 */

const [role = "", text = "{}"] = process.argv.slice(2);
const options = /** @type {WorkerOptions} */ (JSON.parse(text));
const { brokers, registry, sessionMs } = options;
const file = openSync(options.file, "a");
const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());
/** Tells the crew that this process is at work: what happens to it from now on counts. */
const ready = () => process.send?.("ready");

const KEYS = 20;
const TICK_MS = 20;
const NOT_FRAMED = Buffer.from("no frame");
/** A frame with an id that no registry gives out. */
const UNKNOWN_ID = Buffer.from([0, 0x7f, 0xff, 0xff, 0x0b, 1]);

try {
  if (role === "producer") await produce();
  else if (role === "consumer") await consume();
  else await pipe();
  log("ended");
} catch (error) {
  log(`error ${JSON.stringify(reasonOf(error))}`);
  process.exit(3);
}

async function produce() {
  const producer = await createProducer({ brokers, registry, lingerMs: 2 });
  let sent = 0;
  await producer.prepare(shapes.input, shapes.pipelineInput);
  ready();
  const startedAt = performance.now();
  while (!stopping.signal.aborted) {
    const due = ((performance.now() - startedAt) / 1000) * options.ratePerS;
    for (; sent < due; sent++) sendOne(producer, sent);
    await sleep(TICK_MS);
  }
  await producer.close();
}

/**
 * @param {Awaited<ReturnType<typeof createProducer>>} producer
 * @param {number} i
 */
function sendOne(producer, i) {
  // The key has the name of this life: nobody else counts on in it.
  const key = `${options.life}-${i % KEYS}`;
  const n = Math.floor(i / KEYS);
  const kind = kindOf(i);
  const headers = { n: String(n), kind };
  /** @param {Promise<{ topic: string, partition: number, offset: number }>} delivery */
  const told = (delivery) =>
    delivery.then(
      (at) => log(`acked ${at.topic} ${at.partition} ${at.offset} ${key} ${n}`),
      (error) => log(`unsent ${JSON.stringify(reasonOf(error))}`),
    );
  if (kind === "poison") {
    const value = n % 2 === 0 ? NOT_FRAMED : UNKNOWN_ID;
    void told(producer.send(shapes.poison, { key, value, headers }));
  } else {
    void told(producer.send(shapes.input, { key, value: { n, kind }, headers }));
  }
  if (i % 2 === 0) {
    void told(producer.send(shapes.pipelineInput, { key, value: { n, kind: "good" }, headers }));
  }
}

/** @param {number} i */
function kindOf(i) {
  if (i % 37 === 5) return "poison";
  return i % 41 === 7 ? "fail" : "good";
}

async function consume() {
  const producer = await createProducer({ brokers, registry, lingerMs: 0 });
  const consumer = await createConsumer({
    brokers,
    registry,
    group: shapes.GROUP,
    topics: [shapes.input],
    from: "earliest",
    order: options.order,
    librdkafka: { "session.timeout.ms": sessionMs, "auto.commit.interval.ms": 500 },
    producer,
    failures: {
      poison: { forward: shapes.DEAD },
      handler: [{ retry: { attempts: 2, firstDelayMs: 20 } }, { forward: shapes.DEAD }],
    },
  });
  void consumer.assigned.then(ready, () => undefined);
  await consumer.run(
    async ({ partition, offset, key, value }) => {
      const startedAt = process.hrtime.bigint();
      if (value.kind === "fail") throw new Error(`number ${value.n} of ${key} always fails`);
      if (value.n % 3 === 0) await sleep(Math.random() * 4);
      log(`handled ${partition} ${offset} ${key} ${startedAt} ${process.hrtime.bigint()}`);
    },
    { signal: stopping.signal },
  );
  await producer.close();
}

async function pipe() {
  const producer = await createProducer({
    brokers,
    registry,
    transactionalId: `chaos-${options.slot}`,
    transactionTimeoutMs: 20_000,
  });
  const consumer = await createConsumer({
    brokers,
    registry,
    group: shapes.PIPELINE_GROUP,
    topics: [shapes.pipelineInput],
    from: "earliest",
    offsets: "transactions",
    batchSize: 50,
    librdkafka: { "session.timeout.ms": sessionMs },
  });
  void consumer.assigned.then(ready, () => undefined);
  await exactlyOnce(
    consumer,
    producer,
    async ({ messages }, tx) => {
      await tx.sendMany(
        shapes.pipelineOutput,
        messages.map(({ key, partition, offset }) => ({ key, value: { partition, offset } })),
      );
    },
    { signal: stopping.signal },
  );
  await producer.close();
}

/** @param {string} line */
function log(line) {
  writeSync(file, `${line}\n`);
}

/** @param {unknown} error */
function reasonOf(error) {
  const { code, message, cause } =
    /** @type {{ code?: string, message?: string, cause?: unknown }} */ (error);
  const below = cause instanceof Error ? ` (${cause.message})` : "";
  return `${code ?? ""} ${message ?? String(error)}${below}`;
}
