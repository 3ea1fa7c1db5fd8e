/**
 * The interface to Kafka that we wrote; only this folder knows node-rdkafka. It works by **batch**:
 * below the public API a record is never an object, decoders get `(buffer, start, end)`. So a binding
 * that hands over a whole batch as one buffer can stand behind the same interface.
 */

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A position in a partition; in commits: the offset of the next record to read. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** Consumed records. Valid until `release()`; whoever keeps bytes longer copies them. */
export interface RecordBatch {
  readonly length: number;
  /** Index into {@link RecordBatch.sources} of record `i`. */
  source(i: number): number;
  readonly sources: readonly TopicPartition[];
  offset(i: number): number;
  /** Milliseconds since the epoch; -1 when unknown. */
  timestamp(i: number): number;
  keyBuf(i: number): Buffer;
  /** -1 when the key is null. */
  keyStart(i: number): number;
  keyEnd(i: number): number;
  valueBuf(i: number): Buffer;
  /** -1 when the value is null (a tombstone). */
  valueStart(i: number): number;
  valueEnd(i: number): number;
  /** Parsed on demand; duplicates kept, in order. */
  headers(i: number): readonly HeaderPair[];
  /** What record `i` takes in memory, about: key, value and headers. */
  bytes(i: number): number;
  /** Record `i` is not read any more; its bytes may be freed before the whole batch is. */
  drop(i: number): void;
  /**
   * Partitions that were read to their end: with this batch everything below these offsets has been
   * handed out, markers of transactions included, which are no records.
   */
  readonly ends: readonly TopicPartitionOffset[];
  release(): void;
}

/** One header as it was consumed. */
export type HeaderPair = readonly [name: string, value: Buffer | null];

/** Writes bytes at `start` and returns the end; an end past the buffer means "grow and call again". */
export type BytesWriter = (buffer: Buffer, start: number) => number;

export interface OutRecord {
  /** Always explicit: partitions are computed above, in JavaScript. */
  readonly partition: number;
  readonly key: Buffer | null | BytesWriter;
  readonly value: Buffer | null | BytesWriter;
  /** Text without NUL: the binding can't carry other bytes. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly timestamp?: number | undefined;
}

/** Delivery report of a batch. */
export interface BatchReport {
  readonly length: number;
  partition(i: number): number;
  /** Offset of record `i`; -1 when it failed. */
  offset(i: number): number;
  /** The failure of record `i`, if any. */
  error(i: number): Error | undefined;
  readonly failed: number;
  readonly firstError: Error | undefined;
}

export interface OutBatch {
  /**
   * Adds a record; its bytes are taken before the call returns. False when the batch or the client's
   * queue is full: nothing was added; send this batch, wait for {@link ProducerBinding.room}, begin
   * another.
   *
   * @throws what a {@link BytesWriter} throws; RDKAFKA_HEADER_INVALID; RDKAFKA_REQUEST_FAILED for a
   *   record over `message.max.bytes`; RDKAFKA_FATAL. Nothing was added then.
   */
  add(record: OutRecord): boolean;
  readonly length: number;
  /** Ends the batch. Resolves when every record has its delivery report; never rejects. */
  send(): Promise<BatchReport>;
}

/** The partitions of a topic, and which brokers have them. */
export interface TopicMetadata {
  readonly name: string;
  readonly partitions: readonly {
    readonly id: number;
    /** Id of the broker that leads; -1 when none does. */
    readonly leader: number;
    /** Ids of the brokers that hold a copy. */
    readonly replicas: readonly number[];
    /** Those of them whose copies are complete. */
    readonly inSync: readonly number[];
  }[];
}

/** A broker as the cluster tells it to clients. */
export interface BrokerMetadata {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** First and next offset of a partition. */
export interface Watermarks {
  readonly low: number;
  readonly high: number;
}

/** What every connected client can ask the cluster. */
export interface ClusterQueries {
  /** Brokers as `host:port`. */
  brokers(): Promise<string[]>;
  /** The topic; undefined when it does not exist (a broker may create it on being asked). */
  topic(name: string): Promise<TopicMetadata | undefined>;
  topics(): Promise<TopicMetadata[]>;
  watermarks(topic: string, partition: number): Promise<Watermarks>;
}

export interface ProducerBinding extends ClusterQueries {
  begin(topic: string): OutBatch;
  /** Undefined when records can be added at once; else resolves when they can. */
  room(): Promise<void> | undefined;
  /** Records without a delivery report. */
  readonly inFlight: number;
  /**
   * Sends what waits for its linger time; resolves when every batch sent before is reported.
   *
   * @throws RDKAFKA_UNAVAILABLE when that takes longer
   */
  flush(timeoutMs: number): Promise<void>;
  /** Flushes, then disconnects. @throws RDKAFKA_CLOSE_TIMEOUT */
  close(timeoutMs: number): Promise<void>;
  /** Calls back with trouble that belongs to no call, such as lost brokers. */
  onTrouble?(listener: (error: Error) => void): void;
  /** Present when the client was made with a transactional id. */
  readonly transactions?: TransactionCalls | undefined;
}

/**
 * The steps of transactions, one call at a time. After any failure of one the client must not be
 * used for another transaction.
 *
 * @throws RDKAFKA_FENCED when another client took the transactional id over; RDKAFKA_UNAVAILABLE when
 *   the brokers did not answer in time, and then it is unknown what they did; RDKAFKA_REQUEST_FAILED,
 *   RDKAFKA_FATAL
 */
export interface TransactionCalls {
  /** Takes the transactional id over: ends what another client left open, and fences that client. */
  init(timeoutMs: number): Promise<void>;
  begin(): Promise<void>;
  /** Adds offsets of a consumer's group; they are committed with the transaction. */
  sendOffsets(
    offsets: readonly TopicPartitionOffset[],
    consumer: ConsumerBinding,
    timeoutMs: number,
  ): Promise<void>;
  commit(timeoutMs: number): Promise<void>;
  abort(timeoutMs: number): Promise<void>;
}

/** A change of the assignment. Fetching goes on only after {@link ConsumerBinding.answer}. */
export interface RebalanceEvent {
  readonly kind: "assign" | "revoke";
  readonly partitions: readonly TopicPartition[];
}

/** What the client tells without being asked. */
export type ClientReport =
  | { readonly kind: "error"; readonly error: Error }
  | {
      readonly kind: "commit";
      readonly offsets: readonly TopicPartitionOffset[];
      readonly error: Error | undefined;
    };

/** Bounds of one batch. */
export interface NextOptions {
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** How long to wait for the first record, in milliseconds. */
  readonly waitMs: number;
}

export interface ConsumerBinding extends ClusterQueries {
  /** Topics by name, or by a pattern: a text that begins with `^`. */
  subscribe(topics: readonly string[]): void;
  /**
   * The next records, at most one call at a time; an empty batch after `waitMs`. This call also
   * serves everything else (rebalances, commit results), so it has to be made all the time.
   *
   * @throws RDKAFKA_UNAVAILABLE, RDKAFKA_REQUEST_FAILED, RDKAFKA_FATAL
   */
  next(options: NextOptions): Promise<RecordBatch>;
  /** Rebalances since the last call, oldest first. They wait for their {@link answer}. */
  takeEvents(): RebalanceEvent[];
  /** What the client reported since the last call, oldest first. */
  takeReports(): ClientReport[];
  /**
   * Accepts an event: assigns or unassigns, by the group's protocol. Partitions begin at `starts`,
   * and where it does not name them at the group's committed offset.
   */
  answer(event: RebalanceEvent, starts?: readonly TopicPartitionOffset[]): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Goes on elsewhere in an assigned partition; what was fetched of it is dropped. */
  seek(position: TopicPartitionOffset, timeoutMs: number): Promise<void>;
  /** Stores offsets for the next commit; false when a partition is no longer ours. */
  storeOffsets(offsets: readonly TopicPartitionOffset[]): boolean;
  /**
   * Commits now and waits for the broker's answer, until `signal`.
   *
   * @throws as {@link next}
   */
  commit(
    offsets: readonly TopicPartitionOffset[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Committed offsets of the group; -1 where there is none. */
  committed(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<TopicPartitionOffset[]>;
  /**
   * The first offset of each partition whose record is not older than the time, in milliseconds since
   * the epoch; -1 where there is none.
   */
  offsetsAt(
    partitions: readonly TopicPartition[],
    time: number,
    timeoutMs: number,
  ): Promise<TopicPartitionOffset[]>;
  /** Answers open rebalances, leaves the group, disconnects. False when the deadline passed first. */
  close(timeoutMs: number): Promise<boolean>;
}

/** A topic to create. */
export interface NewTopic {
  readonly name: string;
  /** Absent: the broker's `num.partitions`. */
  readonly partitions?: number | undefined;
  /** Absent: the broker's `default.replication.factor`. */
  readonly replication?: number | undefined;
  /** Topic configuration by Kafka's names, for example `cleanup.policy`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A group from outside: never a member of it. Offsets come in the order of the partitions. */
export interface GroupBinding {
  /** Committed offsets; undefined where there is none. */
  committed(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<(number | undefined)[]>;
  /**
   * The first offset at or after a time in milliseconds since the epoch, or one of `OFFSET_TIMES`;
   * undefined where no record is that young.
   */
  offsetsAt(
    partitions: readonly TopicPartition[],
    timestamp: number,
    timeoutMs: number,
  ): Promise<(number | undefined)[]>;
  /** Commits all of them in one request. Refused by the broker while the group has members. */
  commit(offsets: readonly TopicPartitionOffset[], timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface AdminBinding extends ClusterQueries {
  /** The brokers with their ids. */
  nodes(): Promise<BrokerMetadata[]>;
  /** Connects to a group; the caller closes it. */
  group(group: string): Promise<GroupBinding>;
  createTopic(topic: NewTopic, timeoutMs: number): Promise<void>;
  deleteTopic(name: string, timeoutMs: number): Promise<void>;
  /** Grows a topic to `total` partitions. */
  createPartitions(name: string, total: number, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}
