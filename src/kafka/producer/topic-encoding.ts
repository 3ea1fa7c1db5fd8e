/** What a topic needs to be written: encoders with their schema ids, partition count, partitioner. */
import type { BytesWriter, OutRecord, ProducerBinding } from "../../rdkafka/index.ts";
import { Slab } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import { findTopic } from "../admin/index.ts";
import type { ValueWriter } from "../codec/index.ts";
import { createTypeWriter, schemaHeadersOf } from "../codec/index.ts";
import type { SchemaLookup } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import { partitionOfKey } from "./murmur2.ts";
import type { TopicPartitioner } from "./partitioner.ts";
import { StickyPartition } from "./partitioner.ts";
import type { AnyRecord } from "./topic-lane.ts";

/** A topic may grow; how often its partitions are counted again, in milliseconds. */
const RECOUNT_MS = 300_000;

/** What {@link prepareTopic} works with. */
export interface EncodingParts {
  readonly binding: ProducerBinding;
  readonly registry: SchemaLookup;
  readonly partitioner: TopicPartitioner | undefined;
  /** Types of rules that may be left out. */
  readonly ignoredRules: ReadonlySet<string>;
}

/**
 * Looks up the schema ids and the partitions of a topic.
 *
 * @throws KAFKA_TOPIC_NOT_FOUND, KAFKA_SCHEMA_NOT_REGISTERED, KAFKA_RULE_UNSUPPORTED; CLIENT and RDKAFKA errors
 */
export async function prepareTopic(topic: AnyTopic, parts: EncodingParts): Promise<TopicEncoding> {
  const { name } = topic;
  const rules = { registry: parts.registry, ignored: parts.ignoredRules };
  const [key, value, partitions] = await Promise.all([
    topic.key.kind === "none"
      ? undefined
      : createTypeWriter(topic.key, { topic: name, part: "key" }, rules),
    createTypeWriter(topic.value, { topic: name, part: "value" }, rules),
    countPartitions(parts.binding, name),
  ]);
  return new TopicEncoding(topic, key, value, partitions, parts);
}

async function countPartitions(binding: ProducerBinding, topic: string): Promise<number> {
  return (await findTopic(binding, topic)).partitions.length;
}

/** Turns typed records into the client's, one at a time: the result is valid until the next call. */
export class TopicEncoding {
  readonly #topic: AnyTopic;
  readonly #schemaHeaders: ReturnType<typeof schemaHeadersOf>;
  readonly #writeKey: ValueWriter | undefined;
  readonly #writeValue: ValueWriter;
  readonly #parts: EncodingParts;
  readonly #sticky: StickyPartition;
  #partitions: number;
  #countedAt = performance.now();
  readonly #keySlab = new Slab();
  #key: unknown;
  #value: unknown;
  #valueEnd = 0;
  #stuck = false;
  readonly #keyBytes: BytesWriter;
  readonly #valueBytes: BytesWriter = (buffer, start) => {
    this.#valueEnd = this.#writeValue(this.#value, buffer, start);
    return this.#valueEnd;
  };

  constructor(
    topic: AnyTopic,
    writeKey: ValueWriter | undefined,
    writeValue: ValueWriter,
    partitions: number,
    parts: EncodingParts,
  ) {
    this.#topic = topic;
    this.#schemaHeaders = schemaHeadersOf(topic);
    this.#writeKey = writeKey;
    this.#keyBytes = (buffer, start) => writeKey?.(this.#key, buffer, start) ?? start;
    this.#writeValue = writeValue;
    this.#partitions = partitions;
    this.#parts = parts;
    this.#sticky = new StickyPartition(Math.floor(Math.random() * partitions));
  }

  /** @throws KAFKA_RECORD_INVALID, KAFKA_PARTITION_INVALID; later, from the writer, AVRO errors */
  encode(record: AnyRecord): OutRecord {
    const key = this.#encodeKey(record.key);
    this.#value = record.value;
    if (record.value === null && !this.#topic.compact) {
      throw this.#invalid("value", "a tombstone needs a topic declared `compact: true`");
    }
    return {
      partition: this.#partitionOf(record, key),
      key,
      value: record.value === null ? null : this.#valueBytes,
      headers: record.headers === undefined ? undefined : this.#headers(record.headers),
      timestamp: record.timestamp,
    };
  }

  /** Readers believe the header that names a schema before they look at the frame. */
  #headers(headers: NonNullable<AnyRecord["headers"]>): [string, string][] {
    for (const [part, name] of this.#schemaHeaders) {
      if (Object.hasOwn(headers, name)) {
        throw this.#invalid(
          part,
          `its header ${name} names a schema, and its frame does so already`,
        );
      }
    }
    return Object.entries(headers);
  }

  /** The last encoded record was queued. */
  added(): void {
    if (this.#stuck) this.#sticky.sent(this.#valueEnd);
  }

  #encodeKey(key: unknown): Buffer | null {
    if (this.#writeKey === undefined) {
      if (key === null || key === undefined) return null;
      throw this.#invalid("key", "the topic has no keys");
    }
    if (key === null && this.#topic.key.kind === "raw") return null;
    if (key === null || key === undefined) throw this.#invalid("key", "it is missing");
    this.#key = key;
    return this.#keySlab.write(this.#keyBytes);
  }

  #partitionOf(record: AnyRecord, key: Buffer | null): number {
    const count = this.#partitions;
    this.#stuck = false;
    const { partitioner } = this.#parts;
    if (record.partition !== undefined) return this.#checked(record.partition);
    if (partitioner !== undefined) return this.#checked(partitioner.choose(record.key, count));
    if (key !== null) return partitionOfKey(key, 0, key.length, count);
    this.#stuck = true;
    return this.#sticky.current(count);
  }

  #checked(partition: number): number {
    const count = this.#partitions;
    if (Number.isInteger(partition) && partition >= 0 && partition < count) return partition;
    const { name: topic } = this.#topic;
    throw kafkaErrors.create("KAFKA_PARTITION_INVALID", { partition, count, topic });
  }

  /** Counts the partitions again when the count is old; a failure keeps the old one. */
  recount(): void {
    const now = performance.now();
    if (now - this.#countedAt < RECOUNT_MS) return;
    this.#countedAt = now;
    void countPartitions(this.#parts.binding, this.#topic.name).then(
      (partitions) => {
        this.#partitions = partitions;
      },
      () => undefined,
    );
  }

  #invalid(part: "key" | "value", reason: string): Error {
    const { name: topic } = this.#topic;
    return kafkaErrors.create("KAFKA_RECORD_INVALID", { part, topic, reason });
  }
}
