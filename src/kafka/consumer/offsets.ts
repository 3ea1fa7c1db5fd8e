/** Partitions and positions as the loop speaks of them. */
import type { TopicPartition, TopicPartitionOffset } from "../../rdkafka/index.ts";
import type { Lane } from "./lane.ts";
import { NOTHING_DONE } from "./tracker.ts";

/** The name of a partition in maps. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}

/** What is done in a lane. */
export function doneOf({ topic, partition, done }: Lane): TopicPartitionOffset {
  return { topic, partition, offset: done };
}

/** Whether the broker does not know yet how far a lane is done. */
export function isToCommit({ done, committed }: Lane): boolean {
  return done !== NOTHING_DONE && done > committed;
}
