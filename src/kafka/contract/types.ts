/**
 * The types of the typed clients. `In` and `Out` of a descriptor are used directly, so the compiler
 * reports a wrong value at its property.
 */
import type { RegistryClient } from "../../client/index.ts";
import type { BrokerList, KafkaSettings } from "../../rdkafka/index.ts";
import type { AnyTopic, Topic } from "../../schema/index.ts";
import type { KafkaHooks } from "./hooks.ts";
import type { RecordHeaders } from "./record-headers.ts";
import type { KafkaTracing } from "./tracing.ts";

/** What the clients need of a registry client. */
export type SchemaLookup = Pick<RegistryClient, "idOf" | "parsedById" | "peekParsed">;

/** What the start-up check of versions needs of a registry client. */
export type VersionLookup = Pick<RegistryClient, "versions" | "closedSchema">;

/** What every client is connected with. */
export interface KafkaClientOptions {
  /** `host:port` of at least one broker; or `brokers` of a broker in memory (`typewire/testing`). */
  readonly brokers: BrokerList;
  /** Shown in the broker's logs and quotas. Default `typewire`. */
  readonly clientId?: string;
  /**
   * librdkafka properties for what has no option of its own (TLS, SASL, tuning). Each one is sent to
   * the configuration, global or topic, in which it acts.
   */
  readonly librdkafka?: KafkaSettings;
  /** How long connecting may take, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Who is told what the client does: metrics, logs, health, or your own. */
  readonly hooks?: readonly KafkaHooks[];
  /** Makes spans around sends and handlers, as `openTelemetry` does. */
  readonly tracing?: KafkaTracing;
}

/** The schema registry: its URL, or a client that is shared with others. */
export interface RegistryOption {
  readonly registry: string | SchemaLookup;
}

/** `null` where tombstones are legal. */
export type TombstoneOf<Compact extends boolean> = Compact extends true ? null : never;

/** A record to send. */
export type OutgoingRecord<KeyIn, ValueIn, Compact extends boolean> = (undefined extends KeyIn
  ? { readonly key?: KeyIn }
  : { readonly key: KeyIn }) & {
  /** `null` is a tombstone and accepted only where the topic is compacted. */
  readonly value: ValueIn | TombstoneOf<Compact>;
  /** Text without NUL and halves of surrogate pairs; encode bytes as base64. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the partitioner. */
  readonly partition?: number;
  /** Milliseconds since the epoch, a whole number from 1. Default: now. */
  readonly timestamp?: number;
};

/** The record that a topic takes. */
export type RecordOf<T extends AnyTopic> =
  T extends Topic<string, infer KI, infer _KO, infer VI, infer _VO, infer C>
    ? OutgoingRecord<KI, VI, C>
    : never;

/** Where a record landed. */
export interface Delivery {
  readonly topic: string;
  readonly partition: number;
  /** -1 with `acks: "none"`: the broker does not say it. */
  readonly offset: number;
}

/** A consumed record of one topic. */
export interface ConsumedMessage<Name extends string, KeyOut, ValueOut, Compact extends boolean> {
  readonly topic: Name;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch; -1 when unknown. */
  readonly timestamp: number;
  readonly key: KeyOut;
  /** `null` is a tombstone. */
  readonly value: ValueOut | TombstoneOf<Compact>;
  readonly headers: RecordHeaders;
  /** The id that the key was written with; undefined when the key is no Avro. */
  readonly keySchemaId: number | undefined;
  /** The id that the value was written with; undefined for tombstones and when it is no Avro. */
  readonly schemaId: number | undefined;
}

/** The message of a topic; of a union of topics the union of messages, told apart by `topic`. */
export type MessageOf<T extends AnyTopic> =
  T extends Topic<infer Name, infer _KI, infer KO, infer _VI, infer VO, infer C>
    ? ConsumedMessage<Name, KO, VO, C>
    : never;

/** Records of one partition, in order. */
export interface ConsumedBatch<Name extends string, Message> {
  readonly topic: Name;
  readonly partition: number;
  readonly messages: readonly Message[];
}

/** The batch of a topic; of a union of topics the union of batches, told apart by `topic`. */
export type BatchOf<T extends AnyTopic> =
  T extends Topic<infer Name, infer _KI, infer KO, infer _VI, infer VO, infer C>
    ? ConsumedBatch<Name, ConsumedMessage<Name, KO, VO, C>>
    : never;

/** What a handler is told beside its message. */
export interface HandlerContext {
  /**
   * Aborted when the partition is taken away, or the consumer stops, and the handler is not done by
   * the deadline; what it finishes after that is not committed.
   */
  readonly signal: AbortSignal;
  /**
   * Aborted as soon as the partition is about to be taken away, or the consumer stops: a long handler
   * may come to its end early. What it finishes by the deadline counts.
   */
  readonly closing: AbortSignal;
  /** 1 for the first attempt at a record; more when the consumer's rules retry. */
  readonly attempt: number;
}

/** Handles one message; the next one of the same partition follows when it is done. */
export type MessageHandler<T extends AnyTopic> = (
  message: MessageOf<T>,
  context: HandlerContext,
) => Promise<void> | void;

/** Handles the messages of one partition together; all of them are committed when it is done. */
export type BatchHandler<T extends AnyTopic> = (
  batch: BatchOf<T>,
  context: HandlerContext,
) => Promise<void> | void;
