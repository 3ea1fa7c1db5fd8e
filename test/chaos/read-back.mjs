// @ts-check
/** What is there after the chaos: whole topics, and the files of the processes. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createConsumer } from "../../dist/src/kafka/index.js";
import { createConsumerBinding } from "../../dist/src/rdkafka/index.js";

/** @import { AnyTopic } from "../../dist/src/schema/index.js" */
/** @import { MessageOf } from "../../dist/src/kafka/index.js" */
/** @import { Acked, Handled } from "./judge.mjs" */

/**
 * Everything that a topic holds; of transactions only what was committed.
 *
 * @template {AnyTopic} T
 * @param {readonly string[]} brokers
 * @param {string} registry
 * @param {T} topic
 * @returns {Promise<MessageOf<T>[]>}
 */
export async function readAll(brokers, registry, topic) {
  const group = `reader-${process.pid}-${topic.name}`;
  const consumer = await createConsumer({
    brokers,
    registry,
    group,
    topics: [topic],
    from: "earliest",
  });
  /** @type {MessageOf<T>[]} */
  const messages = [];
  const running = consumer.run((message) => {
    messages.push(/** @type {MessageOf<T>} */ (message));
  });
  await Promise.race([consumer.assigned, running]);
  while ((await consumer.lag()).some(({ lag }) => lag > 0)) await sleep(50);
  await consumer.close();
  await running;
  return messages;
}

/**
 * Waits until a group has committed all of a topic; false when it has not by then.
 *
 * @param {readonly string[]} brokers
 * @param {string} group
 * @param {string} topic
 * @param {number} partitions
 * @param {number} waitMs
 */
export async function untilCommitted(brokers, group, topic, partitions, waitMs) {
  const watcher = await createConsumerBinding({
    brokers,
    clientId: "chaos-watcher",
    group,
    from: "error",
  });
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const endsAt = performance.now() + waitMs;
  try {
    while (performance.now() < endsAt) {
      const committed = await watcher.committed(places, 5_000).catch(() => []);
      const offsets = new Map(committed.map(({ partition, offset }) => [partition, offset]));
      const ends = await Promise.all(
        places.map(({ partition }) => watcher.watermarks(topic, partition).catch(() => undefined)),
      );
      const isDone = ends.every(
        (end, partition) =>
          end !== undefined && (end.high === 0 || (offsets.get(partition) ?? -1) >= end.high),
      );
      if (isDone) return true;
      await sleep(250);
    }
    return false;
  } finally {
    await watcher.close(5_000);
  }
}

/**
 * What the processes have seen.
 *
 * @param {string} folder
 */
export function readFacts(folder) {
  /** @type {Acked[]} */
  const acked = [];
  /** @type {Handled[]} */
  const handled = [];
  /** @type {string[]} */
  const errors = [];
  for (const name of readdirSync(folder)) {
    const life = name.replace(/\.log$/, "");
    // A process that is killed while it writes leaves no half of a line: a line is one write.
    for (const line of readFileSync(`${folder}/${name}`, "utf8").split("\n")) {
      const [what, ...words] = line.split(" ");
      if (what === "acked") {
        const [topic = "", partition, offset, key = "", n] = words;
        acked.push({
          topic,
          partition: Number(partition),
          offset: Number(offset),
          key,
          n: Number(n),
        });
      } else if (what === "handled") {
        const [partition, offset, key = "", from = "0", to = "0"] = words;
        handled.push({
          partition: Number(partition),
          offset: Number(offset),
          key,
          life,
          from: BigInt(from),
          to: BigInt(to),
        });
      } else if (what === "error" || what === "unsent") {
        errors.push(`${life} ${line}`);
      }
    }
  }
  return { acked, handled, errors };
}
