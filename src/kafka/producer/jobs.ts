/**
 * What one call of the producer sends, and whom it tells.
 *
 * Invariants:
 * - A job is settled exactly once: by its reports, or by whatever kept its records from being sent.
 * - A job that is settled is never queued any further; reports that come later are dropped.
 */
import type { Delivery, OutgoingRecord } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { TopicWriter } from "./topic-encoding.ts";

/** A record of any topic. */
export type AnyRecord = OutgoingRecord<unknown, unknown, boolean>;

/** How far a record has come; appears in errors. */
export type Stage =
  | "waiting for its schema and topic to be looked up"
  | "waiting for room among the records in flight"
  | "waiting for the broker's acknowledgement";

/** One call: any number of records of one topic, in order. */
export interface Job {
  /** What encodes its records. */
  readonly writer: TopicWriter;
  readonly count: number;
  /** When it has to be settled, on the clock of `performance.now()`. */
  readonly endsAt: number;
  /** How many records are in the client's queue. */
  queued: number;
  readonly settled: boolean;
  record(index: number): AnyRecord;
  delivered(index: number, partition: number, offset: number): void;
  failed(index: number, error: unknown): void;
  /** Fails everything that has no report yet; how many records that were. */
  giveUp(error: unknown): number;
}

/** How far a job's records have come; those of one job go together. */
export function stageOf(job: Job): Stage {
  if (job.queued >= job.count) return "waiting for the broker's acknowledgement";
  return job.writer.encoding === undefined
    ? "waiting for its schema and topic to be looked up"
    : "waiting for room among the records in flight";
}

/** A call with one record: the most frequent kind, so it keeps next to nothing. */
export class SendJob implements Job {
  readonly count = 1;
  queued = 0;
  settled = false;
  readonly writer: TopicWriter;
  readonly endsAt: number;
  readonly #record: AnyRecord;
  readonly #resolve: (delivery: Delivery) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    writer: TopicWriter,
    record: AnyRecord,
    endsAt: number,
    resolve: (delivery: Delivery) => void,
    reject: (error: unknown) => void,
  ) {
    this.writer = writer;
    this.endsAt = endsAt;
    this.#record = record;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  record(): AnyRecord {
    return this.#record;
  }

  delivered(_index: number, partition: number, offset: number): void {
    this.settled = true;
    this.#resolve({ topic: this.writer.topic.name, partition, offset });
  }

  failed(_index: number, error: unknown): void {
    this.giveUp(error);
  }

  giveUp(error: unknown): number {
    this.settled = true;
    this.#reject(error);
    return 1;
  }
}

/** Failures of records whose calls got no promise; told at the next flush. */
export class UntoldFailures {
  #count = 0;
  #first: unknown;
  #topics = new Set<string>();

  add(topic: string, error: unknown): void {
    if (this.#count++ === 0) this.#first = error;
    this.#topics.add(topic);
  }

  /** Forgets them, and tells them as one error. @throws KAFKA_ENQUEUED_FAILED */
  tell(): void {
    if (this.#count === 0) return;
    const details = { failed: this.#count, topics: [...this.#topics], reason: this.#first };
    const error = kafkaErrors.create("KAFKA_ENQUEUED_FAILED", details, this.#first);
    this.#count = 0;
    this.#topics = new Set();
    throw error;
  }
}

/** A record whose caller waits for nothing. */
export class EnqueueJob implements Job {
  readonly count = 1;
  queued = 0;
  settled = false;
  readonly writer: TopicWriter;
  readonly endsAt: number;
  readonly #record: AnyRecord;
  readonly #failures: UntoldFailures;

  constructor(writer: TopicWriter, record: AnyRecord, endsAt: number, failures: UntoldFailures) {
    this.writer = writer;
    this.endsAt = endsAt;
    this.#record = record;
    this.#failures = failures;
  }

  record(): AnyRecord {
    return this.#record;
  }

  delivered(): void {
    this.settled = true;
  }

  failed(_index: number, error: unknown): void {
    this.giveUp(error);
  }

  giveUp(error: unknown): number {
    if (this.settled) return 0;
    this.settled = true;
    this.#failures.add(this.writer.topic.name, error);
    return 1;
  }
}

/** A call with any number of records. */
export class SendManyJob implements Job {
  readonly writer: TopicWriter;
  readonly endsAt: number;
  readonly count: number;
  queued = 0;
  readonly #records: readonly AnyRecord[];
  readonly #deliveries: (Delivery | undefined)[];
  /** Failures in the order in which they came; most jobs never have any. */
  #failed: { readonly index: number; readonly error: unknown }[] | undefined;
  #open: number;
  readonly #resolve: (deliveries: Delivery[]) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    writer: TopicWriter,
    records: readonly AnyRecord[],
    endsAt: number,
    resolve: (deliveries: Delivery[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.writer = writer;
    this.endsAt = endsAt;
    this.#records = records;
    this.count = records.length;
    this.#deliveries = new Array<Delivery | undefined>(records.length);
    this.#open = records.length;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get settled(): boolean {
    return this.#open === 0;
  }

  record(index: number): AnyRecord {
    return this.#records[index] as AnyRecord;
  }

  delivered(index: number, partition: number, offset: number): void {
    if (this.settled) return;
    this.#deliveries[index] = { topic: this.writer.topic.name, partition, offset };
    this.#close();
  }

  failed(index: number, error: unknown): void {
    if (this.settled) return;
    this.#failed ??= [];
    this.#failed.push({ index, error });
    this.#close();
  }

  giveUp(error: unknown): number {
    const open = this.#open;
    const failed = new Set(this.#failed?.map(({ index }) => index));
    for (let index = 0; index < this.count; index++) {
      if (this.#deliveries[index] === undefined && !failed.has(index)) this.failed(index, error);
    }
    return open;
  }

  #close(): void {
    this.#open--;
    if (this.#open > 0) return;
    if (this.#failed === undefined) this.#resolve(this.#deliveries as Delivery[]);
    else this.#reject(this.#summary(this.#failed));
  }

  #summary(failures: readonly { readonly index: number; readonly error: unknown }[]): unknown {
    const first = failures[0]?.error;
    if (this.count === 1) return first;
    const failedIndexes = failures.map(({ index }) => index);
    const details = {
      topic: this.writer.topic.name,
      failed: failedIndexes.length,
      count: this.count,
      reason: first,
      failedIndexes,
    };
    return kafkaErrors.create("KAFKA_DELIVERY_FAILED", details, first);
  }
}

/** Jobs in the order of the calls. */
export class JobQueue {
  #jobs: (Job | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#jobs.length - this.#head;
  }

  peek(): Job | undefined {
    return this.#jobs[this.#head];
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  shift(): void {
    this.#jobs[this.#head] = undefined;
    this.#head++;
    // Taken off in pieces: one at a time would move the rest each time.
    if (this.#head < 1_000 && this.#head < this.#jobs.length) return;
    this.#jobs = this.#jobs.slice(this.#head);
    this.#head = 0;
  }

  *[Symbol.iterator](): Generator<Job> {
    for (let at = this.#head; at < this.#jobs.length; at++) {
      const job = this.#jobs[at];
      if (job !== undefined) yield job;
    }
  }
}
