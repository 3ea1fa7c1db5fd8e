/**
 * The typed producer: idempotent, acknowledged by all in-sync replicas, partitions chosen here.
 * A promise of `send` is the broker's word: topic, partition, offset.
 */
import type { ProducerBinding } from "../../rdkafka/index.ts";
import { createProducerBinding } from "../../rdkafka/index.ts";
import type { AnyTopic, Topic } from "../../schema/index.ts";
import { ignoredRules } from "../codec/index.ts";
import type {
  Delivery,
  KafkaClientOptions,
  OutgoingRecord,
  RegistryOption,
  RulesOption,
  SchemaLookup,
} from "../contract/index.ts";
import { kafkaErrors, registryOf } from "../contract/index.ts";
import type { TopicPartitioner } from "./partitioner.ts";
import { prepareTopic } from "./topic-encoding.ts";
import type { AnyRecord } from "./topic-lane.ts";
import { SendJob, SendManyJob, TopicLane } from "./topic-lane.ts";

/** Settings of a producer. */
export interface ProducerOptions extends KafkaClientOptions, RegistryOption, RulesOption {
  /** Who acknowledges a record. `"leader"` and `"none"` give up idempotence. Default `"all"`. */
  readonly acks?: "all" | "leader" | "none";
  /** How long records wait for company in a batch, in milliseconds. Default 5. */
  readonly lingerMs?: number;
  /** Default none; all brokers and clients in use must know it. */
  readonly compression?: "none" | "gzip" | "snappy" | "lz4";
  /** How long a record may take from `send` to its report, in milliseconds. Default 120,000. */
  readonly deliveryTimeoutMs?: number;
  /** Records without a report at most; `send` waits beyond it. Default 20,000. */
  readonly maxInFlight?: number;
  /** Made by `partitionBy`. Other topics hash the key as Java does. */
  readonly partitioners?: readonly TopicPartitioner[];
}

/** Sends typed records. */
export interface TypedProducer {
  /**
   * Sends a record and resolves when the broker has it. Records of one topic leave in the order of
   * the calls; the record must not be changed before the promise settles.
   *
   * Rejects with KAFKA_RECORD_INVALID, KAFKA_PARTITION_INVALID or an AVRO error when the record does
   * not fit its type, KAFKA_TOPIC_NOT_FOUND, KAFKA_SCHEMA_NOT_REGISTERED or KAFKA_RULE_UNSUPPORTED at
   * the topic's first record, an RDKAFKA error when the broker did not take it.
   */
  send<KI, KO, VI, VO, C extends boolean>(
    topic: Topic<string, KI, KO, VI, VO, C>,
    record: OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>,
  ): Promise<Delivery>;
  /**
   * Sends records in order and resolves when the broker has all of them, with one entry for each.
   *
   * Rejects with KAFKA_DELIVERY_FAILED when any was not delivered; those after a record that can't
   * be encoded are not sent.
   */
  sendMany<KI, KO, VI, VO, C extends boolean>(
    topic: Topic<string, KI, KO, VI, VO, C>,
    records: readonly OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>[],
  ): Promise<readonly Delivery[]>;
  /**
   * Looks up schema ids and partitions now instead of at the first record, so that a service fails
   * at its start. Rejects as {@link TypedProducer.send}.
   */
  prepare(...topics: readonly AnyTopic[]): Promise<void>;
  /** Resolves when everything sent before has its report. Default time-out 60,000 ms. */
  flush(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Flushes and disconnects. Rejects with RDKAFKA_CLOSE_TIMEOUT when records were left over. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

const FLUSH_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 30_000;
const ACKS = { all: "all", leader: 1, none: 0 } as const;

/**
 * Connects a producer.
 *
 * @throws KAFKA_OPTION_INVALID; RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_REFUSED
 */
export async function createProducer(options: ProducerOptions): Promise<TypedProducer> {
  const ignored = ignoredRules(options.ignoreRules);
  const { acks = "all", lingerMs = 5, compression = "none", deliveryTimeoutMs = 120_000 } = options;
  const binding = await createProducerBinding({
    brokers: options.brokers,
    clientId: options.clientId ?? "typewire",
    ...(options.connectTimeoutMs !== undefined && { connectTimeoutMs: options.connectTimeoutMs }),
    ...(options.maxInFlight !== undefined && { maxInFlight: options.maxInFlight }),
    librdkafka: {
      acks: ACKS[acks],
      "enable.idempotence": acks === "all",
      "linger.ms": lingerMs,
      "compression.codec": compression,
      "delivery.timeout.ms": deliveryTimeoutMs,
      ...options.librdkafka,
    },
  });
  return new LanedProducer(binding, registryOf(options), options.partitioners ?? [], ignored);
}

class LanedProducer implements TypedProducer {
  readonly #binding: ProducerBinding;
  readonly #registry: SchemaLookup;
  readonly #partitioners: ReadonlyMap<string, TopicPartitioner>;
  readonly #ignoredRules: ReadonlySet<string>;
  readonly #lanes = new Map<AnyTopic, TopicLane>();
  #closing: Promise<void> | undefined;

  constructor(
    binding: ProducerBinding,
    registry: SchemaLookup,
    partitioners: readonly TopicPartitioner[],
    ignored: ReadonlySet<string>,
  ) {
    this.#ignoredRules = ignored;
    this.#binding = binding;
    this.#registry = registry;
    this.#partitioners = new Map(partitioners.map((one) => [one.topic, one]));
  }

  send(topic: AnyTopic, record: AnyRecord): Promise<Delivery> {
    return new Promise((resolve, reject) => {
      this.#assertOpen();
      this.#laneOf(topic).submit(new SendJob(topic.name, record, resolve, reject));
    });
  }

  sendMany(topic: AnyTopic, records: readonly AnyRecord[]): Promise<readonly Delivery[]> {
    if (records.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#assertOpen();
      this.#laneOf(topic).submit(new SendManyJob(topic.name, records, resolve, reject));
    });
  }

  async prepare(...topics: readonly AnyTopic[]): Promise<void> {
    this.#assertOpen();
    await Promise.all(topics.map((topic) => this.#laneOf(topic).prepare()));
  }

  async flush(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#assertOpen();
    await this.#idle();
    const reported = Promise.all([...this.#lanes.values()].map((lane) => lane.reported()));
    await this.#binding.flush(options.timeoutMs ?? FLUSH_TIMEOUT_MS);
    await reported;
  }

  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#idle().then(() =>
      this.#binding.close(options.timeoutMs ?? CLOSE_TIMEOUT_MS),
    );
    return this.#closing;
  }

  async #idle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }

  #laneOf(topic: AnyTopic): TopicLane {
    const found = this.#lanes.get(topic);
    if (found !== undefined) return found;
    const partitioner = this.#partitioners.get(topic.name);
    const parts = {
      binding: this.#binding,
      registry: this.#registry,
      partitioner,
      ignoredRules: this.#ignoredRules,
    };
    const lane = new TopicLane(this.#binding, topic, () => prepareTopic(topic, parts));
    this.#lanes.set(topic, lane);
    return lane;
  }

  #assertOpen(): void {
    if (this.#closing) throw kafkaErrors.create("KAFKA_CLOSED", { client: "producer" });
  }
}
