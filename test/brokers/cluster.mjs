// @ts-check
/**
 * A real Apache Kafka (KRaft, no Docker) on random loopback ports, for tests and development. Plain
 * JavaScript with checked types, because `npm run kafka` runs it without a build.
 */
import { fork } from "node:child_process";
import { installJars, whyNoKafka } from "./install.mjs";

/** @import { ChildProcess } from "node:child_process" */
/**
 * A running cluster.
 * @typedef {object} KafkaCluster
 * @property {readonly string[]} brokers `host:port` of each broker
 * @property {() => Promise<void>} stop ends the brokers and removes their data; may be called twice
 * @property {readonly number[]} pids process ids of the brokers, as they were started first
 * @property {(index: number) => Promise<void>} restart kills the broker of that index and starts it
 *   again on its data; resolves when it is ready, and never when it is not
 * @property {string} folder the data folder; gone after `stop`
 */
/**
 * @typedef {object} StartKafkaOptions
 * @property {1 | 2 | 3} [brokers] how many brokers; default 1
 * @property {Readonly<Record<string, string>>} [settings] lines for `server.properties` that win
 *   over those of `settings.mjs`, which says what may stand in them
 * @property {(message: string) => void} [onDeath] told once when a broker ends by itself; by default
 *   the message (with the end of the broker's log) goes to stderr
 */

/**
 * What the keeper reports: `ready` once with the rest, `restarted` for each broker that was told to,
 * or `failed` once, before it ends.
 * @typedef {{ ready?: string[], restarted?: number, failed?: string, pids: number[], folder: string }}
 *   Report
 */

/** How often a start is tried again after another process took one of the chosen ports. */
const STARTS_MAX = 3;

/**
 * Starts a cluster and resolves when every broker answers and knows all others.
 *
 * It ends with the calling process, however that ends. Rejects with the end of the broker's log when
 * a broker can't start, and with a sentence when Java or Maven is missing.
 *
 * @param {StartKafkaOptions} [options]
 * @returns {Promise<KafkaCluster>}
 */
export async function startKafka(options = {}) {
  const missing = await whyNoKafka();
  if (missing !== undefined) throw new Error(`Kafka can't be started: ${missing}.`);
  const jars = await installJars();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(jars, options);
    } catch (error) {
      const portTaken = String(error).includes("Address already in use");
      if (!portTaken || attempt === STARTS_MAX) throw error;
    }
  }
}

/**
 * @param {string} jars
 * @param {StartKafkaOptions} options
 * @returns {Promise<KafkaCluster>}
 */
function startOnce(jars, { brokers = 1, settings = {}, onDeath = sayDeath }) {
  // A group of its own: Ctrl-C in a terminal must reach the caller first, which then decides.
  const keeper = fork(new URL("keeper.mjs", import.meta.url), {
    detached: true,
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise((resolve) => keeper.once("exit", resolve));
  const stop = async () => {
    if (keeper.connected) keeper.disconnect();
    await exited;
  };
  keeper.send({ jars, brokers, settings });
  /** @type {Map<number, () => void>} */
  const restarts = new Map();
  /** @param {number} index */
  const restart = (index) =>
    new Promise((/** @type {(value: void) => void} */ resolve) => {
      restarts.set(index, () => resolve());
      keeper.send({ restart: index });
    });
  let started = false;
  let failure = "Kafka's keeper process ended before Kafka started.";
  return new Promise((resolve, reject) => {
    keeper.on("message", (message) => {
      const { ready, restarted, failed = failure, pids, folder } = /** @type {Report} */ (message);
      if (ready !== undefined) {
        started = true;
        resolve({ brokers: ready, stop, restart, pids, folder });
      } else if (restarted !== undefined) {
        restarts.get(restarted)?.();
      } else if (started) {
        onDeath(failed);
      } else {
        failure = failed;
      }
    });
    void exited.then(() => reject(new Error(failure)));
  });
}

/** @param {string} message */
function sayDeath(message) {
  process.stderr.write(`${message}\n`);
}
