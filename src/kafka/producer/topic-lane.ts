/**
 * The way of one topic's records from the call to the client's queue and to their reports.
 *
 * Invariants:
 * - Records leave in the order of the calls, whether they waited (for schema ids, for room in the
 *   queue) or not, and whichever descriptor of the topic they were given with.
 * - Each job is settled exactly once: by its delivery reports, by the error that kept it from being
 *   queued, or at its own deadline, whatever it waits for then.
 * - A record is delivered when a broker said at which offset, or when no acknowledgement was asked for:
 *   the client also reports success for records that it only believes to be there.
 * - Encoding takes place when a record is queued, into one reused buffer.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { BatchReport, OutBatch, ProducerBinding } from "../../rdkafka/index.ts";
import { BATCH_RECORDS_MAX, KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { SchemaLookup } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { Job } from "./jobs.ts";
import { JobQueue } from "./jobs.ts";
import type { TopicEncoding } from "./topic-encoding.ts";
import { TopicWriter } from "./topic-encoding.ts";
import type { TopicPartitions } from "./topic-partitions.ts";
import { PartitionUnknown } from "./topic-partitions.ts";

/** What a lane works with. */
export interface LaneParts {
  readonly binding: ProducerBinding;
  readonly registry: SchemaLookup;
  /** Types of rules that may be left out. */
  readonly ignored: ReadonlySet<string>;
  readonly partitions: TopicPartitions;
  /** Told of each record that is delivered or not; undefined while nobody listens. */
  readonly settled: () =>
    | ((job: Job, partition: number, offset: number, error?: unknown) => void)
    | undefined;
  /** Told of each batch of reports: whether the broker took any of it, and the first failure. */
  readonly answered: (taken: boolean, error: unknown) => void;
}

/** Records that were handed to the client together. */
interface SentBatch {
  /** The job of each record, and the record's index in it. */
  readonly jobs: readonly Job[];
  readonly indexes: readonly number[];
  readonly reported: Promise<void>;
}

/** Jobs that are not settled, by what they wait for. */
export interface OpenJobs {
  readonly waiting: number;
  readonly unreported: number;
}

/** Why a job can't go on for the moment. */
type Obstacle = "room" | PartitionUnknown;

/** Sends the records of one topic. */
export class TopicLane {
  readonly #name: string;
  readonly #parts: LaneParts;
  readonly #writers: TopicWriter[] = [];
  #batch: OutBatch | undefined;
  #jobs: Job[] = [];
  #indexes: number[] = [];
  readonly #waiting = new JobQueue();
  readonly #unreported = new Set<SentBatch>();
  #draining = false;
  /** The job for which the client's metadata was read again. */
  #lookedFor: Job | undefined;
  /** Jobs that were taken, and that left the queue: both only grow. */
  #taken = 0;
  #gone = 0;
  #goneWaiters: { readonly at: number; readonly resolve: () => void }[] = [];
  readonly #sendNow = (): void => this.#send();

  constructor(name: string, parts: LaneParts) {
    this.#name = name;
    this.#parts = parts;
  }

  /** What writes the records of a descriptor; descriptors that differ in nothing share one. */
  writerOf(topic: AnyTopic): TopicWriter {
    for (const writer of this.#writers) if (writer.writes(topic)) return writer;
    const { registry, ignored, partitions } = this.#parts;
    const writer = new TopicWriter(topic, { registry, ignored }, partitions);
    this.#writers.push(writer);
    return writer;
  }

  /** Takes a job; it is queued at once when nothing is in its way. */
  submit(job: Job): void {
    const { encoding } = job.writer;
    if (encoding !== undefined && this.#waiting.length === 0 && job.count === 1) {
      if (this.#advance(job, encoding) === undefined) return;
    }
    this.#taken++;
    this.#waiting.push(job);
    if (!this.#draining) void this.#drain();
  }

  /** Jobs that wait to be queued. */
  get backlog(): number {
    return this.#waiting.length;
  }

  /** Resolves when everything submitted before is queued, or settled otherwise. */
  async queued(): Promise<void> {
    const at = this.#taken;
    if (this.#gone < at) {
      await new Promise<void>((resolve) => {
        this.#goneWaiters.push({ at, resolve });
      });
    }
    this.#send();
  }

  /** Resolves when every batch sent so far is reported to its callers. */
  async reported(): Promise<void> {
    await Promise.all([...this.#unreported].map(({ reported }) => reported));
  }

  /** Jobs that are not settled. */
  openJobs(): OpenJobs {
    const waiting = new Set<Job>();
    for (const job of this.#waiting) if (!job.settled) waiting.add(job);
    const unreported = new Set<Job>();
    for (const job of this.#sentJobs()) if (!job.settled && !waiting.has(job)) unreported.add(job);
    return { waiting: waiting.size, unreported: unreported.size };
  }

  /**
   * Gives up on jobs whose deadline has passed, or on all of them.
   *
   * @returns the next deadline; undefined when every job is settled.
   */
  expire(now: number, errorOf: (job: Job) => unknown): number | undefined {
    const first = firstOpen(this.#sentJobs(), now, (job) => this.giveUp(job, errorOf(job)));
    const second = firstOpen(this.#waiting, now, (job) => this.giveUp(job, errorOf(job)));
    if (first === undefined || second === undefined) return first ?? second;
    return Math.min(first, second);
  }

  /** Settles every job, and lets nobody wait any longer; how many records that are. */
  giveUpAll(errorOf: (job: Job) => unknown): number {
    let records = 0;
    for (const jobs of [this.#sentJobs(), this.#waiting]) {
      for (const job of jobs) records += this.giveUp(job, errorOf(job));
    }
    for (const { resolve } of this.#goneWaiters.splice(0)) resolve();
    return records;
  }

  /** Settles a job before its reports are in; how many records it had open. */
  giveUp(job: Job, error: unknown): number {
    if (job.settled) return 0;
    const told = this.#parts.settled();
    const records = job.giveUp(error);
    for (let left = records; left > 0; left--) told?.(job, -1, -1, error);
    return records;
  }

  /** The jobs whose records are with the client, oldest first; some of them may be settled. */
  *#sentJobs(): Generator<Job> {
    for (const { jobs } of this.#unreported) yield* jobs;
    yield* this.#jobs;
  }

  /** Queues the waiting jobs one after the other; ends when there are none. */
  async #drain(): Promise<void> {
    this.#draining = true;
    let inTurn = 0;
    for (let job = this.#waiting.peek(); job !== undefined; job = this.#waiting.peek()) {
      const encoding = job.settled ? undefined : (job.writer.encoding ?? (await this.#load(job)));
      const obstacle = encoding && !job.settled ? this.#advance(job, encoding) : undefined;
      if (obstacle === undefined) {
        // While the encoding was fetched the queue stayed as it was: only this loop shortens it.
        this.#shift();
        if (++inTurn < BATCH_RECORDS_MAX) continue;
      } else if (obstacle === "room") {
        await this.#parts.binding.room();
      } else {
        await this.#lookFor(obstacle, job);
      }
      inTurn = 0;
      // Delivery reports are handed over between turns of the event loop only.
      await nextTurn();
    }
    this.#draining = false;
  }

  /** The encoding of a job; when it can't be had, every waiting job of its descriptor fails. */
  async #load(job: Job): Promise<TopicEncoding | undefined> {
    const { writer } = job;
    try {
      return await writer.load();
    } catch (error) {
      for (const other of this.#waiting) if (other.writer === writer) this.giveUp(other, error);
      return undefined;
    }
  }

  async #lookFor({ partition }: PartitionUnknown, job: Job): Promise<void> {
    this.#lookedFor = job;
    try {
      await this.#parts.partitions.lookFor(partition);
    } catch (error) {
      this.giveUp(job, error);
    }
  }

  #shift(): void {
    this.#waiting.shift();
    this.#gone++;
    if (this.#goneWaiters.length === 0) return;
    this.#goneWaiters = this.#goneWaiters.filter(({ at, resolve }) => {
      if (this.#gone < at) return true;
      resolve();
      return false;
    });
  }

  /** Queues what it can of a job; undefined when it is through. */
  #advance(job: Job, encoding: TopicEncoding): Obstacle | undefined {
    for (let round = 0; job.queued < job.count; ) {
      try {
        this.#batch ??= this.#begin();
        if (!this.#batch.add(encoding.encode(job.record(job.queued)))) {
          this.#send();
          if (this.#parts.binding.room() !== undefined || ++round > 1) return "room";
          continue;
        }
      } catch (error) {
        const unknown = this.#unknownPartition(error, job);
        if (unknown !== undefined) return unknown;
        // Later records of the job do not overtake the one that failed: they fail with it.
        this.#abandon(job, error);
        return undefined;
      }
      encoding.added();
      this.#jobs.push(job);
      this.#indexes.push(job.queued++);
    }
    return undefined;
  }

  #begin(): OutBatch {
    // One batch takes what is sent in one turn.
    queueMicrotask(this.#sendNow);
    this.#parts.partitions.refresh();
    return this.#parts.binding.begin(this.#name);
  }

  #send(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    const jobs = this.#jobs;
    const indexes = this.#indexes;
    this.#batch = undefined;
    this.#jobs = [];
    this.#indexes = [];
    if (jobs.length === 0) return;
    const reported = batch.send().then((report) => {
      const told = this.#parts.settled();
      for (let i = 0; i < jobs.length; i++) {
        const job = jobs[i] as Job;
        // Given up before: it was told then.
        if (job.settled) continue;
        const error = report.error(i) ?? this.#unconfirmed(report, i);
        if (error !== undefined) job.failed(indexes[i] as number, error);
        else job.delivered(indexes[i] as number, report.partition(i), report.offset(i));
        told?.(job, report.partition(i), error === undefined ? report.offset(i) : -1, error);
      }
      this.#unreported.delete(sent);
      this.#parts.answered(report.failed < report.length, report.firstError);
    });
    const sent: SentBatch = { jobs, indexes, reported };
    this.#unreported.add(sent);
  }

  /** Success without an offset: the client's conclusion, no broker's word. */
  #unconfirmed(report: BatchReport, i: number): Error | undefined {
    if (report.offset(i) >= 0 || this.#parts.binding.acknowledged === false) return undefined;
    const details = { topic: this.#name, partition: report.partition(i) };
    return kafkaErrors.create("KAFKA_DELIVERY_UNCONFIRMED", details);
  }

  /** A partition that we do not know, or that the client's own metadata lacks: both may be old. */
  #unknownPartition(error: unknown, job: Job): PartitionUnknown | undefined {
    if (error instanceof PartitionUnknown) return error;
    if (kafkaCodeIn(error) !== KAFKA_CODES.unknownPartition) return undefined;
    // Fresh metadata did not help: the client means it.
    if (this.#lookedFor === job) return undefined;
    return new PartitionUnknown(job.record(job.queued).partition ?? -1);
  }

  /** Fails everything of a job that is not queued yet. */
  #abandon(job: Job, error: unknown): void {
    const told = this.#parts.settled();
    for (; job.queued < job.count; job.queued++) {
      job.failed(job.queued, error);
      told?.(job, -1, -1, error);
    }
  }
}

/** Gives up on jobs from the oldest on; the deadline of the first one that still has time. */
function firstOpen(
  jobs: Iterable<Job>,
  now: number,
  giveUp: (job: Job) => void,
): number | undefined {
  for (const job of jobs) {
    if (job.settled) continue;
    if (job.endsAt > now) return job.endsAt;
    giveUp(job);
  }
  return undefined;
}
