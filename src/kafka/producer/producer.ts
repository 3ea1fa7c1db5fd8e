/**
 * The typed producer: idempotent, acknowledged by all in-sync replicas, partitions chosen here.
 * A promise of `send` is the broker's word: topic, partition, offset.
 */
import type { ProducerBindingOptions } from "../../rdkafka/index.ts";
import { createProducerBinding } from "../../rdkafka/index.ts";
import type { AnyTopic, Topic } from "../../schema/index.ts";
import { ignoredRules } from "../codec/index.ts";
import type {
  Delivery,
  KafkaClientOptions,
  KafkaTracing,
  OutgoingRecord,
  RegistryOption,
  RulesOption,
} from "../contract/index.ts";
import { checkKafka, HookCaller, kafkaErrors, PRODUCER, registryOf } from "../contract/index.ts";
import type { ProducerInterceptor } from "./interceptor.ts";
import { deadlineOf, LanedProducer } from "./laned-producer.ts";
import type { TopicPartitioner } from "./partitioner.ts";
import type { Generation, TransactionalProducer } from "./transactional-producer.ts";
import { SerialTransactions } from "./transactional-producer.ts";

/** Settings of a producer. */
export interface ProducerOptions extends KafkaClientOptions, RegistryOption, RulesOption {
  /** Who acknowledges a record. `"leader"` and `"none"` give up idempotence. Default `"all"`. */
  readonly acks?: "all" | "leader" | "none";
  /** How long records wait for company in a batch, in milliseconds. Default 5. */
  readonly lingerMs?: number;
  /** Default none; all brokers and clients in use must know it. */
  readonly compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  /**
   * How long a record may take from the call to its report, in milliseconds: look-up of its schema and
   * topic, waiting for room and delivery together. Default 120,000.
   */
  readonly deliveryTimeoutMs?: number;
  /** Records without a report at most; `send` waits beyond it. Default 20,000. */
  readonly maxInFlight?: number;
  /**
   * Bytes of records without a report at most; `send` waits beyond it. One record over it is sent
   * when nothing else is in flight. Default 67,108,864 (64 MiB).
   */
  readonly maxInFlightBytes?: number;
  /** Made by `partitionBy` or `partitionByRecord`. Other topics hash the key as Java does. */
  readonly partitioners?: readonly TopicPartitioner[];
  /** Made by `intercept` or `interceptAll`; each record passes them in this order. Default none. */
  readonly interceptors?: readonly ProducerInterceptor[];
  /** Makes a span of each record, for example `openTelemetry()`. Default none. */
  readonly tracing?: KafkaTracing;
  /** Makes the producer one of transactions: see {@link TransactionalProducerOptions}. */
  readonly transactionalId?: undefined;
}

/** Settings of a producer that sends in transactions; always idempotent, with `acks: "all"`. */
export interface TransactionalProducerOptions
  extends Omit<ProducerOptions, "acks" | "transactionalId"> {
  /**
   * Says who the producer is over its restarts: a new one with the same id ends what the old one left
   * open and fences it. Producers that run side by side need an id each.
   */
  readonly transactionalId: string;
  /** How long a transaction may take, in milliseconds. Default 60,000; brokers allow up to 15 min. */
  readonly transactionTimeoutMs?: number;
}

/** How a record is sent. */
export interface SendOptions {
  /**
   * Gives up: rejects with KAFKA_SEND_ABORTED. What is not in the client's queue yet is not sent; what
   * is there already may still arrive.
   */
  readonly signal?: AbortSignal;
}

/** How long a call may take, with all of its stages. */
export interface TimeoutOption {
  /** In milliseconds. */
  readonly timeoutMs?: number;
}

/** Sends typed records. */
export interface TypedProducer {
  /**
   * Sends a record and resolves when the broker has it. Records of one topic leave in the order of
   * the calls; the record must not be changed before the promise settles.
   *
   * @throws KAFKA_RECORD_INVALID, KAFKA_PARTITION_INVALID or an AVRO error when the record does not
   *   fit its type; KAFKA_TOPIC_NOT_FOUND, KAFKA_SCHEMA_NOT_REGISTERED or KAFKA_RULE_UNSUPPORTED at the
   *   topic's first record;
   *   KAFKA_PARTITIONER_FAILED or KAFKA_INTERCEPTOR_FAILED when your function failed; an RDKAFKA error
   *   when the broker did not take it; KAFKA_DELIVERY_TIMEOUT, KAFKA_SEND_ABORTED and
   *   KAFKA_CLOSED_EARLY say how far the record had come
   */
  send<KI, KO, VI, VO, C extends boolean>(
    topic: Topic<string, KI, KO, VI, VO, C>,
    record: OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>,
    options?: SendOptions,
  ): Promise<Delivery>;
  /**
   * Sends records in order and resolves when the broker has all of them, with one entry for each.
   * Records after one that can't be encoded are not sent.
   *
   * @throws KAFKA_DELIVERY_FAILED when any was not delivered
   */
  sendMany<KI, KO, VI, VO, C extends boolean>(
    topic: Topic<string, KI, KO, VI, VO, C>,
    records: readonly OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>[],
    options?: SendOptions,
  ): Promise<readonly Delivery[]>;
  /**
   * Sends a record without a promise. Failures are counted, told to the hook `onDelivery`, and make the
   * next `flush` or `close` reject with KAFKA_ENQUEUED_FAILED; none is lost in silence.
   *
   * @returns whether more can be given at once; when false, wait for {@link TypedProducer.drained}.
   * @throws KAFKA_CLOSED; KAFKA_QUEUE_FULL when `maxInFlight` records of the topic wait already;
   *   KAFKA_INTERCEPTOR_FAILED
   */
  enqueue<KI, KO, VI, VO, C extends boolean>(
    topic: Topic<string, KI, KO, VI, VO, C>,
    record: OutgoingRecord<NoInfer<KI>, NoInfer<VI>, NoInfer<C>>,
  ): boolean;
  /** Resolves when everything given before has left for the client's queue, or failed. */
  drained(): Promise<void>;
  /**
   * Looks up schema ids and partitions now instead of at the first record, so that a service fails
   * at its start.
   *
   * @throws as {@link TypedProducer.send}
   */
  prepare(...topics: readonly AnyTopic[]): Promise<void>;
  /**
   * Resolves when everything sent before has its report. Default time-out 60,000 ms, for all stages
   * together; records go on after it.
   *
   * @throws KAFKA_FLUSH_TIMEOUT, KAFKA_ENQUEUED_FAILED
   */
  flush(options?: TimeoutOption): Promise<void>;
  /**
   * Takes nothing more, flushes and disconnects. Default time-out 30,000 ms, for all stages together;
   * then every open promise rejects with KAFKA_CLOSED_EARLY.
   *
   * @throws RDKAFKA_CLOSE_TIMEOUT when records were left over; KAFKA_ENQUEUED_FAILED when enqueued
   *   records failed and no flush told it
   */
  close(options?: TimeoutOption): Promise<void>;
}

/** Records without a report at most, unless the option says otherwise; the binding's default too. */
const MAX_IN_FLIGHT = 20_000;
/** A topic may grow; how often its partitions are counted again, in milliseconds. */
const RECOUNT_MS = 300_000;
/** How long all brokers may be silent before that is an outage, in milliseconds. */
const SILENT_MS = 10_000;
const TRANSACTION_TIMEOUT_MS = 60_000;
/** By how much the broker's time-out of a transaction is longer than ours, in milliseconds. */
const BROKER_MARGIN_MS = 10_000;
const ACKS = { all: "all", leader: 1, none: 0 } as const;

/**
 * Connects a producer. With a `transactionalId` it sends in transactions only, and takes the id over
 * from whichever producer had it.
 *
 * @throws KAFKA_OPTION_INVALID, RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_REFUSED
 *
 * @example
 * ```ts
 * import { createProducer } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * const producer = await createProducer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 * });
 * await producer.send(orders, { key: "o-17", value: { orderId: "o-17" } });
 * await producer.close();
 * ```
 */
export function createProducer(
  options: TransactionalProducerOptions,
): Promise<TransactionalProducer>;
export function createProducer(options: ProducerOptions): Promise<TypedProducer>;
export async function createProducer(
  options: ProducerOptions | TransactionalProducerOptions,
): Promise<TypedProducer | TransactionalProducer> {
  checkKafka(PRODUCER, options);
  assertOnePartitioner(options.partitioners ?? []);
  if (options.transactionalId === undefined) return (await connectOnce(options)).producer;
  const { transactionalId, transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = options;
  const timeoutMs = deadlineOf(transactionTimeoutMs).totalMs;
  const transactional = { id: transactionalId, timeoutMs: timeoutMs + BROKER_MARGIN_MS };
  const producer = new SerialTransactions({
    transactionalId,
    timeoutMs,
    // A record can't take longer than its transaction.
    connect: () =>
      connectOnce(
        {
          ...options,
          deliveryTimeoutMs: Math.min(options.deliveryTimeoutMs ?? timeoutMs, timeoutMs),
        },
        transactional,
      ),
  });
  await producer.start();
  return producer;
}

async function connectOnce(
  options: Omit<ProducerOptions, "transactionalId">,
  transactional?: ProducerBindingOptions["transactional"],
): Promise<Generation> {
  const registry = registryOf(options);
  const { acks = "all", lingerMs = 5, compression = "none", deliveryTimeoutMs = 120_000 } = options;
  const { clientId = "typewire", maxInFlight = MAX_IN_FLIGHT } = options;
  const binding = await createProducerBinding({
    brokers: options.brokers,
    clientId,
    maxInFlight,
    ...(options.maxInFlightBytes !== undefined && { maxInFlightBytes: options.maxInFlightBytes }),
    ...(options.connectTimeoutMs !== undefined && { connectTimeoutMs: options.connectTimeoutMs }),
    ...(transactional !== undefined && { transactional }),
    librdkafka: {
      acks: ACKS[acks],
      "enable.idempotence": acks === "all",
      "linger.ms": lingerMs,
      "compression.codec": compression,
      "delivery.timeout.ms": deliveryTimeoutMs,
      ...options.librdkafka,
    },
  });
  const refreshMs = Number(options.librdkafka?.["topic.metadata.refresh.interval.ms"]);
  const producer = new LanedProducer({
    binding,
    registry,
    ignored: ignoredRules(options.ignoreRules),
    hooks: new HookCaller(options.hooks, { kind: "producer", clientId }),
    brokers: options.brokers,
    partitioners: options.partitioners ?? [],
    interceptors: options.interceptors ?? [],
    tracing: options.tracing,
    deliveryTimeoutMs,
    waitingMax: maxInFlight,
    recountMs: refreshMs > 0 ? refreshMs : RECOUNT_MS,
    silentMs: SILENT_MS + 2 * lingerMs,
  });
  return { producer, binding };
}

/** @throws KAFKA_OPTION_INVALID */
function assertOnePartitioner(partitioners: readonly TopicPartitioner[]): void {
  const seen = new Set<string>();
  for (const { topic } of partitioners) {
    if (seen.has(topic)) {
      const details = { option: "partitioners", value: topic, reason: "the topic has two of them" };
      throw kafkaErrors.create("KAFKA_OPTION_INVALID", details);
    }
    seen.add(topic);
  }
}
