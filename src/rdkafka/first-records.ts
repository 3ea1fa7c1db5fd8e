/**
 * Lets the first record of a partition go alone, until the broker has taken it.
 *
 * A broker knows an idempotent producer in a partition from the first batch that it appended there.
 * Before that it takes a batch with any sequence number. When it refuses the first batch for a moment
 * (the partition's leader is just taking over, or the topic is just being created) and takes the
 * second one, which is already under way, librdkafka concludes that the first one was appended too: it
 * reports success, without an offset, for records that no broker has. With nothing behind the first
 * record that can't happen, and afterwards the broker refuses what is out of sequence.
 *
 * Invariants:
 * - A partition with its first record under way takes no second one, unless waiting was given up.
 * - Waiting ends: a partition without an answer must not hold up the others of its topic, so a topic
 *   with such a partition waits no more. What can happen then is found in the reports.
 */

/** The first record of the partition is with the client; since when is in `#since`. */
const ALONE = 1;
const WRITTEN = 2;

/** How long records wait for the first one of their partition, in milliseconds. */
export const PATIENCE_MS = 1_000;

/** The partitions of one topic, as far as one producer has written to them. */
export class FirstRecords {
  readonly #states: (typeof ALONE | typeof WRITTEN | undefined)[] = [];
  readonly #since: number[] = [];
  readonly #now: () => number;
  #waits = true;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether a record for the partition may be handed to the client now. */
  admits(partition: number): boolean {
    if (!this.#waits || this.#states[partition] !== ALONE) return true;
    if (this.#now() - (this.#since[partition] ?? 0) < PATIENCE_MS) return false;
    this.#waits = false;
    return true;
  }

  /** A record was handed to the client. */
  went(partition: number): void {
    if (this.#states[partition] !== undefined) return;
    this.#states[partition] = ALONE;
    this.#since[partition] = this.#now();
  }

  /**
   * A record was reported; `written` when the broker said at which offset.
   *
   * @returns whether records that were not admitted may be now.
   */
  reported(partition: number, written: boolean): boolean {
    if (this.#states[partition] !== ALONE) return false;
    this.#states[partition] = written ? WRITTEN : undefined;
    return true;
  }
}
