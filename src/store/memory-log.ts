/**
 * A log in memory: for tests and for registries that may forget.
 *
 * Invariant: `transact` decides, appends and applies in one synchronous step, so calls never overlap.
 */
import type { Decision, Fold, Log, StoredRecord } from "../registry/index.ts";
import { storeErrors } from "./errors.ts";

/** Options of {@link createMemoryLog}. */
export interface MemoryLogOptions {
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: () => number;
  /** Records that are there from the start; offsets must grow. Default none. */
  readonly records?: readonly StoredRecord[];
}

/** Makes a log that lives as long as its process. */
export function createMemoryLog(options: MemoryLogOptions = {}): Log {
  return new MemoryLog(options);
}

class MemoryLog implements Log {
  readonly #records: StoredRecord[];
  readonly #clock: () => number;
  #fold: Fold | undefined;
  #closed = false;

  constructor({ clock = Date.now, records = [] }: MemoryLogOptions) {
    this.#clock = clock;
    this.#records = [...records];
  }

  get end(): number {
    return (this.#records.at(-1)?.offset ?? -1) + 1;
  }

  async open(fold: Fold): Promise<void> {
    this.#fold = fold;
    for (const record of this.#records) fold.apply(record);
  }

  async transact<Result>(decide: () => Decision<Result>): Promise<Result> {
    if (this.#fold === undefined || this.#closed) throw storeErrors.create("STORE_NOT_OPEN");
    const { records, result } = decide();
    const timestamp = this.#clock();
    for (const { key, value } of records) {
      const stored = { key, value, offset: this.end, timestamp };
      this.#records.push(stored);
      this.#fold.apply(stored);
    }
    return result;
  }

  async barrier(): Promise<void> {}

  async *read(fromOffset = 0): AsyncIterable<StoredRecord> {
    for (const record of [...this.#records]) if (record.offset >= fromOffset) yield record;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
