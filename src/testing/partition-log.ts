/**
 * The records of one partition.
 *
 * Invariants: offsets grow by one with every record and every marker of a transaction, and are never
 * given twice; a reader sees records in the order of their offsets, none behind one that is not there
 * yet (delayed, or of an open transaction), and none of an aborted transaction.
 */
import type { HeaderPair } from "../rdkafka/index.ts";

/** How a transaction stands; shared by its records. */
export interface TransactionState {
  outcome: "open" | "committed" | "aborted";
}

/** What is written. */
export interface NewRecord {
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly HeaderPair[];
  /** When readers may see it, by the cluster's clock. */
  readonly visibleAt: number;
  readonly transaction?: TransactionState | undefined;
}

/** A record in its place. */
export interface StoredRecord extends NewRecord {
  readonly offset: number;
}

/** What an object and its buffers take beside their bytes, about. */
const OBJECT_BYTES = 200;

/** What a record takes in memory, about. */
export function sizeOf({ key, value, headers }: StoredRecord): number {
  let bytes = OBJECT_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, text] of headers) bytes += OBJECT_BYTES + name.length + (text?.length ?? 0);
  return bytes;
}

/** One partition. */
export class PartitionLog {
  readonly #records: StoredRecord[] = [];
  #next = 0;

  /** The offset of the first record. */
  get low(): number {
    return 0;
  }

  /** The offset of the next record. */
  get high(): number {
    return this.#next;
  }

  /** Appends a record and returns its offset. */
  append(record: NewRecord): number {
    this.#records.push({ ...record, offset: this.#next });
    return this.#next++;
  }

  /** Ends a transaction: the marker takes an offset and is no record. */
  mark(): void {
    this.#next++;
  }

  /** Up to where a reader at `from` may read: the first offset that is not to be seen yet. */
  visibleEnd(from: number, now: number): number {
    for (let i = this.#indexOf(from); i < this.#records.length; i++) {
      const record = this.#records[i] as StoredRecord;
      if (record.visibleAt > now || isOpen(record)) return record.offset;
    }
    return this.#next;
  }

  /** The records from an offset on that a reader sees at this time. */
  *read(from: number, now: number): Generator<StoredRecord> {
    for (let i = this.#indexOf(from); i < this.#records.length; i++) {
      const record = this.#records[i] as StoredRecord;
      if (record.visibleAt > now || isOpen(record)) return;
      if (record.transaction?.outcome !== "aborted") yield record;
    }
  }

  /** Everything that was written and not aborted. */
  all(): readonly StoredRecord[] {
    return this.#records.filter(({ transaction }) => transaction?.outcome !== "aborted");
  }

  /** The offset of the first record that is not older; -1 when there is none. */
  offsetAt(time: number): number {
    return this.#records.find(({ timestamp }) => timestamp >= time)?.offset ?? -1;
  }

  /** The place of the first record at an offset or behind it. */
  #indexOf(offset: number): number {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#records[middle] as StoredRecord).offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isOpen({ transaction }: StoredRecord): boolean {
  return transaction?.outcome === "open";
}
