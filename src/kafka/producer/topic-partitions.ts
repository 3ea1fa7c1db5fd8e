/**
 * How many partitions a topic has, and which one a record goes to. Shared by every descriptor of the
 * topic.
 *
 * Invariants: a partition that is not known is looked for in fresh metadata before it is refused, so
 * a topic that grew can be sent to at once; a count that can't be read again stays as it was.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ProducerBinding } from "../../rdkafka/index.ts";
import { findTopic } from "../admin/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { AnyRecord } from "./jobs.ts";
import { partitionOfKey } from "./murmur2.ts";
import type { TopicPartitioner } from "./partitioner.ts";
import { StickyPartition } from "./partitioner.ts";

/** Brokers learn of new partitions one after the other: pauses before the metadata is read again. */
const RECOUNT_PAUSES_MS = [100, 200];

/** A record wants a partition that is not known: count again, then try again. */
export class PartitionUnknown extends Error {
  readonly partition: number;

  constructor(partition: number) {
    super(`partition ${partition} is not known`);
    this.partition = partition;
  }
}

/** The partitions of one topic. */
export class TopicPartitions {
  readonly #binding: ProducerBinding;
  readonly #topic: string;
  readonly #partitioner: TopicPartitioner | undefined;
  readonly #recountMs: number;
  #count = 0;
  #countedAt = 0;
  #sticky: StickyPartition | undefined;
  #stuck = false;
  #counting: Promise<void> | undefined;
  /** The highest partition that fresh metadata did not have. */
  #absent = Number.POSITIVE_INFINITY;

  constructor(
    binding: ProducerBinding,
    topic: string,
    partitioner: TopicPartitioner | undefined,
    recountMs: number,
  ) {
    this.#binding = binding;
    this.#topic = topic;
    this.#partitioner = partitioner;
    this.#recountMs = recountMs;
  }

  /** Counts the partitions, unless that is done. @throws KAFKA_TOPIC_NOT_FOUND; RDKAFKA errors */
  async load(): Promise<void> {
    if (this.#count > 0) return;
    this.#counting ??= this.#read().finally(() => {
      this.#counting = undefined;
    });
    await this.#counting;
  }

  /** Counts again, in the background, when the count is old. */
  refresh(): void {
    if (performance.now() - this.#countedAt < this.#recountMs) return;
    this.#countedAt = performance.now();
    void this.#read().catch(() => undefined);
  }

  /**
   * Looks for a partition in fresh metadata. When it is not there, {@link TopicPartitions.of} refuses
   * it the next time.
   */
  async lookFor(partition: number): Promise<void> {
    for (const pauseMs of [0, ...RECOUNT_PAUSES_MS]) {
      if (pauseMs > 0) await sleep(pauseMs);
      await this.#read();
      if (partition < this.#count) return;
    }
    this.#absent = partition;
  }

  /**
   * The partition of a record.
   *
   * @throws PartitionUnknown; KAFKA_PARTITION_INVALID, KAFKA_PARTITIONER_FAILED
   */
  of(record: AnyRecord, key: Buffer | null): number {
    this.#stuck = false;
    if (record.partition !== undefined) return this.#checked(record.partition);
    if (this.#partitioner !== undefined) {
      return this.#checked(this.#choose(record, this.#partitioner));
    }
    if (key !== null) return partitionOfKey(key, 0, key.length, this.#count);
    this.#stuck = true;
    this.#sticky ??= new StickyPartition(Math.floor(Math.random() * this.#count));
    return this.#sticky.current(this.#count);
  }

  /** The last record was queued, with so many bytes. */
  added(bytes: number): void {
    if (this.#stuck) this.#sticky?.sent(bytes);
  }

  #choose(record: AnyRecord, partitioner: TopicPartitioner): number {
    try {
      return partitioner.choose(record, this.#count);
    } catch (error) {
      const details = { topic: this.#topic, reason: error };
      throw kafkaErrors.create("KAFKA_PARTITIONER_FAILED", details, error);
    }
  }

  #checked(partition: number): number {
    const count = this.#count;
    if (Number.isInteger(partition) && partition >= 0) {
      if (partition < count) return partition;
      if (partition !== this.#absent) throw new PartitionUnknown(partition);
      this.#absent = Number.POSITIVE_INFINITY;
    }
    const details = { partition, count, topic: this.#topic };
    throw kafkaErrors.create("KAFKA_PARTITION_INVALID", details);
  }

  async #read(): Promise<void> {
    const found = await findTopic(this.#binding, this.#topic);
    this.#count = found.partitions.length;
    this.#countedAt = performance.now();
  }
}
