/**
 * A producer of a broker in memory.
 *
 * Invariants: the bytes of a record are copied before `add` returns; records of a batch are appended
 * in order when it is sent; a record that fails is not in the log; after a fatal failure nothing is
 * taken any more. Records of a transaction are seen when it is committed, never when it is aborted.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  BatchReport,
  ClusterQueries,
  HeaderPair,
  OutBatch,
  OutRecord,
  ProducerBinding,
  ProducerBindingOptions,
  TopicPartitionOffset,
  TransactionCalls,
} from "../rdkafka/index.ts";
import { KAFKA_CODES, nativeHeaders, rdkafkaErrors, Slab } from "../rdkafka/index.ts";
import type { MemoryCluster } from "./memory-cluster.ts";
import { MemoryConsumer } from "./memory-consumer.ts";
import type { MemoryGroup } from "./memory-group.ts";
import type { PartitionLog, TransactionState } from "./partition-log.ts";

/** librdkafka's default of `message.max.bytes`. */
const MESSAGE_BYTES_MAX = 1_000_000;
const MAX_IN_FLIGHT_DEFAULT = 20_000;
const BATCH_RECORDS_MAX = 1_000;
const INVALID_TRANSACTION_STATE = 48;
const FENCED = 90;

/** A record whose bytes are its own. */
interface OwnedRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly HeaderPair[];
  readonly timestamp: number | undefined;
}

interface OpenTransaction {
  readonly state: TransactionState;
  readonly logs: Set<PartitionLog>;
  readonly offsets: { readonly group: MemoryGroup; readonly of: readonly TopicPartitionOffset[] }[];
}

/** One producer. */
export class MemoryProducer implements ProducerBinding {
  readonly #cluster: MemoryCluster;
  readonly #maxInFlight: number;
  readonly #keys = new Slab();
  readonly #values = new Slab();
  readonly #sent = new Set<Promise<BatchReport>>();
  readonly #transactionalId: string | undefined;
  #transaction: OpenTransaction | undefined;
  #inFlight = 0;
  #roomWaiters: (() => void)[] = [];
  #fatal: Error | undefined;
  #isClosed = false;
  /** The calls of transactions; undefined without a transactional id. */
  readonly transactions: TransactionCalls | undefined;
  readonly brokers: ClusterQueries["brokers"];
  readonly topic: ClusterQueries["topic"];
  readonly topics: ClusterQueries["topics"];
  readonly watermarks: ClusterQueries["watermarks"];

  constructor(cluster: MemoryCluster, options: ProducerBindingOptions) {
    this.#cluster = cluster;
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT_DEFAULT;
    this.#transactionalId = options.transactional?.id;
    this.transactions = options.transactional && this.#makeTransactions();
    ({
      brokers: this.brokers,
      topic: this.topic,
      topics: this.topics,
      watermarks: this.watermarks,
    } = cluster.queries());
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  begin(topic: string): OutBatch {
    const records: OwnedRecord[] = [];
    return {
      get length() {
        return records.length;
      },
      add: (record) => {
        if (records.length >= BATCH_RECORDS_MAX || !this.#hasRoom()) return false;
        records.push(this.#own(topic, record));
        this.#inFlight++;
        return true;
      },
      send: () => {
        const sending: Promise<BatchReport> = this.#send(topic, records).finally(() => {
          this.#sent.delete(sending);
        });
        this.#sent.add(sending);
        return sending;
      },
    };
  }

  room(): Promise<void> | undefined {
    if (this.#hasRoom()) return undefined;
    return new Promise((resolve) => {
      this.#roomWaiters.push(resolve);
    });
  }

  async flush(timeoutMs: number): Promise<void> {
    if (await this.#settled(timeoutMs)) return;
    const details = { action: "the flush", reason: `no report within ${timeoutMs} ms` };
    throw rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", { ...details, kafkaCode: -185 });
  }

  async close(timeoutMs: number): Promise<void> {
    const isSettled = await this.#settled(timeoutMs);
    this.#isClosed = true;
    if (this.#transaction !== undefined) this.#end("aborted");
    if (isSettled) return;
    const pending = this.#inFlight;
    throw rdkafkaErrors.create("RDKAFKA_CLOSE_TIMEOUT", { timeoutMs, pending });
  }

  /** Another producer took the transactional id over. */
  fence(): void {
    if (this.#transaction !== undefined) this.#end("aborted");
    const reason = "another producer has the transactional id";
    const details = { action: "the transaction", reason, kafkaCode: FENCED };
    this.#fatal = rdkafkaErrors.create("RDKAFKA_FENCED", details);
  }

  #hasRoom(): boolean {
    return this.#inFlight < this.#maxInFlight;
  }

  /** False when time was over first. */
  async #settled(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), Math.min(timeoutMs, 2 ** 31 - 1));
    });
    const done = Promise.all(this.#sent).then(() => true);
    const result = await Promise.race([done, late]);
    clearTimeout(timer);
    return result;
  }

  #own(topic: string, record: OutRecord): OwnedRecord {
    this.#assertUsable("producing");
    const key = copyOf(this.#keys.bytes(record.key));
    const value = copyOf(this.#values.bytes(record.value));
    // Refuses what the native client refuses.
    nativeHeaders(record.headers ?? []);
    const headers = (record.headers ?? []).map(
      ([name, text]): HeaderPair => [name, Buffer.from(text)],
    );
    if ((key?.length ?? 0) + (value?.length ?? 0) > MESSAGE_BYTES_MAX) {
      const action = `a record for ${topic}/${record.partition}`;
      const reason = "Broker: Message size too large";
      const kafkaCode = KAFKA_CODES.messageTooLarge;
      throw rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", { action, reason, kafkaCode });
    }
    return { partition: record.partition, key, value, headers, timestamp: record.timestamp };
  }

  async #send(topic: string, records: readonly OwnedRecord[]): Promise<BatchReport> {
    const transaction = this.#transaction;
    await this.#cluster.faults.wait("produce");
    await nextTurn();
    const offsets: number[] = [];
    const errors = new Map<number, Error>();
    for (const [i, record] of records.entries()) {
      const error = this.#fault(topic, record);
      if (error !== undefined) errors.set(i, error);
      offsets.push(error === undefined ? this.#append(topic, record, transaction) : -1);
    }
    this.#inFlight -= records.length;
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
    this.#cluster.changed();
    return {
      length: records.length,
      partition: (i) => records[i]?.partition ?? -1,
      offset: (i) => offsets[i] ?? -1,
      error: (i) => errors.get(i),
      failed: errors.size,
      firstError: [...errors.values()][0],
    };
  }

  #fault(topic: string, { partition }: OwnedRecord): Error | undefined {
    const action = `delivery of a record to ${topic}/${partition}`;
    if (this.#fatal !== undefined) return this.#fatal;
    const fault = this.#cluster.faults.clusterError("produce", action, topic);
    if (fault?.code === "RDKAFKA_FATAL") this.#fatal = fault;
    if (fault !== undefined) return fault;
    if (this.#cluster.log({ topic, partition }) !== undefined) return undefined;
    const reason = "Local: Unknown partition";
    const kafkaCode = KAFKA_CODES.unknownPartition;
    return rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", { action, reason, kafkaCode });
  }

  #append(topic: string, record: OwnedRecord, transaction: OpenTransaction | undefined): number {
    const { partition, key, value, headers } = record;
    const { clock, faults } = this.#cluster;
    const log = this.#cluster.log({ topic, partition }) as PartitionLog;
    const delayMs = faults.delayOf("fetch");
    if (delayMs > 0) clock.after(delayMs, () => this.#cluster.changed());
    transaction?.logs.add(log);
    return log.append({
      timestamp: record.timestamp ?? Date.now(),
      key,
      value,
      headers,
      visibleAt: clock.now() + delayMs,
      transaction: transaction?.state,
    });
  }

  #makeTransactions(): TransactionCalls {
    const step = async (): Promise<void> => {
      await nextTurn();
      this.#assertUsable("the transaction");
    };
    return {
      init: async () => {
        await step();
        const id = this.#transactionalId as string;
        this.#cluster.transactionalIds.get(id)?.fence();
        this.#cluster.transactionalIds.set(id, this);
      },
      begin: async () => {
        await step();
        this.#transaction = { state: { outcome: "open" }, logs: new Set(), offsets: [] };
      },
      sendOffsets: async (offsets, consumer) => {
        await step();
        if (!(consumer instanceof MemoryConsumer)) throw notOpen("offsets of another cluster");
        this.#opened().offsets.push({ group: consumer.group, of: offsets });
      },
      commit: async () => {
        await Promise.all(this.#sent);
        await step();
        const fault = this.#cluster.faults.clusterError("commit", "committing a transaction");
        if (fault !== undefined) throw fault;
        this.#end("committed");
      },
      abort: async () => {
        await step();
        this.#end("aborted");
      },
    };
  }

  #opened(): OpenTransaction {
    if (this.#transaction === undefined) throw notOpen("no transaction is open");
    return this.#transaction;
  }

  #end(outcome: "committed" | "aborted"): void {
    const transaction = this.#opened();
    this.#transaction = undefined;
    transaction.state.outcome = outcome;
    for (const log of transaction.logs) log.mark();
    if (outcome === "committed") {
      for (const { group, of } of transaction.offsets) group.commit(of);
    }
    this.#cluster.changed();
  }

  #assertUsable(action: string): void {
    if (this.#isClosed) throw rdkafkaErrors.create("RDKAFKA_CLOSED", { action });
    if (this.#fatal !== undefined) throw this.#fatal;
  }
}

/** The slab is used again for the next record. */
function copyOf(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}

function notOpen(reason: string): Error {
  const details = { action: "the transaction", reason, kafkaCode: INVALID_TRANSACTION_STATE };
  return rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", details);
}
