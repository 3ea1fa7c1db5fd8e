/**
 * Partitions are computed here and always explicit: node-rdkafka's partitioner callback is never
 * called, librdkafka's default differs from Java's, and an idempotent producer must not mix both.
 */
import type { AnyTopic, Topic } from "../../schema/index.ts";
import type { OutgoingRecord } from "../contract/index.ts";
import { checkKafka, PARTITION_BY } from "../contract/index.ts";
import type { AnyRecord } from "./jobs.ts";

/** Chooses the partition of a topic's records; made by `partitionBy` and `partitionByRecord`. */
export interface TopicPartitioner {
  readonly topic: string;
  readonly choose: (record: AnyRecord, partitions: number) => number;
}

/**
 * Partitions a topic by a function of the typed key instead of the hash of its bytes.
 *
 * @param choose must return an integer from 0 to `partitions` − 1, the same one for the same key.
 *
 * @example
 * ```ts
 * import { partitionBy } from "typewire/kafka";
 * import { users } from "./generated/users.js";
 *
 * const byRegion = partitionBy(users, (key, partitions) => key.region % partitions);
 * ```
 */
export function partitionBy<Name extends string, KI, KO, VI, VO, C extends boolean>(
  topic: Topic<Name, KI, KO, VI, VO, C>,
  choose: (key: NoInfer<KI>, partitions: number) => number,
): TopicPartitioner {
  checkKafka(PARTITION_BY, { topic, choose });
  return {
    topic: (topic as AnyTopic).name,
    choose: (record, partitions) => choose(record.key as KI, partitions),
  };
}

/**
 * Partitions a topic by a function of the whole typed record. Records of one key keep their order
 * only when the function gives them one partition.
 *
 * @param choose must return an integer from 0 to `partitions` − 1.
 */
export function partitionByRecord<Name extends string, KI, KO, VI, VO, C extends boolean>(
  topic: Topic<Name, KI, KO, VI, VO, C>,
  choose: (
    record: OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>,
    partitions: number,
  ) => number,
): TopicPartitioner {
  checkKafka(PARTITION_BY, { topic, choose });
  return {
    topic: (topic as AnyTopic).name,
    choose: (record, partitions) => choose(record as OutgoingRecord<KI, VI, C>, partitions),
  };
}

/**
 * Records without a key stay on one partition for about this many bytes and then move on, as Java's
 * client does since KIP-794: batches stay full and partitions even.
 */
const STICKY_BYTES = 16 * 1024;

/** Spreads records that have no key. */
export class StickyPartition {
  #partition: number;
  #bytes = 0;

  constructor(first: number) {
    this.#partition = first;
  }

  /** The partition for the next record. */
  current(partitions: number): number {
    if (this.#bytes >= STICKY_BYTES) {
      this.#partition++;
      this.#bytes = 0;
    }
    return this.#partition % partitions;
  }

  /** Counts a record that was added. */
  sent(bytes: number): void {
    this.#bytes += bytes;
  }
}
