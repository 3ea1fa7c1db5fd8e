// @ts-check
/**
 * The process that owns the brokers of one cluster; `cluster.mjs` forks it and talks to it over IPC.
 *
 * Invariant: the brokers and their data folder never outlive the process that asked for them. When
 * it ends in whatever way, SIGKILL included, the IPC channel closes, and the keeper ends the brokers,
 * removes the folder and exits. Data is thrown away, so brokers are killed, not shut down.
 */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePorts } from "./ports.mjs";
import { knownBrokers } from "./probe.mjs";
import { clusterIdOf, HOST, serverProperties } from "./settings.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { KafkaNode } from "./settings.mjs" */
/**
 * What the keeper is asked to start.
 * @typedef {{ jars: string, brokers: number, settings: Readonly<Record<string, string>> }} Order
 */
/**
 * A later wish about one broker, and the answer to it. A broker is stopped by a signal, and started
 * without one.
 * @typedef {{ ticket: number, id: number, signal?: NodeJS.Signals | undefined }} Wish
 * @typedef {{ answered: number, refused?: string | undefined, pids: readonly (number | null)[] }} Answer
 */

const LOGGING = fileURLToPath(new URL("log4j2.properties", import.meta.url));
const JVM = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"];
const READY_TIMEOUT_MS = 120_000;
/** A broker that is told to end and can't reach a controller waits for minutes; then it is killed. */
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_SHOWN = 25;

const folder = mkdtempSync(join(tmpdir(), "typewire-kafka-"));
/** Brokers by id. @type {Map<number, ChildProcess>} */
const running = new Map();
/** Ids of brokers that end because they were told to. @type {Set<number>} */
const stopping = new Set();
/** @type {KafkaNode[]} */
let nodes = [];
/** @type {string[]} */
let java = [];
let ending = false;
/** Wishes are granted one after the other. */
let last = Promise.resolve();

process.once("message", (order) => {
  start(/** @type {Order} */ (order)).catch((error) => fail(reasonOf(error)));
  process.on("message", (wish) => {
    last = last.then(() => grant(/** @type {Wish} */ (wish)));
  });
});
process.on("disconnect", end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);

/** @param {Order} order */
async function start({ jars, brokers, settings }) {
  nodes = await chooseNodes(brokers);
  const cluster = clusterIdOf(randomBytes(16));
  java = [...JVM, `-Dlog4j2.configurationFile=${LOGGING}`, "-cp", join(jars, "*")];
  await Promise.all(nodes.map((node) => format(node, settings, cluster)));
  if (ending) return;
  for (const node of nodes) launch(node);
  await Promise.all(nodes.map((node) => untilReady(node, brokers)));
  process.send?.({
    ready: nodes.map((node) => `${HOST}:${node.port}`),
    folder,
    pids: pidsByNode(),
  });
}

/**
 * Stops or starts one broker; the others go on.
 *
 * @param {Wish} wish
 */
async function grant({ ticket, id, signal }) {
  /** @type {string | undefined} */
  let refused;
  try {
    const node = nodes.find((each) => each.id === id);
    if (node === undefined) throw new Error(`there is no broker ${id}`);
    if (signal === undefined) await startOne(node);
    else await stopOne(node, signal);
  } catch (error) {
    refused = reasonOf(error);
  }
  /** @type {Answer} */
  const answer = { answered: ticket, refused, pids: pidsByNode() };
  if (process.connected) process.send?.(answer);
}

/** @param {KafkaNode} node */
async function startOne(node) {
  if (running.has(node.id)) throw new Error(`broker ${node.id} runs already`);
  launch(node);
  await untilReady(node, running.size);
}

/**
 * @param {KafkaNode} node
 * @param {NodeJS.Signals} signal
 */
async function stopOne(node, signal) {
  const broker = running.get(node.id);
  if (broker === undefined) throw new Error(`broker ${node.id} is stopped already`);
  stopping.add(node.id);
  const ended = new Promise((resolve) => broker.once("exit", resolve));
  broker.kill(signal);
  const late = setTimeout(() => broker.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
  stopping.delete(node.id);
}

function pidsByNode() {
  return nodes.map(({ id }) => running.get(id)?.pid ?? null);
}

/**
 * @param {KafkaNode} node
 * @param {Readonly<Record<string, string>>} settings
 * @param {string} cluster
 */
async function format(node, settings, cluster) {
  const home = join(folder, String(node.id));
  mkdirSync(home);
  const properties = join(home, "server.properties");
  writeFileSync(properties, serverProperties(node, nodes, join(home, "data"), settings));
  const args = [...java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", properties];
  try {
    await promisify(execFile)("java", args, { timeout: READY_TIMEOUT_MS });
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`Kafka could not format its storage:\n${lastLines(`${stdout}${stderr}`)}`, {
      cause: error,
    });
  }
}

/** @param {KafkaNode} node */
function launch(node) {
  const home = join(folder, String(node.id));
  const log = openSync(join(home, "broker.log"), "a");
  const args = [...java, "kafka.Kafka", join(home, "server.properties")];
  const broker = spawn("java", args, { cwd: home, stdio: ["ignore", log, log] });
  closeSync(log);
  running.set(node.id, broker);
  broker.on("exit", (code, signal) => {
    running.delete(node.id);
    if (ending || stopping.has(node.id)) return;
    const tail = lastLines(readFileSync(join(home, "broker.log"), "utf8"));
    const how = signal ?? `exit code ${code}`;
    fail(`Kafka broker ${node.id} ended (${how}). The end of its log:\n${tail}`);
  });
}

/**
 * @param {KafkaNode} node
 * @param {number} brokers
 */
async function untilReady(node, brokers) {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!ending && (await knownBrokers(HOST, node.port)) !== brokers) {
    if (performance.now() > deadline) {
      const tail = lastLines(readFileSync(join(folder, String(node.id), "broker.log"), "utf8"));
      throw new Error(
        `Kafka broker ${node.id} was not ready after ${READY_TIMEOUT_MS / 1000} s. The end of its log:\n${tail}`,
      );
    }
    await sleep(50);
  }
}

/**
 * @param {number} brokers
 * @returns {Promise<KafkaNode[]>}
 */
async function chooseNodes(brokers) {
  const ports = await freePorts(2 * brokers);
  return Array.from({ length: brokers }, (_, i) => ({
    id: i + 1,
    port: ports[2 * i] ?? 0,
    controllerPort: ports[2 * i + 1] ?? 0,
  }));
}

function end() {
  if (ending) return;
  ending = true;
  const brokers = [...running.values()];
  const ended = brokers.map((broker) => new Promise((resolve) => broker.once("exit", resolve)));
  for (const broker of brokers) broker.kill("SIGKILL");
  void Promise.all(ended).then(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit();
  });
}

/** @param {string} failed */
function fail(failed) {
  if (process.connected) process.send?.({ failed }, end);
  else end();
}

/** @param {string} text */
function lastLines(text) {
  return text.trim().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}
