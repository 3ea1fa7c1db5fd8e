/**
 * One assigned partition: the records that wait for the handler, and how far it is done.
 *
 * Invariants:
 * - Records of a lane are handled one after another, in offset order.
 * - `done` is the offset after the last handled record; it never passes a record that is unfinished.
 * - A closed lane starts no record, and what it finishes after {@link Lane.abandon} does not count:
 *   a partition that comes back gets a new lane.
 */
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { LaneView } from "./record-work.ts";

/** A batch that several lanes read; given back when the last one is through with it. */
export class SharedBatch {
  readonly batch: RecordBatch;
  #users = 0;

  constructor(batch: RecordBatch) {
    this.batch = batch;
  }

  use(): void {
    this.#users++;
  }

  done(): void {
    this.#users--;
    if (this.#users === 0) this.batch.release();
  }
}

/** Records of one lane in one batch. */
export interface Segment {
  readonly shared: SharedBatch;
  /** Indexes of the lane's records in the batch. */
  readonly indexes: readonly number[];
}

/** Offset of a partition in which nothing was handled yet. */
export const NOTHING_DONE = -1;

/** The state of one assigned partition. */
export class Lane implements LaneView {
  readonly topic: string;
  readonly partition: number;
  readonly #controller = new AbortController();
  readonly #closing = new AbortController();
  #segments: Segment[] = [];
  /** Records that wait, the one in hand included. */
  pending = 0;
  #done = NOTHING_DONE;
  /** The last offset that was handed to the client for committing. */
  stored = NOTHING_DONE;
  /** Paused at the client because too much waits here. */
  isPaused = false;
  /** The work waits before it tries again. */
  waiting: "retry" | "outage" | undefined;
  /** The handling under way; undefined while nothing runs. */
  running: Promise<void> | undefined;
  #closed = false;
  #abandoned = false;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** For the handler: aborted by {@link Lane.abandon}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** For what waits before a handler is called: aborted by {@link Lane.close}. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** No record may be started. */
  get closed(): boolean {
    return this.#closed;
  }

  get done(): number {
    return this.#done;
  }

  add(segment: Segment): void {
    segment.shared.use();
    this.#segments.push(segment);
    this.pending += segment.indexes.length;
  }

  paused(until: "retry" | "outage", on: boolean): void {
    this.waiting = on ? until : undefined;
  }

  /** The oldest records that wait. */
  take(): Segment | undefined {
    return this.closed ? undefined : this.#segments[0];
  }

  /** The oldest segment is handled. */
  finished(): void {
    this.#segments.shift()?.shared.done();
  }

  /** A record is handled. */
  handled(offset: number): void {
    this.pending--;
    if (!this.#abandoned) this.#done = offset + 1;
  }

  /** Starts nothing more and forgets what waits; the record in hand goes on. */
  close(): void {
    this.#closed = true;
    this.#closing.abort();
    // The first segment is given back by whoever works on it.
    const kept = this.running === undefined ? 0 : 1;
    for (const segment of this.#segments.splice(kept)) segment.shared.done();
    this.pending = 0;
  }

  /** Ends a closed lane for good: its handler is told, and whatever it still does does not count. */
  abandon(): void {
    this.#abandoned = true;
    this.#controller.abort();
  }
}
