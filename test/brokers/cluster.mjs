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
 * @property {(id?: number, signal?: NodeJS.Signals) => Promise<void>} stop ends the brokers and removes
 *   their data; may be called twice. With the number of a broker, 1 or higher, it stops that one, keeps
 *   its data, and lets the others run; SIGTERM by default, so that the broker gives up its partitions
 *   first
 * @property {(id: number) => Promise<void>} start starts a stopped broker; resolves when it answers
 * @property {readonly number[]} pids process ids of the brokers that run
 * @property {(id: number) => number | undefined} pidOf process id of a broker; undefined when it is stopped
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
 * What the keeper reports: `ready` once with the rest, or `failed` once, before it ends.
 * @typedef {{ ready?: string[], failed?: string, pids: Answer["pids"], folder: string }} Report
 */
/** @import { Answer } from "./keeper.mjs" */

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
  const wish = wishesOf(keeper, exited);
  /** @type {KafkaCluster["stop"]} */
  const stop = async (id, signal = "SIGTERM") => {
    if (id !== undefined) return wish(id, signal);
    if (keeper.connected) keeper.disconnect();
    await exited;
  };
  keeper.send({ jars, brokers, settings });
  let started = false;
  let failure = "Kafka's keeper process ended before Kafka started.";
  return new Promise((resolve, reject) => {
    keeper.on("message", (message) => {
      if ("answered" in /** @type {object} */ (message)) return;
      const { ready, failed = failure, pids, folder } = /** @type {Report} */ (message);
      if (ready !== undefined) {
        started = true;
        const start = (/** @type {number} */ id) => wish(id);
        const byBroker = () => wish.pids ?? pids;
        resolve({
          brokers: ready,
          stop,
          start,
          get pids() {
            return byBroker().filter((pid) => pid !== null);
          },
          pidOf: (id) => byBroker()[id - 1] ?? undefined,
          folder,
        });
      } else if (started) {
        onDeath(failed);
      } else {
        failure = failed;
      }
    });
    void exited.then(() => reject(new Error(failure)));
  });
}

/**
 * Asks a keeper for single brokers.
 *
 * @param {ChildProcess} keeper
 * @param {Promise<unknown>} exited
 */
function wishesOf(keeper, exited) {
  /** @type {Map<number, (answer: Answer) => void>} */
  const open = new Map();
  let tickets = 0;
  keeper.on("message", (message) => {
    const answer = /** @type {Partial<Answer>} */ (message);
    if (answer.answered !== undefined) open.get(answer.answered)?.(/** @type {Answer} */ (answer));
  });
  /**
   * @param {number} id
   * @param {NodeJS.Signals} [signal]
   * @returns {Promise<void>}
   */
  const wish = async (id, signal) => {
    const ticket = ++tickets;
    /** @type {Promise<Answer>} */
    const answered = new Promise((resolve) => open.set(ticket, resolve));
    if (keeper.connected) keeper.send({ ticket, id, signal });
    const answer = await Promise.race([answered, exited.then(() => undefined)]);
    open.delete(ticket);
    if (answer === undefined) throw new Error(`broker ${id}: the cluster has ended`);
    if (answer.refused !== undefined) throw new Error(answer.refused);
    wish.pids = answer.pids;
  };
  /** @type {Answer["pids"] | undefined} */
  wish.pids = undefined;
  return wish;
}

/** @param {string} message */
function sayDeath(message) {
  process.stderr.write(`${message}\n`);
}
