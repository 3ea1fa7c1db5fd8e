/** What the records of one descriptor need to be written: encoders with their schema ids. */
import type { BytesWriter, OutRecord } from "../../rdkafka/index.ts";
import { Slab } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { RuleParts, ValueWriter } from "../codec/index.ts";
import { createTypeWriter, schemaHeadersOf } from "../codec/index.ts";
import type { AnyRecord } from "./jobs.ts";
import { assertRecord, headerPairs, invalidRecord } from "./record-checks.ts";
import type { TopicPartitions } from "./topic-partitions.ts";

/** A descriptor of a topic, and its encoding once that is looked up. */
export class TopicWriter {
  readonly topic: AnyTopic;
  readonly #rules: RuleParts;
  readonly #partitions: TopicPartitions;
  #encoding: TopicEncoding | undefined;
  #loading: Promise<TopicEncoding> | undefined;

  constructor(topic: AnyTopic, rules: RuleParts, partitions: TopicPartitions) {
    this.topic = topic;
    this.#rules = rules;
    this.#partitions = partitions;
  }

  get encoding(): TopicEncoding | undefined {
    return this.#encoding;
  }

  /** Whether records of another descriptor are written in the same way. */
  writes({ key, value, compact }: AnyTopic): boolean {
    return this.topic.key === key && this.topic.value === value && this.topic.compact === compact;
  }

  /**
   * Looks up the schema ids and the partitions, unless that is done or under way.
   *
   * @throws KAFKA_TOPIC_NOT_FOUND, KAFKA_SCHEMA_NOT_REGISTERED, KAFKA_RULE_UNSUPPORTED; CLIENT and RDKAFKA errors
   */
  load(): Promise<TopicEncoding> {
    if (this.#encoding !== undefined) return Promise.resolve(this.#encoding);
    this.#loading ??= this.#lookUp().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #lookUp(): Promise<TopicEncoding> {
    const { name, key, value } = this.topic;
    const [writeKey, writeValue] = await Promise.all([
      key.kind === "none"
        ? undefined
        : createTypeWriter(key, { topic: name, part: "key" }, this.#rules),
      createTypeWriter(value, { topic: name, part: "value" }, this.#rules),
      this.#partitions.load(),
    ]);
    this.#encoding = new TopicEncoding(this.topic, writeKey, writeValue, this.#partitions);
    return this.#encoding;
  }
}

/** Turns typed records into the client's, one at a time: the result is valid until the next call. */
export class TopicEncoding {
  readonly #topic: AnyTopic;
  readonly #schemaHeaders: ReturnType<typeof schemaHeadersOf>;
  readonly #writeKey: ValueWriter | undefined;
  readonly #writeValue: ValueWriter;
  readonly #partitions: TopicPartitions;
  readonly #keySlab = new Slab();
  #key: unknown;
  #value: unknown;
  #valueEnd = 0;
  readonly #keyBytes: BytesWriter;
  readonly #valueBytes: BytesWriter = (buffer, start) => {
    this.#valueEnd = this.#writeValue(this.#value, buffer, start);
    return this.#valueEnd;
  };

  constructor(
    topic: AnyTopic,
    writeKey: ValueWriter | undefined,
    writeValue: ValueWriter,
    partitions: TopicPartitions,
  ) {
    this.#topic = topic;
    this.#schemaHeaders = schemaHeadersOf(topic);
    this.#writeKey = writeKey;
    this.#keyBytes = (buffer, start) => writeKey?.(this.#key, buffer, start) ?? start;
    this.#writeValue = writeValue;
    this.#partitions = partitions;
  }

  /**
   * @throws KAFKA_RECORD_INVALID, KAFKA_PARTITION_INVALID, KAFKA_PARTITIONER_FAILED, PartitionUnknown;
   *   later, from the writer, AVRO errors
   */
  encode(record: AnyRecord): OutRecord {
    assertRecord(record, this.#topic);
    const key = this.#encodeKey(record.key);
    const { value, headers } = record;
    this.#value = value;
    this.#valueEnd = 0;
    if (value === null && !this.#topic.compact) {
      const reason = "a tombstone needs a topic declared `compact: true`";
      throw invalidRecord(this.#topic, "value", reason);
    }
    return {
      partition: this.#partitions.of(record, key),
      key,
      value: value === null ? null : this.#valueBytes,
      headers: headers === undefined ? undefined : this.#headers(headers),
      timestamp: record.timestamp,
    };
  }

  /** Readers believe the header that names a schema before they look at the frame. */
  #headers(headers: NonNullable<AnyRecord["headers"]>): [string, string][] {
    const pairs = headerPairs(headers, this.#topic);
    for (const [part, name] of this.#schemaHeaders) {
      if (Object.hasOwn(headers, name)) {
        const reason = `its header ${name} names a schema, and its frame does so already`;
        throw invalidRecord(this.#topic, part, reason);
      }
    }
    return pairs;
  }

  /** The last encoded record was queued. */
  added(): void {
    this.#partitions.added(this.#valueEnd);
  }

  #encodeKey(key: unknown): Buffer | null {
    if (this.#writeKey === undefined) {
      if (key === null || key === undefined) return null;
      throw invalidRecord(this.#topic, "key", "the topic has no keys");
    }
    if (key === null && this.#topic.key.kind === "raw") return null;
    if (key === null || key === undefined) {
      throw invalidRecord(this.#topic, "key", "it is missing");
    }
    this.#key = key;
    return this.#keySlab.write(this.#keyBytes);
  }
}
