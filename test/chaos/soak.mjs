// @ts-check
/**
 * `node --expose-gc soak.mjs <brokers> <turns>`: makes and closes clients, and lets members of a group
 * come and go, and prints as JSON what the process holds after each turn.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdmin, createConsumer, createProducer } from "../../dist/src/kafka/index.js";
import { noKey, stringType, topic } from "../../dist/src/schema/index.js";

/** @import { TypedProducer } from "../../dist/src/kafka/index.js" */
/**
 * What the process holds after a turn. Threads and files are 0 where the system does not tell them.
 * @typedef {{ heapBytes: number, resources: number, threads: number, files: number }} Held
 */
/** @typedef {{ clients: Held[], storm: Held[], sent: number, handled: number }} SoakReport */

const [brokerList = "", turnsText = "20"] = process.argv.slice(2);
const brokers = brokerList.split(",");
const turns = Number(turnsText);
// Nobody listens there: text needs no registry.
const registry = "http://127.0.0.1:9";
const events = topic({ name: `soak-${randomUUID().slice(0, 8)}`, key: noKey, value: stringType });
const BATCH = Array.from({ length: 50 }, (_, i) => ({ value: `event ${i}` }));

const admin = await createAdmin({ brokers });
await admin.createTopic({ name: events.name, partitions: 4 });
await admin.close();
const clients = await soakClients();
const storm = await soakStorm();
/** @type {SoakReport} */
const report = { clients, ...storm };
process.stdout.write(`${JSON.stringify(report)}\n`);

/** Each turn connects every kind of client, uses it, and closes it. */
async function soakClients() {
  /** @type {Held[]} */
  const held = [];
  for (let turn = 0; turn < turns; turn++) {
    const producer = await createProducer({ brokers, registry, lingerMs: 0 });
    await producer.sendMany(events, BATCH);
    const consumer = await member(`once-${turn}`);
    let handled = 0;
    const running = consumer.run(() => void handled++);
    while (handled < BATCH.length) await sleep(5);
    const looking = await createAdmin({ brokers });
    await looking.describeTopic(events.name);
    await Promise.all([consumer.close(), producer.close(), looking.close()]);
    await running;
    held.push(await holds());
  }
  return held;
}

/** One member stays in its group, others come and go, and records keep coming. */
async function soakStorm() {
  const group = `storm-${randomUUID()}`;
  const producer = await createProducer({ brokers, registry, lingerMs: 0 });
  const settled = await createAdmin({ brokers });
  const before = await endOf(settled);
  const stayer = await member(group);
  let handled = 0;
  const staying = stayer.run(() => void handled++);
  await stayer.assigned;
  /** @type {Held[]} */
  const held = [];
  let sent = before;
  for (let turn = 0; turn < turns; turn++) {
    const guest = await member(group);
    const visiting = guest.run(() => void handled++);
    await guest.assigned;
    await producer.sendMany(events, BATCH);
    sent += BATCH.length;
    await guest.close();
    await visiting;
    held.push(await holds());
  }
  while (handled < sent) await sleep(20);
  await Promise.all([stayer.close(), producer.close(), settled.close()]);
  await staying;
  return { storm: held, sent, handled };
}

/** @param {string} group */
function member(group) {
  // A member hears of a rebalance with its next heartbeat; 3 s by default.
  const librdkafka = { "heartbeat.interval.ms": 200 };
  const base = { brokers, registry, from: /** @type {const} */ ("earliest"), librdkafka };
  return createConsumer({ ...base, group, topics: [events] });
}

/**
 * How many records the topic has.
 *
 * @param {Awaited<ReturnType<typeof createAdmin>>} client
 */
async function endOf(client) {
  const marks = await client.watermarks(events.name);
  return marks.reduce((sum, { next = 0 }) => sum + next, 0);
}

/** @returns {Promise<Held>} */
async function holds() {
  // What was closed in this turn is let go in the next ones.
  await sleep(50);
  globalThis.gc?.();
  await sleep(0);
  globalThis.gc?.();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().length,
    threads: entriesOf("/proc/self/task"),
    files: entriesOf("/proc/self/fd"),
  };
}

/** @param {string} folder */
function entriesOf(folder) {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}
