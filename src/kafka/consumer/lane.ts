/**
 * One assigned partition: the records that wait for the handler, and how far it is done.
 *
 * Invariants:
 * - Records start in the order that was chosen; see `task-queue.ts`.
 * - `done` never passes a record that is unfinished; see `tracker.ts`.
 * - A closed lane starts no record, and what it finishes after {@link Lane.abandon} does not count:
 *   a partition that comes back gets a new lane.
 * - A record's bytes count from its arrival until it is finished or dropped.
 */
import { setMaxListeners } from "node:events";
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { Deferred } from "../contract/index.ts";
import { deferred } from "../contract/index.ts";
import type { Order, TaskQueue } from "./task-queue.ts";
import { createTaskQueue } from "./task-queue.ts";
import { NOTHING_DONE, Tracker } from "./tracker.ts";
import type { LaneView } from "./work.ts";

/** A batch that several lanes read; given back when the last record of it is done with. */
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

/** One record that waits, or is under way. */
export interface Task {
  readonly shared: SharedBatch;
  /** Its index in the batch. */
  readonly i: number;
  readonly offset: number;
  readonly bytes: number;
  readonly key: string | undefined;
}

/** What a lane reports. */
export interface LaneEvents {
  /** Its work waits before it tries again, or goes on. */
  waiting(lane: Lane, until: "retry" | "outage", on: boolean): void;
}

/** The state of one assigned partition. */
export class Lane implements LaneView {
  readonly topic: string;
  readonly partition: number;
  readonly #events: LaneEvents;
  readonly #order: Order;
  readonly #controller = new AbortController();
  readonly #closing = new AbortController();
  readonly #tasks: TaskQueue<Task>;
  readonly #tracker = new Tracker();
  #pending = 0;
  #bytes = 0;
  #underWay = 0;
  #closed = false;
  #abandoned = false;
  #idle: Deferred | undefined;
  /** The last offset that was handed to the client for committing. */
  stored = NOTHING_DONE;
  /** The last offset that the broker is known to have. */
  committed = NOTHING_DONE;
  /** Why the client does not fetch this partition now. */
  pausedFor: "buffer" | "user" | "stop" | undefined;
  /** The scheduler will come to it. */
  isQueued = false;
  /** The user wants no record of it started. */
  isHeld = false;

  constructor(topic: string, partition: number, order: Order, events: LaneEvents) {
    this.topic = topic;
    this.partition = partition;
    this.#order = order;
    this.#events = events;
    this.#tasks = createTaskQueue(order);
    // As many as there are records under way that wait for something.
    setMaxListeners(0, this.#controller.signal, this.#closing.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  paused(until: "retry" | "outage", on: boolean): void {
    this.#events.waiting(this, until, on);
  }

  /** No record may be started. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Everything below this offset is done. */
  get done(): number {
    return this.#tracker.next;
  }

  /** Records that wait or are under way. */
  get pending(): number {
    return this.#pending;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records, or runs of them, under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** A record arrived. */
  add(shared: SharedBatch, i: number): void {
    const { batch } = shared;
    const offset = batch.offset(i);
    if (this.#closed || !this.#tracker.add(offset)) return;
    const bytes = batch.bytes(i);
    shared.use();
    this.#pending++;
    this.#bytes += bytes;
    const key = this.#order === "key" ? keyOf(batch, i) : undefined;
    this.#tasks.push({ shared, i, offset, bytes, key });
  }

  /** Every record below this offset has arrived. A closed lane took none in, so it counts none. */
  reached(offset: number): void {
    if (!this.#closed) this.#tracker.reached(offset);
  }

  /** Whether {@link Lane.take} would give a record. */
  get canTake(): boolean {
    return !this.#closed && !this.isHeld && this.#tasks.canTake;
  }

  /** The next record to start; it is under way until {@link Lane.ended}. */
  take(): Task | undefined {
    if (!this.canTake) return undefined;
    this.#underWay++;
    return this.#tasks.take();
  }

  /** Records of one batch to start together; under way until {@link Lane.endedRun}. */
  takeRun(): Task[] {
    const first = this.take();
    if (first === undefined) return [];
    const run = [first];
    const fits = ({ shared }: Task): boolean => shared === first.shared;
    for (let task = this.#tasks.takeAlong(fits); task; task = this.#tasks.takeAlong(fits)) {
      run.push(task);
    }
    return run;
  }

  /** A record that was under way is over. */
  ended(task: Task, outcome: "done" | "open"): void {
    this.#tasks.ended(task);
    this.#underWay--;
    if (outcome === "done" && !this.#abandoned) this.#tracker.finish(task.offset);
    this.#forget(task);
    if (this.#underWay === 0) this.#idle?.resolve();
  }

  /** A run is over: its first `done` records are done; the others are next, unless it is closed. */
  endedRun(run: readonly Task[], done: number): void {
    this.#tasks.ended(run[0] as Task);
    this.#underWay--;
    for (const task of run.slice(0, done)) {
      if (!this.#abandoned) this.#tracker.finish(task.offset);
      this.#forget(task);
    }
    const rest = run.slice(done);
    if (!this.#closed) this.#tasks.putBack(rest);
    else for (const task of rest) this.#forget(task);
    if (this.#underWay === 0) this.#idle?.resolve();
  }

  /** Undefined when nothing is under way; else resolves as soon as that is so. */
  idle(): Promise<void> | undefined {
    if (this.#underWay === 0) return undefined;
    this.#idle ??= deferred();
    return this.#idle.promise;
  }

  /** Starts nothing more and forgets what waits; the records in hand go on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const task of this.#tasks.clear()) this.#forget(task);
    this.#closing.abort();
  }

  /** Ends a closed lane for good: its handlers are told, and whatever they still do does not count. */
  abandon(): void {
    this.#abandoned = true;
    this.#controller.abort();
  }

  #forget({ shared, i, bytes }: Task): void {
    this.#pending--;
    this.#bytes -= bytes;
    shared.batch.drop(i);
    shared.done();
  }
}

function keyOf(batch: RecordBatch, i: number): string | undefined {
  const start = batch.keyStart(i);
  return start < 0 ? undefined : batch.keyBuf(i).toString("latin1", start, batch.keyEnd(i));
}
