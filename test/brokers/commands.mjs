// @ts-check
/** The commands of `npm run kafka`, as text in and out. */

/** @import { KafkaCluster } from "./cluster.mjs" */
/**
 * @typedef {{ kind: "stop" | "kill" | "start", id: number }
 *   | { kind: "status" | "nothing" }
 *   | { kind: "unclear", answer: string }} Command
 */

/**
 * Reads a line of a cluster with so many brokers.
 *
 * @param {string} line
 * @param {number} brokers
 * @returns {Command}
 */
export function commandOf(line, brokers) {
  const [word = "", id, ...rest] = line.trim().split(/\s+/);
  if (word === "") return { kind: "nothing" };
  if (word === "status" && id === undefined) return { kind: "status" };
  if ((word === "stop" || word === "kill" || word === "start") && rest.length === 0) {
    const number = /^\d+$/.test(id ?? "") ? Number(id) : 0;
    if (number >= 1 && number <= brokers) return { kind: word, id: number };
    return { kind: "unclear", answer: `${word} which broker? They are ${idsUpTo(brokers)}.` };
  }
  return {
    kind: "unclear",
    answer: `"${line.trim()}" is none of: stop 2, kill 2, start 2, status`,
  };
}

/**
 * One line for each broker.
 *
 * @param {Pick<KafkaCluster, "brokers" | "pidOf">} cluster
 * @returns {string[]}
 */
export function statusLines({ brokers, pidOf }) {
  return brokers.map((address, i) => {
    const pid = pidOf(i + 1);
    const state = pid === undefined ? "is stopped" : `runs (process ${pid})`;
    return `broker ${i + 1} at ${address} ${state}`;
  });
}

/** @param {number} count */
function idsUpTo(count) {
  return Array.from({ length: count }, (_, i) => i + 1).join(", ");
}
