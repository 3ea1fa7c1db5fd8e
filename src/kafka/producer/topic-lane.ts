/**
 * The way of one topic's records from `send` to the client's queue.
 *
 * Invariants:
 * - Records leave in the order of the calls, whether they waited (for schema ids, for room in the
 *   queue) or not.
 * - Each record's promise is settled exactly once: by its delivery report or by the error that kept
 *   it from being queued.
 * - Encoding takes place when a record is queued, into one reused buffer.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { OutBatch, ProducerBinding } from "../../rdkafka/index.ts";
import { BATCH_RECORDS_MAX } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { Delivery, OutgoingRecord } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { TopicEncoding } from "./topic-encoding.ts";

/** A record of any topic. */
export type AnyRecord = OutgoingRecord<unknown, unknown, boolean>;

/** What one call sends, and the promise it waits on. Each record is settled exactly once. */
export interface Job {
  readonly count: number;
  /** How many were queued. */
  queued: number;
  record(index: number): AnyRecord;
  delivered(index: number, partition: number, offset: number): void;
  failed(index: number, error: unknown): void;
}

/** A call with one record: the most frequent kind, so it keeps next to nothing. */
export class SendJob implements Job {
  readonly count = 1;
  queued = 0;
  readonly #topic: string;
  readonly #record: AnyRecord;
  readonly #resolve: (delivery: Delivery) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    topic: string,
    record: AnyRecord,
    resolve: (delivery: Delivery) => void,
    reject: (error: unknown) => void,
  ) {
    this.#topic = topic;
    this.#record = record;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  record(): AnyRecord {
    return this.#record;
  }

  delivered(_index: number, partition: number, offset: number): void {
    this.#resolve({ topic: this.#topic, partition, offset });
  }

  failed(_index: number, error: unknown): void {
    this.#reject(error);
  }
}

/** A call with any number of records. */
export class SendManyJob implements Job {
  readonly #records: readonly AnyRecord[];
  readonly count: number;
  queued = 0;
  readonly #topic: string;
  readonly #deliveries: Delivery[];
  /** Failures in the order in which they came; most jobs never have any. */
  #failed: { readonly index: number; readonly error: unknown }[] | undefined;
  #open: number;
  readonly #resolve: (deliveries: Delivery[]) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    topic: string,
    records: readonly AnyRecord[],
    resolve: (deliveries: Delivery[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.#topic = topic;
    this.#records = records;
    this.count = records.length;
    this.#deliveries = new Array<Delivery>(records.length);
    this.#open = records.length;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  record(index: number): AnyRecord {
    return this.#records[index] as AnyRecord;
  }

  delivered(index: number, partition: number, offset: number): void {
    this.#deliveries[index] = { topic: this.#topic, partition, offset };
    this.#close();
  }

  failed(index: number, error: unknown): void {
    this.#failed ??= [];
    this.#failed.push({ index, error });
    this.#close();
  }

  #close(): void {
    this.#open--;
    if (this.#open > 0) return;
    if (this.#failed === undefined) this.#resolve(this.#deliveries);
    else this.#reject(this.#summary(this.#failed));
  }

  #summary(failures: readonly { readonly index: number; readonly error: unknown }[]): unknown {
    const first = failures[0]?.error;
    if (this.count === 1) return first;
    const failedIndexes = failures.map(({ index }) => index);
    const details = {
      topic: this.#topic,
      failed: failedIndexes.length,
      count: this.count,
      reason: first,
      failedIndexes,
    };
    return kafkaErrors.create("KAFKA_DELIVERY_FAILED", details, first);
  }
}

/** Sends the records of one topic. */
export class TopicLane {
  readonly #binding: ProducerBinding;
  readonly #topic: AnyTopic;
  readonly #lookUp: () => Promise<TopicEncoding>;
  #encoding: TopicEncoding | undefined;
  #batch: OutBatch | undefined;
  /** The job and the index in it of each record of the open batch. */
  #jobs: Job[] = [];
  #indexes: number[] = [];
  readonly #waiting: Job[] = [];
  readonly #unreported = new Set<Promise<void>>();
  #draining: Promise<void> | undefined;
  readonly #sendNow = (): void => this.#send();

  constructor(binding: ProducerBinding, topic: AnyTopic, lookUp: () => Promise<TopicEncoding>) {
    this.#binding = binding;
    this.#topic = topic;
    this.#lookUp = lookUp;
  }

  /** Takes a job; it is queued at once when nothing is in its way. */
  submit(job: Job): void {
    if (this.#encoding !== undefined && this.#waiting.length === 0 && job.count === 1) {
      if (this.#advance(job, this.#encoding)) return;
    }
    this.#waiting.push(job);
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
  }

  /** Looks up what the topic needs, unless that is done. */
  async prepare(): Promise<TopicEncoding> {
    this.#encoding ??= await this.#lookUp();
    return this.#encoding;
  }

  /** Resolves when everything submitted before is queued (or failed) and its batches are sent. */
  async idle(): Promise<void> {
    await this.#draining;
    this.#send();
  }

  /** Resolves when every batch sent so far is reported to its callers. */
  async reported(): Promise<void> {
    await Promise.all(this.#unreported);
  }

  async #drain(): Promise<void> {
    let encoding: TopicEncoding;
    try {
      encoding = await this.prepare();
    } catch (error) {
      for (const job of this.#waiting.splice(0)) abandon(job, error);
      return;
    }
    let done = 0;
    for (let job = this.#waiting[0]; job !== undefined; job = this.#waiting[done]) {
      if (this.#advance(job, encoding)) {
        done++;
        if (done < BATCH_RECORDS_MAX) continue;
        this.#waiting.splice(0, done);
        done = 0;
      } else {
        await this.#binding.room();
      }
      // Delivery reports are handed over between turns of the event loop only.
      await nextTurn();
    }
    this.#waiting.length = 0;
  }

  /** Queues what it can of a job; true when it is through, false to be called again later. */
  #advance(job: Job, encoding: TopicEncoding): boolean {
    for (let round = 0; job.queued < job.count; ) {
      const record = job.record(job.queued);
      try {
        this.#batch ??= this.#begin();
        if (!this.#batch.add(encoding.encode(record))) {
          this.#send();
          if (this.#binding.room() !== undefined || ++round > 1) return false;
          continue;
        }
      } catch (error) {
        // Later records of the job do not overtake the one that failed: they fail with it.
        abandon(job, error);
        return true;
      }
      encoding.added();
      this.#jobs.push(job);
      this.#indexes.push(job.queued++);
    }
    return true;
  }

  #begin(): OutBatch {
    // One batch takes what is sent in one turn.
    queueMicrotask(this.#sendNow);
    this.#encoding?.recount();
    return this.#binding.begin(this.#topic.name);
  }

  #send(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    const jobs = this.#jobs;
    const indexes = this.#indexes;
    this.#batch = undefined;
    this.#jobs = [];
    this.#indexes = [];
    const reported = batch.send().then((report) => {
      for (let i = 0; i < jobs.length; i++) {
        const job = jobs[i] as Job;
        const error = report.error(i);
        if (error !== undefined) job.failed(indexes[i] as number, error);
        else job.delivered(indexes[i] as number, report.partition(i), report.offset(i));
      }
      this.#unreported.delete(reported);
    });
    this.#unreported.add(reported);
  }
}

/** Gives up on everything of a job that is not queued yet. */
function abandon(job: Job, error: unknown): void {
  for (; job.queued < job.count; job.queued++) job.failed(job.queued, error);
}
