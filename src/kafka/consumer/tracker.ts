/**
 * How far a partition is done when its records may finish in any order. Pure.
 *
 * Invariants:
 * - `next` never passes a record that was added and is not finished, and never goes back.
 * - Only offsets that were added count: those that compaction removed, and the markers of
 *   transactions, are never waited for.
 */

/** `next` of a partition in which nothing is done yet. */
export const NOTHING_DONE = -1;

/** Entries that are over are cut off in pieces of at least this size. */
const CUT_ENTRIES = 1_024;

/** Tracks the records of one partition, from receiving them to having finished them. */
export class Tracker {
  #offsets: number[] = [];
  #finished: boolean[] = [];
  /** The first entry that is not finished. */
  #head = 0;
  #last = NOTHING_DONE;
  #next = NOTHING_DONE;

  /** The offset to go on with: everything below it is done. {@link NOTHING_DONE} at first. */
  get next(): number {
    return this.#next;
  }

  /** Entries that are kept, for whoever watches the memory. */
  get entries(): number {
    return this.#offsets.length;
  }

  /** A record arrived. False when it, or a later one, had arrived before. */
  add(offset: number): boolean {
    return this.#push(offset, false);
  }

  /** A record that was added is done. */
  finish(offset: number): void {
    const at = this.#offsets[this.#head] === offset ? this.#head : this.#find(offset);
    this.#finished[at] = true;
    this.#advance();
  }

  /** Every record below this offset has arrived: what lies between is no record. */
  reached(offset: number): void {
    if (this.#push(offset - 1, true)) this.#advance();
  }

  #push(offset: number, finished: boolean): boolean {
    if (offset <= this.#last) return false;
    this.#last = offset;
    this.#offsets.push(offset);
    this.#finished.push(finished);
    return true;
  }

  #advance(): void {
    while (this.#finished[this.#head] === true) {
      this.#next = (this.#offsets[this.#head] as number) + 1;
      this.#head++;
    }
    if (this.#head < CUT_ENTRIES || this.#head * 2 < this.#offsets.length) return;
    this.#offsets = this.#offsets.slice(this.#head);
    this.#finished = this.#finished.slice(this.#head);
    this.#head = 0;
  }

  #find(offset: number): number {
    let low = this.#head;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    if (this.#offsets[low] !== offset) throw new Error(`offset ${offset} is not open`);
    return low;
  }
}
