/**
 * A failure as a value: the record with its raw bytes, where it failed, why, and for which time; and
 * the rules by which a consumer answers it.
 *
 * Invariants:
 * - Nothing is skipped unless a rule says `"skip"`; where rules end, the consumer stops.
 * - An outage (a registry or broker that does not answer) is no failure of a record: it is waited for
 *   and never reaches these rules.
 */
import type { RecordHeaders } from "./record-headers.ts";

/**
 * Where a record failed: its key's or value's bytes, the writer's schema (unknown id, or one that the
 * topic's type can't read), the handler, or sending it elsewhere.
 */
export type FailureStage = "key" | "value" | "schema" | "handler" | "forward";

/** A record that failed. */
export interface Failure {
  /** The topic that the consumer was given. */
  readonly topic: string;
  /** Where the record was read: `topic`, or a retry topic of it; `partition` and `offset` are there. */
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch; -1 when unknown. */
  readonly timestamp: number;
  /** As it was on the wire. */
  readonly key: Buffer | null;
  /** As it was on the wire. */
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  readonly keySchemaId: number | undefined;
  readonly schemaId: number | undefined;
  /** Where the record carries the GUID of its schema instead of an id. */
  readonly keySchemaGuid?: string | undefined;
  readonly schemaGuid?: string | undefined;
  readonly stage: FailureStage;
  /** What was thrown: the handler's own error, or the one that says what is wrong with the bytes. */
  readonly error: unknown;
  /** 1 for the first. Counted in memory: a restart or a rebalance begins again. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
}

/** Tries the record again, in place: its partition (or key) waits, the others go on. */
export interface RetryStep {
  readonly retry: {
    /** Attempts after the first one. `Infinity` until the partition is taken away. */
    readonly attempts: number;
    /** The first pause, in milliseconds. Default 200; each following one is twice as long. */
    readonly firstDelayMs?: number;
    /** The longest pause, in milliseconds. Default 30,000. */
    readonly maxDelayMs?: number;
  };
}

/**
 * Sends the record's original bytes to another topic, with headers that say where it came from and
 * why; its offset moves only when that is acknowledged.
 */
export interface ForwardStep {
  /** The dead-letter topic, or a function that chooses it. */
  readonly forward: string | ((failure: Failure) => string);
}

/**
 * Sends the record to a retry topic of this group for each delay, one after the other; the consumer
 * reads it again when the delay is over. Records of a partition lose their order by that.
 */
export interface RetryTopicsStep {
  /** Delays in milliseconds; each one has a topic, `<topic>.retry.<group>.<delay>ms`. */
  readonly retryTopics: readonly number[];
}

/** One answer to a failure. `"skip"` counts the record as done: it is lost on purpose. */
export type FailureStep = "stop" | "skip" | RetryStep | ForwardStep | RetryTopicsStep;

/** The answers of a stage, used up in order; after the last one the consumer stops. */
export type FailureSteps =
  | FailureStep
  | readonly FailureStep[]
  | ((failure: Failure) => FailureStep | readonly FailureStep[]);

/** What a consumer does with records that fail. */
export interface FailureRules {
  /** A handler that threw or rejected. Default `"stop"`. */
  readonly handler?: FailureSteps;
  /** A record that can't be read: its key, its value, its writer's schema. Default `"stop"`. */
  readonly poison?: FailureSteps;
  /** For single stages of `poison`. */
  readonly key?: FailureSteps;
  readonly value?: FailureSteps;
  readonly schema?: FailureSteps;
}
