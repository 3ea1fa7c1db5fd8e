/**
 * A consumer binding in memory, driven by a seed: it rebalances, fails commits and hands out records
 * as it likes, and it remembers what it was told. What is stored is committed at a revoke and on
 * leaving, also when it is older than what was committed, as the client does it.
 */
import { setImmediate } from "node:timers/promises";
import type {
  ConsumerBinding,
  NextOptions,
  RebalanceEvent,
  RecordBatch,
  TopicPartition,
  TopicPartitionOffset,
} from "../../src/rdkafka/index.ts";
import { rdkafkaErrors } from "../../src/rdkafka/index.ts";

export const TOPIC = "numbers";

export interface FakeOptions {
  readonly random: () => number;
  readonly partitions: number;
  readonly records: number;
  /** Chance of a rebalance in a turn. */
  readonly rebalances: number;
  /** Chance that a commit fails with "illegal generation". */
  readonly commitFailures: number;
  /** Looks at every offset that is stored or committed. */
  readonly onProgress: (offset: TopicPartitionOffset) => void;
}

export class FakeConsumer implements ConsumerBinding {
  readonly #options: FakeOptions;
  readonly committed_: number[];
  readonly #stored: number[];
  readonly #positions: number[];
  readonly #assigned = new Set<number>();
  readonly #paused = new Set<number>();
  #events: RebalanceEvent[] = [];
  #open: RebalanceEvent | undefined;
  /** Makes the next call fail. */
  failNext: Error | undefined;
  closed = false;
  outstanding = 0;
  pauses = 0;
  /** Makes so many commits fail, on top of the random ones. */
  failCommits = 0;
  /** Hands out at most this many records a call. */
  batchMax = 5;
  values: (partition: number, offset: number) => Buffer | null = (partition, offset) =>
    Buffer.from(`${partition}:${offset}`);

  constructor(options: FakeOptions) {
    this.#options = options;
    const zeros = (): number[] => new Array<number>(options.partitions).fill(0);
    this.committed_ = zeros();
    this.#stored = zeros();
    this.#positions = zeros();
  }

  subscribe(): void {
    const partitions = this.#committedPartitions();
    this.#announce({ kind: "assign", partitions });
  }

  async next({ maxMessages }: NextOptions): Promise<RecordBatch> {
    if (this.outstanding > 0) throw new Error("two calls of next() at once");
    if (this.closed) throw new Error("next() after close()");
    this.outstanding++;
    await setImmediate();
    this.outstanding--;
    if (this.failNext !== undefined) throw this.failNext;
    const { random, rebalances } = this.#options;
    const fetched: { partition: number; offset: number }[] = [];
    const max = Math.min(maxMessages, this.batchMax);
    for (const partition of this.#assigned) {
      if (this.#paused.has(partition) || this.#isRevoked(partition)) continue;
      for (let n = Math.floor(random() * max); n > 0 && fetched.length < max; n--) {
        const offset = this.#positions[partition] as number;
        if (offset >= this.#options.records) break;
        this.#positions[partition] = offset + 1;
        fetched.push({ partition, offset });
      }
    }
    if (this.#open === undefined && random() < rebalances) this.#rebalance();
    return batchOf(fetched, this.values);
  }

  takeEvents(): RebalanceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  answer(event: RebalanceEvent): void {
    if (event !== this.#open) throw new Error("answers something that was not asked");
    this.#open = undefined;
    for (const { partition } of event.partitions) {
      if (event.kind === "assign") {
        this.#assigned.add(partition);
        this.#positions[partition] = this.committed_[partition] as number;
        this.#stored[partition] = this.committed_[partition] as number;
      } else {
        if (this.#paused.has(partition)) throw new Error("revoked while paused");
        this.#assigned.delete(partition);
        this.#commitOne(partition, this.#stored[partition] as number);
      }
    }
    // The second half of a cooperative rebalance.
    if (event.kind === "revoke") this.#announce({ kind: "assign", partitions: this.#missing() });
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.pauses++;
    for (const { partition } of partitions) this.#paused.add(partition);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) this.#paused.delete(partition);
  }

  storeOffsets(offsets: readonly TopicPartitionOffset[]): boolean {
    for (const one of offsets) {
      if (!this.#assigned.has(one.partition)) throw new Error("stores what is not assigned");
      if (one.offset <= (this.#stored[one.partition] as number))
        throw new Error("stores backwards");
      this.#options.onProgress(one);
      this.#stored[one.partition] = one.offset;
    }
    return true;
  }

  async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    await setImmediate();
    const fails = this.failCommits > 0 || this.#options.random() < this.#options.commitFailures;
    this.failCommits--;
    if (fails) {
      const details = { action: "the commit", reason: "illegal generation", kafkaCode: 22 };
      throw rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", details);
    }
    for (const one of offsets) {
      this.#options.onProgress(one);
      this.#commitOne(one.partition, one.offset);
    }
  }

  committed(): Promise<TopicPartitionOffset[]> {
    return Promise.resolve([]);
  }

  close(): Promise<boolean> {
    this.closed = true;
    for (const partition of this.#assigned) {
      this.#commitOne(partition, this.#stored[partition] as number);
    }
    return Promise.resolve(true);
  }

  brokers = () => Promise.resolve([]);
  topic = () => Promise.resolve(undefined);
  topics = () => Promise.resolve([]);
  watermarks = () => Promise.resolve({ low: 0, high: this.#options.records });

  /** Takes these partitions away in the next turn. */
  revoke(...partitions: readonly number[]): void {
    this.#announce({
      kind: "revoke",
      partitions: partitions.map((partition) => ({ topic: TOPIC, partition })),
    });
  }

  #rebalance(): void {
    const gone = [...this.#assigned].filter(() => this.#options.random() < 0.5);
    if (gone.length > 0) this.revoke(...gone);
  }

  #announce(event: RebalanceEvent): void {
    this.#open = event;
    this.#events.push(event);
  }

  #isRevoked(partition: number): boolean {
    const open = this.#open;
    return open?.kind === "revoke" && open.partitions.some((one) => one.partition === partition);
  }

  #missing(): TopicPartition[] {
    return this.#committedPartitions().filter(({ partition }) => !this.#assigned.has(partition));
  }

  #committedPartitions(): TopicPartition[] {
    return this.committed_.map((_, partition) => ({ topic: TOPIC, partition }));
  }

  #commitOne(partition: number, offset: number): void {
    const before = this.committed_[partition] as number;
    if (offset < before) throw new Error(`commits ${partition} backwards`);
    this.committed_[partition] = offset;
  }
}

/** A batch of records whose keys are null. */
export function batchOf(
  records: readonly { partition: number; offset: number }[],
  values: (partition: number, offset: number) => Buffer | null,
): RecordBatch & { released: number } {
  const partitions = [...new Set(records.map(({ partition }) => partition))];
  const bytes = records.map(({ partition, offset }) => values(partition, offset));
  const nothing = Buffer.alloc(0);
  return {
    released: 0,
    length: records.length,
    sources: partitions.map((partition) => ({ topic: TOPIC, partition })),
    source: (i) => partitions.indexOf(records[i]?.partition ?? -1),
    offset: (i) => records[i]?.offset ?? -1,
    timestamp: () => -1,
    keyBuf: () => nothing,
    keyStart: () => -1,
    keyEnd: () => 0,
    valueBuf: (i) => bytes[i] ?? nothing,
    valueStart: (i) => (bytes[i] === null ? -1 : 0),
    valueEnd: (i) => bytes[i]?.length ?? 0,
    headers: () => [],
    release() {
      this.released++;
    },
  };
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
