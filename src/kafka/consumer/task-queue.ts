/**
 * Which of a partition's waiting records may start. Pure.
 *
 * Invariants: tasks start in the order of their offsets as far as the order demands it (all of them
 * by partition, those of one key by key); by partition one task is under way at most, by key one for
 * each key; a task without a key waits for none.
 */

import { Fifo } from "./fifo.ts";

/** What has to stay in order: the records of a partition, those of a key, or nothing. */
export type Order = "partition" | "key" | "none";

/** What the queue has to know of a task. */
export interface Keyed {
  /** The bytes of the record's key, one character for each; undefined when it has none. */
  readonly key: string | undefined;
}

/** Records that wait. */
export interface TaskQueue<T extends Keyed> {
  push(task: T): void;
  /** The next task that may start now; it is under way until {@link TaskQueue.ended}. */
  take(): T | undefined;
  /** Whether {@link TaskQueue.take} would give one. */
  readonly canTake: boolean;
  ended(task: T): void;
  /** The task behind the one just taken, to be handled together with it, when it fits. */
  takeAlong(fits: (task: T) => boolean): T | undefined;
  /** Gives back what was taken along and not handled: it is next. */
  putBack(tasks: readonly T[]): void;
  /** Empties the queue and gives back what waited in it. */
  clear(): T[];
}

/** The queue for an order. */
export function createTaskQueue<T extends Keyed>(order: Order): TaskQueue<T> {
  return order === "key" ? new KeyQueue() : new FifoQueue(order === "partition" ? 1 : Infinity);
}

class FifoQueue<T extends Keyed> implements TaskQueue<T> {
  readonly #waiting = new Fifo<T>();
  readonly #limit: number;
  #underWay = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get canTake(): boolean {
    return this.#underWay < this.#limit && this.#waiting.length > 0;
  }

  push(task: T): void {
    this.#waiting.push(task);
  }

  take(): T | undefined {
    if (!this.canTake) return undefined;
    this.#underWay++;
    return this.#waiting.shift();
  }

  ended(): void {
    this.#underWay--;
  }

  takeAlong(fits: (task: T) => boolean): T | undefined {
    const task = this.#waiting.peek();
    return task !== undefined && fits(task) ? this.#waiting.shift() : undefined;
  }

  putBack(tasks: readonly T[]): void {
    this.#waiting.unshift(tasks);
  }

  clear(): T[] {
    return this.#waiting.clear();
  }
}

class KeyQueue<T extends Keyed> implements TaskQueue<T> {
  readonly #ready = new Fifo<T>();
  /** For each key with a task that is ready or under way: the tasks behind that one. */
  readonly #behind = new Map<string, Fifo<T> | undefined>();

  get canTake(): boolean {
    return this.#ready.length > 0;
  }

  push(task: T): void {
    const { key } = task;
    if (key === undefined || !this.#behind.has(key)) {
      if (key !== undefined) this.#behind.set(key, undefined);
      this.#ready.push(task);
      return;
    }
    const behind = this.#behind.get(key) ?? new Fifo<T>();
    this.#behind.set(key, behind);
    behind.push(task);
  }

  take(): T | undefined {
    return this.#ready.shift();
  }

  ended({ key }: T): void {
    if (key === undefined) return;
    const following = this.#behind.get(key)?.shift();
    if (following === undefined) this.#behind.delete(key);
    else this.#ready.push(following);
  }

  takeAlong(): undefined {
    return undefined;
  }

  putBack(tasks: readonly T[]): void {
    this.#ready.unshift(tasks);
  }

  clear(): T[] {
    const waiting = this.#ready.clear();
    for (const [key, behind] of this.#behind) {
      if (behind !== undefined) waiting.push(...behind.clear());
      this.#behind.set(key, undefined);
    }
    return waiting;
  }
}
