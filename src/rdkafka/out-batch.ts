/** A batch of produced records over a per-message client, and its delivery report. */
import type { BatchReport, OutBatch, OutRecord } from "./binding.ts";
import type { FirstRecords } from "./first-records.ts";

/** What a batch needs from its client. */
export interface BatchOwner {
  /** Hands a record to the client's queue; false when there is no room. */
  produce(batch: PerMessageBatch, index: number, topic: string, record: OutRecord): boolean;
  /** The batch was sent and waits for reports. */
  sent(batch: PerMessageBatch): void;
  /** The batch was sent and has all its reports. */
  settled(batch: PerMessageBatch): void;
}

/** Records in a batch at most; keeps the memory of a report and the time of one loop turn small. */
export const BATCH_RECORDS_MAX = 1_000;

const PENDING = -2;
const FAILED = -1;

/** Produces at `add`, counts reports until all are in. */
export class PerMessageBatch implements OutBatch, BatchReport {
  readonly #owner: BatchOwner;
  readonly #topic: string;
  /** Which partitions of the topic the client has written to; undefined when that does not matter. */
  readonly first: FirstRecords | undefined;
  readonly #partitions: number[] = [];
  readonly #offsets: number[] = [];
  #errors: Map<number, Error> | undefined;
  #open = 0;
  #resolve: ((report: BatchReport) => void) | undefined;

  constructor(owner: BatchOwner, topic: string, first: FirstRecords | undefined) {
    this.#owner = owner;
    this.#topic = topic;
    this.first = first;
  }

  get length(): number {
    return this.#offsets.length;
  }

  add(record: OutRecord): boolean {
    const index = this.#offsets.length;
    if (index >= BATCH_RECORDS_MAX) return false;
    if (!this.#owner.produce(this, index, this.#topic, record)) return false;
    this.#partitions.push(record.partition);
    this.#offsets.push(PENDING);
    this.#open++;
    return true;
  }

  send(): Promise<BatchReport> {
    if (this.#open === 0) return Promise.resolve(this);
    this.#owner.sent(this);
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Takes the report of record `index`. */
  report(index: number, offset: number, error: Error | undefined): void {
    this.#offsets[index] = error === undefined ? offset : FAILED;
    if (error !== undefined) {
      this.#errors ??= new Map();
      this.#errors.set(index, error);
    }
    this.#open--;
    if (this.#open > 0 || this.#resolve === undefined) return;
    this.#owner.settled(this);
    this.#resolve(this);
  }

  partition(i: number): number {
    return this.#partitions[i] ?? FAILED;
  }

  offset(i: number): number {
    return this.#offsets[i] ?? FAILED;
  }

  error(i: number): Error | undefined {
    return this.#errors?.get(i);
  }

  get failed(): number {
    return this.#errors?.size ?? 0;
  }

  get firstError(): Error | undefined {
    if (this.#errors === undefined) return undefined;
    return this.#errors.get(Math.min(...this.#errors.keys()));
  }
}
