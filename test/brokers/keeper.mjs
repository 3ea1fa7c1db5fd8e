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

const LOGGING = fileURLToPath(new URL("log4j2.properties", import.meta.url));
const JVM = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"];
const READY_TIMEOUT_MS = 120_000;
const LOG_LINES_SHOWN = 25;

const folder = mkdtempSync(join(tmpdir(), "typewire-kafka-"));
/** @type {ChildProcess[]} */
const running = [];
/** @type {Map<number, ChildProcess>} */
const launched = new Map();
/** Brokers that are killed in order to be started again, by id. */
const restarting = new Set();
let ending = false;

process.once("message", (order) => {
  start(/** @type {Order} */ (order)).catch(failWith);
});
process.on("disconnect", end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);

/** @param {Order} order */
async function start({ jars, brokers, settings }) {
  const nodes = await chooseNodes(brokers);
  const cluster = clusterIdOf(randomBytes(16));
  const java = [...JVM, `-Dlog4j2.configurationFile=${LOGGING}`, "-cp", join(jars, "*")];
  await Promise.all(nodes.map((node) => format(node, nodes, settings, cluster, java)));
  if (ending) return;
  for (const node of nodes) launch(node, java);
  await Promise.all(nodes.map((node) => untilReady(node, brokers)));
  process.send?.({
    ready: nodes.map((node) => `${HOST}:${node.port}`),
    folder,
    pids: running.map((broker) => broker.pid),
  });
  process.on("message", (order) => {
    const node = nodes[/** @type {{ restart: number }} */ (order).restart];
    if (node !== undefined) restart(node, brokers, java).catch(failWith);
  });
}

/**
 * Kills a broker and starts it again on its data.
 *
 * @param {KafkaNode} node
 * @param {number} brokers
 * @param {readonly string[]} java
 */
async function restart(node, brokers, java) {
  const broker = launched.get(node.id);
  const exited = new Promise((resolve) => broker?.once("exit", resolve));
  restarting.add(node.id);
  broker?.kill("SIGKILL");
  await exited;
  restarting.delete(node.id);
  if (ending) return;
  launch(node, java);
  await untilReady(node, brokers);
  process.send?.({ restarted: node.id - 1 });
}

/**
 * @param {KafkaNode} node
 * @param {readonly KafkaNode[]} nodes
 * @param {Readonly<Record<string, string>>} settings
 * @param {string} cluster
 * @param {readonly string[]} java
 */
async function format(node, nodes, settings, cluster, java) {
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

/**
 * @param {KafkaNode} node
 * @param {readonly string[]} java
 */
function launch(node, java) {
  const home = join(folder, String(node.id));
  const log = openSync(join(home, "broker.log"), "a");
  const args = [...java, "kafka.Kafka", join(home, "server.properties")];
  const broker = spawn("java", args, { cwd: home, stdio: ["ignore", log, log] });
  closeSync(log);
  running.push(broker);
  launched.set(node.id, broker);
  broker.on("exit", (code, signal) => {
    running.splice(running.indexOf(broker), 1);
    if (ending || restarting.has(node.id)) return;
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
  const ended = running.map((broker) => new Promise((resolve) => broker.once("exit", resolve)));
  for (const broker of running) broker.kill("SIGKILL");
  void Promise.all(ended).then(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit();
  });
}

/** @param {unknown} error */
function failWith(error) {
  fail(error instanceof Error ? error.message : String(error));
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
