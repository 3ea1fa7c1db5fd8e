/** A batch of records of a broker in memory. The log owns their bytes, so nothing has to be copied. */
import type {
  HeaderPair,
  RecordBatch,
  TopicPartition,
  TopicPartitionOffset,
} from "../rdkafka/index.ts";
import type { StoredRecord } from "./partition-log.ts";
import { sizeOf } from "./partition-log.ts";

const NOTHING = Buffer.alloc(0);

/** Records in the order in which they are handed out. */
export class MemoryBatch implements RecordBatch {
  readonly sources: TopicPartition[] = [];
  readonly ends: TopicPartitionOffset[] = [];
  readonly #records: StoredRecord[] = [];
  readonly #source: number[] = [];

  /** Adds a record of the source that was begun last. */
  add(record: StoredRecord): void {
    this.#records.push(record);
    this.#source.push(this.sources.length - 1);
  }

  get length(): number {
    return this.#records.length;
  }

  source(i: number): number {
    return this.#source[i] as number;
  }

  offset(i: number): number {
    return this.#at(i).offset;
  }

  timestamp(i: number): number {
    return this.#at(i).timestamp;
  }

  keyBuf(i: number): Buffer {
    return this.#at(i).key ?? NOTHING;
  }

  keyStart(i: number): number {
    return this.#at(i).key === null ? -1 : 0;
  }

  keyEnd(i: number): number {
    return this.keyBuf(i).length;
  }

  valueBuf(i: number): Buffer {
    return this.#at(i).value ?? NOTHING;
  }

  valueStart(i: number): number {
    return this.#at(i).value === null ? -1 : 0;
  }

  valueEnd(i: number): number {
    return this.valueBuf(i).length;
  }

  headers(i: number): readonly HeaderPair[] {
    return this.#at(i).headers;
  }

  bytes(i: number): number {
    return sizeOf(this.#at(i));
  }

  drop(): void {}

  release(): void {}

  #at(i: number): StoredRecord {
    return this.#records[i] as StoredRecord;
  }
}
