/**
 * First in, first out, without moving what is in it for each item that is taken. Pure.
 *
 * Invariant: it keeps nothing alive that was taken, and is never much larger than what waits in it.
 */

/** Entries that were taken are cut off in pieces of at least this size. */
const CUT_ENTRIES = 1_024;

/** A queue. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** Items that wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Entries that are kept, for whoever watches the memory. */
  get entries(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The next item, which stays. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the next item. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.length === 0) this.clear();
    else if (this.#head >= CUT_ENTRIES && this.#head * 2 >= this.#items.length) this.#keep();
    return item;
  }

  /** Puts items before all others. */
  unshift(items: readonly T[]): void {
    this.#items = [...items, ...this.clear()];
  }

  /** Empties it and gives back what waited. */
  clear(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return items;
  }

  #keep(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
