/**
 * A consumer binding in memory, driven by a seed: it rebalances, fails commits and hands out records
 * as it likes, and it remembers what it was told. What is stored is committed at a revoke and on
 * leaving, also when it is older than what was committed, as the client does it.
 */
import { setImmediate } from "node:timers/promises";
import { Observer } from "../../src/kafka/consumer/observer.ts";
import type { KafkaHooks } from "../../src/kafka/contract/index.ts";
import { HookCaller } from "../../src/kafka/contract/index.ts";
import type {
  ClientReport,
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
  /** The key of a record; null when it has none. */
  readonly keys?: (partition: number, offset: number) => Buffer | null;
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
  readonly #hasCommit: boolean[];
  #events: RebalanceEvent[] = [];
  #reports: ClientReport[] = [];
  #open: RebalanceEvent | undefined;
  /** Makes the next call fail. */
  failNext: Error | undefined;
  closed = false;
  fetches = 0;
  longestWaitMs = 0;
  /** What closing was given. */
  closeTimeoutMs = -1;
  outstanding = 0;
  pauses = 0;
  /** Makes so many commits fail, on top of the random ones. */
  failCommits = 0;
  /** Says when a partition was read to its end. */
  reportsEnds = false;
  /** Offsets at the end of each partition that are no records. */
  markers = 0;
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
    this.#hasCommit = new Array<boolean>(options.partitions).fill(false);
  }

  subscribe(): void {
    const partitions = this.#committedPartitions();
    this.#announce({ kind: "assign", partitions });
  }

  async next({ maxMessages, waitMs }: NextOptions): Promise<RecordBatch> {
    this.fetches++;
    this.longestWaitMs = Math.max(this.longestWaitMs, waitMs);
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
    const ends = this.reportsEnds ? this.#ends() : [];
    return batchOf(fetched, this.values, { keys: this.#options.keys ?? (() => null), ends });
  }

  takeReports(): ClientReport[] {
    return this.#reports.splice(0);
  }

  /** Makes the client report something. */
  report(report: ClientReport): void {
    this.#reports.push(report);
  }

  takeEvents(): RebalanceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  answer(event: RebalanceEvent, starts: readonly TopicPartitionOffset[] = []): void {
    if (event !== this.#open) throw new Error("answers something that was not asked");
    this.#open = undefined;
    for (const { partition } of event.partitions) {
      if (event.kind === "assign") {
        this.#assigned.add(partition);
        const start = starts.find((one) => one.partition === partition)?.offset;
        this.#positions[partition] = start ?? (this.committed_[partition] as number);
        this.#stored[partition] = this.committed_[partition] as number;
      } else {
        if (this.#paused.has(partition)) throw new Error("revoked while paused");
        this.#assigned.delete(partition);
        this.#commitStored(partition);
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
      if (one.offset < (this.#stored[one.partition] as number)) throw new Error("stores backwards");
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

  committed(partitions: readonly TopicPartition[]): Promise<TopicPartitionOffset[]> {
    const offsetOf = (partition: number): number =>
      this.#hasCommit[partition] === true ? (this.committed_[partition] as number) : -1;
    return Promise.resolve(partitions.map((one) => ({ ...one, offset: offsetOf(one.partition) })));
  }

  offsetsAt(partitions: readonly TopicPartition[], time: number): Promise<TopicPartitionOffset[]> {
    // Records are as old as their offsets say.
    const offset = time < this.#options.records ? time : -1;
    return Promise.resolve(partitions.map((one) => ({ ...one, offset })));
  }

  seek({ partition, offset }: TopicPartitionOffset): Promise<void> {
    this.#positions[partition] = offset;
    this.#stored[partition] = -1;
    this.committed_[partition] = -1;
    return Promise.resolve();
  }

  close(timeoutMs: number): Promise<boolean> {
    this.closed = true;
    this.closeTimeoutMs = timeoutMs;
    for (const partition of this.#assigned) {
      this.#commitStored(partition);
    }
    return Promise.resolve(true);
  }

  brokers = () => Promise.resolve([]);
  topic = (name: string) =>
    Promise.resolve({
      name,
      partitions: this.committed_.map((_, id) => ({ id, leader: 1, replicas: [1], inSync: [1] })),
    });
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

  #commitStored(partition: number): void {
    if (this.#stored[partition] !== -1)
      this.#commitOne(partition, this.#stored[partition] as number);
  }

  /** The end of every partition that is read to it. */
  #ends(): TopicPartitionOffset[] {
    const { records } = this.#options;
    return [...this.#assigned]
      .filter((partition) => (this.#positions[partition] as number) >= records)
      .map((partition) => ({ topic: TOPIC, partition, offset: records + this.markers }));
  }

  #commitOne(partition: number, offset: number): void {
    this.#hasCommit[partition] = true;
    const before = this.committed_[partition] as number;
    if (offset < before) throw new Error(`commits ${partition} backwards`);
    this.committed_[partition] = offset;
  }
}

/** An observer that tells these hooks. */
export function observerOf(...hooks: readonly KafkaHooks[]): Observer {
  const caller = new HookCaller(hooks, { kind: "consumer", clientId: "c", group: "g" });
  return new Observer(caller, ["b:1"], {
    brokers: () => Promise.resolve([]),
    lag: () => Promise.resolve([]),
  });
}

/** What a batch has beside its values. */
export interface BatchParts {
  readonly keys?: (partition: number, offset: number) => Buffer | null;
  readonly ends?: readonly TopicPartitionOffset[];
}

/** A batch of records; keys are null unless said otherwise. */
export function batchOf(
  records: readonly { partition: number; offset: number }[],
  values: (partition: number, offset: number) => Buffer | null,
  { keys = () => null, ends = [] }: BatchParts = {},
): RecordBatch & { released: number; dropped: number[] } {
  const partitions = [...new Set(records.map(({ partition }) => partition))];
  const bytes = records.map(({ partition, offset }) => values(partition, offset));
  const keyBytes = records.map(({ partition, offset }) => keys(partition, offset));
  const nothing = Buffer.alloc(0);
  return {
    released: 0,
    dropped: [],
    length: records.length,
    sources: partitions.map((partition) => ({ topic: TOPIC, partition })),
    source: (i) => partitions.indexOf(records[i]?.partition ?? -1),
    offset: (i) => records[i]?.offset ?? -1,
    timestamp: () => -1,
    keyBuf: (i) => keyBytes[i] ?? nothing,
    keyStart: (i) => (keyBytes[i] == null ? -1 : 0),
    keyEnd: (i) => keyBytes[i]?.length ?? 0,
    valueBuf: (i) => bytes[i] ?? nothing,
    valueStart: (i) => (bytes[i] === null ? -1 : 0),
    valueEnd: (i) => bytes[i]?.length ?? 0,
    headers: () => [],
    bytes: (i) => bytes[i]?.length ?? 0,
    ends,
    drop(i) {
      this.dropped.push(i);
    },
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
