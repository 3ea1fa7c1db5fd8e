/**
 * Gives records their turn: lanes in a ring, so that none waits for another one's work.
 *
 * Invariants:
 * - No more than `limit` records (or runs of them) are under way.
 * - Work never keeps the event loop for longer than a slice, however many records wait and whether
 *   or not handlers wait for anything: timers, signals and sockets get their turn in between.
 */
import { Fifo } from "./fifo.ts";
import { HandlerMark } from "./inside-handler.ts";
import type { Lane, Task } from "./lane.ts";
import type { BatchOutcome, BatchWork, Work } from "./work.ts";
import { LaneClosed } from "./work.ts";

/** What a scheduler reports. */
export interface SchedulerEvents {
  /** A lane's work failed; the lane is closed. */
  failed(error: unknown): void;
  /** Some work ended. */
  progress(): void;
}

/** How long records are handled before the event loop has its turn, in milliseconds. */
const SLICE_MS = 10;
/** So many records of one lane, then the next lane; for the caches of the processor. */
const BURST_RECORDS = 32;

/** Gives every lane with records its turn. */
export class Scheduler {
  readonly #limit: number;
  readonly #work: Work;
  readonly #events: SchedulerEvents;
  /** The ring: lanes whose turn comes, each one once. */
  readonly #ready = new Fifo<Lane>();
  #underWay = 0;
  #sliceEndsAt = 0;
  #pump: "idle" | "soon" | "next turn" = "idle";
  #isTurning = false;
  readonly #mark = new HandlerMark();
  /** A handler is being called right now. */
  #isCalling = false;

  constructor(limit: number, work: Work, events: SchedulerEvents) {
    this.#limit = limit;
    this.#work = work;
    this.#events = events;
  }

  /** Records, or runs of them, under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether the caller is, or is awaited by, a handler. */
  isInsideHandler(): boolean {
    return this.#isCalling || this.#mark.isOnStack();
  }

  /** A turn of the event loop has begun. */
  beginSlice(): void {
    this.#sliceEndsAt = performance.now() + SLICE_MS;
  }

  /** The lane may have records that can start. */
  wake(lane: Lane): void {
    if (!this.#enqueue(lane)) return;
    if (this.#pump !== "idle" || this.#underWay >= this.#limit) return;
    // Work starts when everything that was fetched is handed out.
    this.#pump = "soon";
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#pump = "idle";
    this.#isTurning = true;
    this.#startReady();
    this.#isTurning = false;
  }

  #startReady(): void {
    while (this.#underWay < this.#limit && this.#ready.length > 0) {
      if (performance.now() >= this.#sliceEndsAt) {
        this.#yield();
        return;
      }
      const lane = this.#ready.shift() as Lane;
      lane.isQueued = false;
      if (this.#work.together === undefined) this.#burst(lane);
      else this.#startRun(lane);
      // To the end of the ring, if it still has records.
      this.#enqueue(lane);
    }
  }

  /** False when the lane has nothing to start. */
  #enqueue(lane: Lane): boolean {
    if (!lane.canTake) return false;
    if (!lane.isQueued) this.#ready.push(lane);
    lane.isQueued = true;
    return true;
  }

  #yield(): void {
    this.#pump = "next turn";
    setImmediate(() => {
      this.beginSlice();
      this.#turn();
    });
  }

  /** Handles records of a lane until one waits, the burst is over, or the slice. */
  #burst(lane: Lane): void {
    for (let left = BURST_RECORDS; left > 0; left--) {
      const task = this.#underWay < this.#limit ? lane.take() : undefined;
      if (task === undefined) return;
      this.#start(lane, task);
      if (performance.now() >= this.#sliceEndsAt) return;
    }
  }

  #start(lane: Lane, task: Task): void {
    let working: Promise<void> | undefined;
    this.#underWay++;
    this.#isCalling = true;
    try {
      working = this.#work.each?.(task.shared.batch, task.i, lane);
    } catch (error) {
      this.#ended(lane, () => lane.ended(task, "open"), { error });
      return;
    } finally {
      this.#isCalling = false;
    }
    if (working === undefined) {
      this.#underWay--;
      lane.ended(task, "done");
      this.#events.progress();
      return;
    }
    void this.#mark.wait(
      working,
      () => this.#ended(lane, () => lane.ended(task, "done")),
      (error) => this.#ended(lane, () => lane.ended(task, "open"), { error }),
    );
  }

  #startRun(lane: Lane): void {
    const run = lane.takeRun();
    if (run.length === 0) return;
    this.#underWay++;
    void this.#mark.wait(
      this.#together(lane, run),
      ({ done, error }) => {
        const failure = error === undefined ? undefined : { error };
        this.#ended(lane, () => lane.endedRun(run, done), failure);
      },
      (error) => this.#ended(lane, () => lane.endedRun(run, 0), { error }),
    );
  }

  #together(lane: Lane, run: readonly Task[]): Promise<BatchOutcome> {
    const { batch } = (run[0] as Task).shared;
    const indexes = run.map(({ i }) => i);
    this.#isCalling = true;
    try {
      return (this.#work.together as BatchWork)(batch, indexes, lane);
    } finally {
      this.#isCalling = false;
    }
  }

  #ended(lane: Lane, count: () => void, failure?: { readonly error: unknown }): void {
    this.#underWay--;
    const isFailed = failure !== undefined && !(failure.error instanceof LaneClosed && lane.closed);
    // What is not done must not be started once more before everything has stopped.
    if (isFailed) lane.close();
    count();
    if (isFailed) this.#events.failed(failure.error);
    this.#enqueue(lane);
    this.#events.progress();
    // The next one starts at once, unless this one ended while records were being started.
    if (this.#pump === "idle" && !this.#isTurning) this.#turn();
  }
}
