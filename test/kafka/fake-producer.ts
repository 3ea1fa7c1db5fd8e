/** A producer binding in memory: it reports, has room and answers only when it is told to. */
import type {
  BatchReport,
  OutBatch,
  OutRecord,
  ProducerBinding,
  TopicMetadata,
} from "../../src/rdkafka/index.ts";
import { rdkafkaErrors } from "../../src/rdkafka/index.ts";

/** A record as it would go out. */
export interface SentRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string])[] | undefined;
  readonly timestamp: number | undefined;
}

class FakeBatch implements OutBatch, BatchReport {
  readonly #owner: FakeProducer;
  readonly partitions: number[] = [];
  #error: Error | undefined;

  constructor(owner: FakeProducer) {
    this.#owner = owner;
  }

  get length(): number {
    return this.partitions.length;
  }

  add(record: OutRecord): boolean {
    if (!this.#owner.take(record)) return false;
    this.partitions.push(record.partition);
    return true;
  }

  send(): Promise<BatchReport> {
    return new Promise((resolve) => {
      this.#owner.unreported.push((error) => {
        this.#error = error;
        this.#owner.inFlight -= this.length;
        resolve(this);
      });
      if (this.#owner.answers) this.#owner.reportAll();
    });
  }

  partition(i: number): number {
    return this.partitions[i] ?? -1;
  }

  offset(i: number): number {
    return this.#error === undefined ? i : -1;
  }

  error(): Error | undefined {
    return this.#error;
  }

  get failed(): number {
    return this.#error === undefined ? 0 : this.length;
  }

  get firstError(): Error | undefined {
    return this.#error;
  }
}

export class FakeProducer implements ProducerBinding {
  readonly sent: SentRecord[] = [];
  unreported: ((error: Error | undefined) => void)[] = [];
  inFlight = 0;
  /** Records without a report at most. */
  roomFor = Number.POSITIVE_INFINITY;
  /** Whether reports and look-ups are answered at once. */
  answers = true;
  partitions = 4;
  lookUps = 0;
  closed = false;
  trouble: (error: Error) => void = () => {};
  #roomWaiters: (() => void)[] = [];
  #lookUpWaiters: (() => void)[] = [];

  take(record: OutRecord): boolean {
    if (this.closed) throw rdkafkaErrors.create("RDKAFKA_CLOSED", { action: "producing" });
    if (this.inFlight >= this.roomFor) return false;
    const bytes = (source: OutRecord["value"]): string | null => {
      if (typeof source !== "function") return source === null ? null : source.toString();
      const buffer = Buffer.alloc(4_096);
      return buffer.subarray(0, source(buffer, 0)).toString();
    };
    const { partition, headers, timestamp } = record;
    this.sent.push({
      partition,
      key: bytes(record.key),
      value: bytes(record.value),
      headers,
      timestamp,
    });
    this.inFlight++;
    return true;
  }

  begin(): OutBatch {
    return new FakeBatch(this);
  }

  room(): Promise<void> | undefined {
    if (this.inFlight < this.roomFor) return undefined;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Reports everything that is in flight. */
  reportAll(error?: Error): void {
    for (const report of this.unreported.splice(0)) report(error);
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }

  /** Answers look-ups again. */
  answerLookUps(): void {
    this.answers = true;
    for (const resolve of this.#lookUpWaiters.splice(0)) resolve();
  }

  async topic(name: string): Promise<TopicMetadata> {
    this.lookUps++;
    if (!this.answers) await new Promise<void>((resolve) => this.#lookUpWaiters.push(resolve));
    const partitions = Array.from({ length: this.partitions }, (_, id) => ({
      id,
      leader: 1,
      replicas: [1],
      inSync: [1],
    }));
    return { name, partitions };
  }

  flush(): Promise<void> {
    if (this.unreported.length === 0) return Promise.resolve();
    return new Promise(() => {});
  }

  close(timeoutMs: number): Promise<void> {
    this.closed = true;
    const pending = this.inFlight;
    if (pending === 0) return Promise.resolve();
    return Promise.reject(rdkafkaErrors.create("RDKAFKA_CLOSE_TIMEOUT", { timeoutMs, pending }));
  }

  onTrouble(listener: (error: Error) => void): void {
    this.trouble = listener;
  }

  brokers(): Promise<string[]> {
    return Promise.resolve([]);
  }

  topics(): Promise<TopicMetadata[]> {
    return Promise.resolve([]);
  }

  watermarks(): Promise<{ low: number; high: number }> {
    return Promise.resolve({ low: 0, high: 0 });
  }
}
