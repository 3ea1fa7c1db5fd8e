// @ts-check
/**
 * The chaos: real brokers, real processes, a seed. First processes are stopped gracefully only, then
 * everything goes wrong in turns; at last all is mended, what is left is read, and the judge is asked.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRegistryClient } from "../../dist/src/client/index.js";
import { createAdmin } from "../../dist/src/kafka/index.js";
import { rawType, renamed, stringType, topic } from "../../dist/src/schema/index.js";
import { createRegistryServer } from "../../dist/src/server/index.js";
import { startKafka } from "../brokers/cluster.mjs";
import { createCrew } from "./crew.mjs";
import { judge } from "./judge.mjs";
import { startProxy } from "./proxy.mjs";
import { readAll, readFacts, untilCommitted } from "./read-back.mjs";
import * as shapes from "./shapes.mjs";

/** @import { KafkaCluster } from "../brokers/cluster.mjs" */
/** @import { Exit, Role } from "./crew.mjs" */
/** @import { Evidence, Stored, Verdict } from "./judge.mjs" */
/** @import { Proxy } from "./proxy.mjs" */
/**
 * @typedef {object} ChaosOptions
 * @property {number} seconds how long things go wrong
 * @property {number} seed
 * @property {"partition" | "key"} order what the consumers keep in order
 * @property {1 | 2 | 3} brokers
 * @property {number} ratePerS records a second of each producer
 * @property {Readonly<Record<Role, number>>} crew how many processes of each role
 * @property {(line: string) => void} say
 */
/**
 * @typedef {object} ChaosReport
 * @property {Evidence} evidence
 * @property {Verdict} verdict
 * @property {Readonly<Record<string, number>>} acts how often each thing was done
 * @property {Readonly<Record<string, number>>} counts
 * @property {readonly string[]} errors what processes said went wrong
 * @property {boolean} caughtUp whether the groups came to the end of their topics in time
 */

/** Members that are frozen or killed lose their partitions after this; never in the graceful part. */
const SESSION_MS = 6_000;
const GRACEFUL_SESSION_MS = 45_000;
const GRACEFUL_SHARE = 0.35;
const CATCH_UP_MS = 90_000;
/** How long an act waits for somebody at work; then it happens to somebody who only begins. */
const FREE_MS = 4_000;
const READY_MS = 120_000;

/**
 * @param {ChaosOptions} options
 * @returns {Promise<ChaosReport>}
 */
export async function runChaos(options) {
  const folder = mkdtempSync(join(tmpdir(), "typewire-chaos-"));
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [async () => rmSync(folder, { recursive: true, force: true })];
  try {
    options.say(`starting ${options.brokers} brokers`);
    const cluster = await startKafka({ brokers: options.brokers });
    undo.push(() => cluster.stop());
    const registry = await createRegistryServer({ store: "memory", host: "127.0.0.1", port: 0 });
    undo.push(() => registry.close());
    const proxy = await startProxy(registry.url);
    undo.push(() => proxy.close());
    await prepare(cluster, registry.url, options.brokers);
    const crew = createCrew({
      folder,
      options: {
        brokers: cluster.brokers,
        registry: proxy.url,
        sessionMs: GRACEFUL_SESSION_MS,
        order: options.order,
        ratePerS: options.ratePerS,
      },
    });
    undo.push(() => Promise.all(ROLES.map((role) => crew.dismiss(role))));
    const stage = {
      cluster,
      proxy,
      crew,
      options,
      random: randomOf(options.seed),
      acts: new Map(),
    };
    for (const role of ROLES) crew.hire(role, options.crew[role]);
    await untilReady(stage);
    await graceful(stage);
    await untilReady(stage);
    const gracefulUntil = process.hrtime.bigint();
    await wild(stage);
    return await settle(stage, { registry: registry.url, folder, gracefulUntil });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** @type {readonly Role[]} */
const ROLES = ["producer", "consumer", "pipeline"];
/** @typedef {ReturnType<typeof createCrew>} Crew */
/**
 * @typedef {object} Stage
 * @property {KafkaCluster} cluster
 * @property {Proxy} proxy
 * @property {Crew} crew
 * @property {ChaosOptions} options
 * @property {() => number} random from 0, below 1
 * @property {Map<string, number>} acts
 */

/**
 * @param {KafkaCluster} cluster
 * @param {string} registry
 * @param {number} brokers
 */
async function prepare(cluster, registry, brokers) {
  const admin = await createAdmin({ brokers: cluster.brokers });
  const topics = [...shapes.partitions].map(([name, partitions]) => ({
    name,
    partitions,
    replication: brokers,
  }));
  await admin.createTopics(topics);
  await admin.close();
  const client = createRegistryClient({ url: registry });
  for (const { subject, schema } of shapes.types) await client.register(subject, { schema });
}

/**
 * Waits until everybody is at work.
 *
 * @param {Stage} stage
 */
async function untilReady({ crew, options }) {
  const endsAt = performance.now() + READY_MS;
  while (ROLES.some((role) => crew.free(role).length < options.crew[role])) {
    if (performance.now() > endsAt) {
      throw new Error(`not all processes came to work:\n${crew.story().join("\n")}`);
    }
    await sleep(50);
  }
}

/**
 * Stops consumers and pipelines one after the other, as a deployment does.
 *
 * @param {Stage} stage
 */
async function graceful(stage) {
  const { crew, options } = stage;
  const endsAt = performance.now() + options.seconds * 1000 * GRACEFUL_SHARE;
  while (performance.now() < endsAt) {
    await sleep(1_000);
    const role = oneOf(stage, /** @type {const} */ (["consumer", "consumer", "pipeline"]));
    const slot = oneOf(stage, crew.free(role), undefined);
    if (slot === undefined) continue;
    count(stage, `graceful stop of a ${role}`);
    crew.end(slot, "SIGTERM");
  }
  // Everybody gets a short session for what follows.
  crew.shared["sessionMs"] = SESSION_MS;
  for (const role of /** @type {const} */ (["consumer", "pipeline"])) {
    for (const slot of crew.free(role, "alive")) crew.end(slot, "SIGTERM");
  }
}

/**
 * @param {Stage} stage
 */
async function wild(stage) {
  const { options } = stage;
  const deck = [...DECK];
  const totalMs = options.seconds * 1000 * (1 - GRACEFUL_SHARE);
  const stepMs = Math.min(3_000, totalMs / deck.length);
  const endsAt = performance.now() + totalMs;
  /** @type {Promise<unknown>[]} */
  const mending = [];
  for (let i = 0; performance.now() < endsAt; i++) {
    if (i % deck.length === 0) shuffle(deck, stage.random);
    const act = deck[i % deck.length];
    if (act !== undefined) mending.push(Promise.resolve(act(stage)));
    await sleep(stepMs);
  }
  await Promise.all(mending);
  stage.proxy.set("up");
}

/** @type {readonly ((stage: Stage) => unknown)[]} */
const DECK = [
  (stage) => end(stage, "consumer", "SIGKILL"),
  (stage) => end(stage, "consumer", "SIGKILL"),
  (stage) => end(stage, "consumer", "SIGTERM"),
  (stage) => end(stage, "pipeline", "SIGKILL"),
  (stage) => end(stage, "pipeline", "SIGTERM"),
  (stage) => end(stage, "producer", "SIGKILL"),
  (stage) => end(stage, "producer", "SIGTERM"),
  (stage) => freeze(stage, "consumer"),
  (stage) => freeze(stage, "pipeline"),
  (stage) => freeze(stage, "producer"),
  (stage) => withRegistry(stage, "down", 2_500),
  (stage) => withRegistry(stage, "slow", 2_500),
  (stage) => withoutBroker(stage, "SIGTERM"),
  (stage) => withoutBroker(stage, "SIGKILL"),
];

/**
 * @param {Stage} stage
 * @param {Role} role
 * @param {"SIGKILL" | "SIGTERM"} signal
 */
async function end(stage, role, signal) {
  const slot = await freeSlot(stage, role);
  count(stage, `${signal} of a ${role}`);
  stage.crew.end(slot, signal);
}

/**
 * @param {Stage} stage
 * @param {Role} role
 */
async function freeSlot(stage, role) {
  const endsAt = performance.now() + FREE_MS;
  for (;;) {
    const state = performance.now() < endsAt ? "at work" : "alive";
    const slots = stage.crew.free(role, state);
    if (slots.length > 0) return oneOf(stage, slots);
    await sleep(20);
  }
}

/**
 * @param {Stage} stage
 * @param {Role} role
 */
async function freeze(stage, role) {
  const slot = await freeSlot(stage, role);
  count(stage, `freeze of a ${role}`);
  await stage.crew.freeze(slot, 2_000 + stage.random() * (SESSION_MS + 2_000));
}

/**
 * @param {Stage} stage
 * @param {"down" | "slow"} mode
 * @param {number} ms
 */
async function withRegistry(stage, mode, ms) {
  count(stage, `registry ${mode}`);
  stage.proxy.set(mode);
  await sleep(ms);
  stage.proxy.set("up");
}

/**
 * One broker is away for some seconds; never two at once, since then nothing could be acknowledged.
 *
 * @param {Stage} stage
 * @param {"SIGKILL" | "SIGTERM"} signal
 */
async function withoutBroker(stage, signal) {
  const { cluster, options } = stage;
  const ids = cluster.brokers.map((_, i) => i + 1);
  if (options.brokers < 3 || ids.some((id) => cluster.pidOf(id) === undefined)) return;
  if (brokerAway.has(cluster)) return;
  brokerAway.add(cluster);
  const id = oneOf(stage, ids, 1);
  count(stage, `${signal} of a broker`);
  await cluster.stop(id, signal);
  await sleep(2_000);
  await cluster.start(id);
  brokerAway.delete(cluster);
}

/** @type {WeakSet<KafkaCluster>} */
const brokerAway = new WeakSet();

/**
 * @param {Stage} stage
 * @param {{ registry: string, folder: string, gracefulUntil: bigint }} facts
 * @returns {Promise<ChaosReport>}
 */
async function settle({ cluster, crew, options, acts }, { registry, folder, gracefulUntil }) {
  const { brokers } = cluster;
  await crew.dismiss("producer");
  options.say("all is mended; waiting for the consumers");
  const caughtUp = await Promise.all(
    /** @type {const} */ ([
      [shapes.GROUP, shapes.input.name],
      [shapes.PIPELINE_GROUP, shapes.pipelineInput.name],
    ]).map(([group, name]) =>
      untilCommitted(brokers, group, name, shapes.partitions.get(name) ?? 0, CATCH_UP_MS),
    ),
  );
  await Promise.all([crew.dismiss("consumer"), crew.dismiss("pipeline")]);
  const raw = topic({ name: "", key: stringType, value: rawType });
  /** @type {Map<string, Stored[]>} */
  const stored = new Map();
  for (const { name } of [shapes.input, shapes.pipelineInput]) {
    const messages = await readAll(brokers, registry, renamed(raw, name));
    stored.set(name, messages.map(storedOf));
  }
  const letters = await readAll(brokers, registry, renamed(raw, shapes.DEAD));
  const results = await readAll(brokers, registry, shapes.pipelineOutput);
  const { acked, handled, errors } = readFacts(folder);
  const clockGap = process.hrtime.bigint() - BigInt(Date.now()) * 1_000_000n;
  const dead = letters.map(({ headers, timestamp }) => ({
    partition: Number(headers.get("dlq.original.partition")),
    offset: Number(headers.get("dlq.original.offset")),
    stage: headers.get("dlq.error.stage") ?? "",
    at: BigInt(timestamp) * 1_000_000n + clockGap,
  }));
  const piped = results.map(({ value }) => value);
  /** @type {Evidence} */
  const evidence = {
    acked,
    stored,
    input: shapes.input.name,
    pipelineInput: shapes.pipelineInput.name,
    handled,
    gracefulUntil,
    order: options.order,
    dead,
    piped,
  };
  const counts = {
    acknowledged: acked.length,
    handled: handled.length,
    "handled twice or more": handled.length - new Set(handled.map(placeOf)).size,
    "dead letters": dead.length,
    "results of pipelines": piped.length,
    ...exitCounts(crew.exits),
  };
  return {
    evidence,
    verdict: judge(evidence),
    acts: Object.fromEntries(acts),
    counts,
    errors,
    caughtUp: !caughtUp.includes(false),
  };
}

/**
 * @param {{ partition: number, offset: number, key: string, headers: { get(name: string): string | undefined } }} message
 * @returns {Stored}
 */
function storedOf({ partition, offset, key, headers }) {
  const kind = headers.get("kind");
  if (kind !== "good" && kind !== "fail" && kind !== "poison") throw new Error(`kind ${kind}`);
  return { partition, offset, key, n: Number(headers.get("n")), kind };
}

/** @param {{ partition: number, offset: number }} place */
function placeOf({ partition, offset }) {
  return `${partition}/${offset}`;
}

/** @param {readonly Exit[]} exits */
function exitCounts(exits) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { role, asked, ended } of exits) {
    const name = `${role} asked ${asked}, ended ${ended}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/**
 * @param {Stage} stage
 * @param {string} what
 */
function count({ acts, options }, what) {
  acts.set(what, (acts.get(what) ?? 0) + 1);
  options.say(what);
}

/**
 * @template T
 * @template [D=T]
 * @param {{ random: () => number }} stage
 * @param {readonly T[]} list
 * @param {D} [otherwise]
 * @returns {T | D}
 */
function oneOf({ random }, list, otherwise) {
  return list[Math.floor(random() * list.length)] ?? /** @type {D} */ (otherwise);
}

/**
 * @param {unknown[]} list
 * @param {() => number} random
 */
function shuffle(list, random) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}

/** @param {number} seed */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
