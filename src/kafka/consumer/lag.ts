/**
 * How far partitions are behind. What is done counts up to the end that the client has read to, so
 * markers of transactions, which no handler ever sees, don't count as records that wait.
 */
import type { ConsumerBinding, TopicPartition } from "../../rdkafka/index.ts";
import type { Lane } from "./lane.ts";
import { keyOf } from "./offsets.ts";
import { NOTHING_DONE } from "./tracker.ts";

const COMMITTED_TIMEOUT_MS = 10_000;

/** The lag of these lanes. @throws RDKAFKA errors */
export async function lagOf(
  binding: Pick<ConsumerBinding, "committed" | "watermarks">,
  lanes: readonly Lane[],
): Promise<(TopicPartition & { readonly lag: number })[]> {
  const fresh = lanes.filter((lane) => lane.done === NOTHING_DONE);
  const committed = new Map<string, number>();
  if (fresh.length > 0) {
    const places = fresh.map(({ topic, partition }) => ({ topic, partition }));
    for (const one of await binding.committed(places, COMMITTED_TIMEOUT_MS)) {
      committed.set(keyOf(one), one.offset);
    }
  }
  return Promise.all(
    lanes.map(async (lane) => {
      const { topic, partition } = lane;
      const { low, high } = await binding.watermarks(topic, partition);
      // Looked at last: what was done while the brokers were asked counts.
      const done = lane.done === NOTHING_DONE ? (committed.get(keyOf(lane)) ?? -1) : lane.done;
      return { topic, partition, lag: Math.max(0, high - Math.max(low, done)) };
    }),
  );
}
