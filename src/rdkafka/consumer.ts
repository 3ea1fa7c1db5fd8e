/**
 * The consumer over node-rdkafka's `KafkaConsumer`.
 *
 * Invariants:
 * - Never the flowing mode; one `consume` outstanding at most, and it serves all events.
 * - A rebalance is queued and answered only by the owner, between batches; once closing has begun
 *   it is answered at once, because an open one hangs `disconnect` for ever.
 * - Records fetched while a commit was being awaited are kept for the next batch, unless their
 *   partition is taken away meanwhile.
 */

import type { KafkaConsumer, LibrdKafkaError, Message } from "node-rdkafka";
import type {
  ClientReport,
  ConsumerBinding,
  NextOptions,
  RebalanceEvent,
  RecordBatch,
  TopicPartition,
  TopicPartitionOffset,
} from "./binding.ts";
import { localClusterOf } from "./cluster.ts";
import { CommitWaits } from "./commit-waits.ts";
import { connect } from "./connect.ts";
import { rdkafkaErrors } from "./errors.ts";
import { requireFeatures, unreadableCodec } from "./features.ts";
import { loadKafka } from "./load.ts";
import { bytesOf, MessageBatch } from "./message-batch.ts";
import { isTransientCode, KAFKA_CODES, kafkaCodeIn, kafkaCodeOf, kafkaError } from "./native.ts";
import { construct, queriesOf } from "./queries.ts";
import type { ConnectReader } from "./refused-topics.ts";
import { endReader, refusedTopics } from "./refused-topics.ts";
import type { ConnectionOptions, KafkaSettings } from "./settings.ts";
import { mergeSettings, scopeSettings } from "./settings.ts";
import { offsetsSent, registerConsumer } from "./transactions.ts";

/** Settings of a consumer. */
export interface ConsumerBindingOptions extends ConnectionOptions {
  readonly group: string;
  /** Where a partition begins that has no committed offset. */
  readonly from: "earliest" | "latest" | "error";
  /** False: nothing that is stored is committed; offsets go through transactions. Default true. */
  readonly ownCommits?: boolean;
  /** Bytes that the client's own queue may hold, about. Default 24 MiB. */
  readonly maxQueuedBytes?: number;
  /** The protocol of the group. Default: librdkafka's, `classic`. */
  readonly protocol?: "classic" | "consumer";
  /** The name of a static member. */
  readonly instanceId?: string;
}

const DEFAULTS: KafkaSettings = {
  "auto.commit.interval.ms": 5_000,
  "enable.auto.commit": true,
  // With its default of a second, fetching stops that long each time the local queue is full.
  "fetch.queue.backoff.ms": 10,
  "fetch.wait.max.ms": 100,
  "queued.min.messages": 20_000,
};

const QUEUED_BYTES_DEFAULT = 24 * 1024 * 1024;
/** Of the bytes for the queue, the share that one answer of a broker may have: it comes on top. */
const FETCH_SHARE = 0.5;
/** librdkafka's default of `message.max.bytes`, below which an answer's size can't be set. */
const FETCH_BYTES_MIN = 1_000_000;
/** librdkafka's default for one partition's part of an answer. */
const PARTITION_BYTES = 1_048_576;

/** Records of one call to the client: more make the event loop wait, fewer cost throughput. */
const CHUNK_RECORDS = 1_000;
/** A record that was waited for this long, in milliseconds, is handed out alone. */
const RARE_MS = 4;
/** Reports that wait to be taken at most. */
const REPORTS_MAX = 1_000;
/** How long one call waits while only a commit result is expected, in milliseconds. */
const COMMIT_POLL_MS = 20;

/**
 * Connects a consumer; it reads nothing before `subscribe`.
 *
 * @throws RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_REFUSED, RDKAFKA_FEATURE_MISSING
 */
export async function createConsumerBinding(
  options: ConsumerBindingOptions,
): Promise<ConsumerBinding> {
  const { global, topic } = scopeSettings(settingsOf(options));
  const local = localClusterOf(options.brokers);
  if (local !== undefined) return local.connectConsumer(options);
  const events = new ClientEvents();
  const kafka = await loadKafka();
  requireFeatures(kafka.features, global as KafkaSettings);
  const callbacks = {
    offset_commit_cb: (error: LibrdKafkaError | null, offsets: TopicPartitionOffset[]) =>
      events.committed(error ? kafkaError("a commit", error) : undefined, offsets),
    rebalance_cb: (error: LibrdKafkaError, partitions: TopicPartition[]) =>
      events.rebalance(error, partitions),
  };
  const client = construct(() => new kafka.KafkaConsumer({ ...global, ...callbacks }, topic));
  await connect(client, options);
  client.on("event.error", (error: LibrdKafkaError) => {
    events.report({
      kind: "error",
      error: kafkaError("the connection to the cluster", error, client),
    });
  });
  // Served inside `consume`, before its records are handed over.
  client.on("partition.eof", (end: TopicPartitionOffset) => events.ends.push(end));
  const connectReader: ConnectReader = async () => {
    const { "group.instance.id": _, ...rest } = global;
    const reader = new kafka.KafkaConsumer({ ...rest, "enable.auto.commit": false }, topic);
    await connect(reader, options);
    return { reader, close: () => endReader(reader) };
  };
  const binding = new PerMessageConsumer(client, events, kafka.features, connectReader);
  registerConsumer(binding, client);
  return binding;
}

function settingsOf(options: ConsumerBindingOptions): KafkaSettings {
  const { librdkafka, group, from, protocol, instanceId } = options;
  const queuedBytes = options.maxQueuedBytes ?? QUEUED_BYTES_DEFAULT;
  const fetchBytes = Math.max(FETCH_BYTES_MIN, Math.floor(queuedBytes * FETCH_SHARE));
  const isNewProtocol = (protocol ?? librdkafka?.["group.protocol"]) === "consumer";
  const defaults: KafkaSettings = {
    ...DEFAULTS,
    "fetch.max.bytes": fetchBytes,
    "fetch.message.max.bytes": Math.min(PARTITION_BYTES, fetchBytes),
    "queued.max.messages.kbytes": Math.ceil((queuedBytes * (1 - FETCH_SHARE)) / 1024),
    // The new group protocol assigns on the broker and refuses a client-side strategy.
    ...(!isNewProtocol && { "partition.assignment.strategy": "cooperative-sticky" }),
  };
  return mergeSettings(options, defaults, {
    "auto.offset.reset": from,
    ...(options.ownCommits === false && { "enable.auto.commit": false }),
    "enable.auto.offset.store": false,
    "enable.partition.eof": true,
    "group.id": group,
    ...(protocol !== undefined && { "group.protocol": protocol }),
    ...(instanceId !== undefined && { "group.instance.id": instanceId }),
  });
}

/** What the client's callbacks leave for the owner. */
class ClientEvents {
  readonly commits = new CommitWaits();
  queue: RebalanceEvent[] = [];
  ends: TopicPartitionOffset[] = [];
  #reports: ClientReport[] = [];
  /** Set when closing begins: answers at once. */
  answer: ((event: RebalanceEvent) => void) | undefined;

  committed(error: Error | undefined, offsets: readonly (TopicPartitionOffset | Error)[]): void {
    this.commits.settle(error, offsets);
    const known = offsets.filter((entry): entry is TopicPartitionOffset => isPosition(entry));
    const failed = error ?? offsets.find((entry) => entry instanceof Error);
    if (known.length > 0 || (failed !== undefined && kafkaCodeIn(failed) !== KAFKA_CODES.noOffset))
      this.report({ kind: "commit", offsets: known, error: failed });
  }

  report(report: ClientReport): void {
    // Nobody asks while handlers keep the loop busy; the newest are of use.
    if (this.#reports.length >= REPORTS_MAX) this.#reports.shift();
    this.#reports.push(report);
  }

  takeReports(): ClientReport[] {
    const reports = this.#reports;
    if (reports.length > 0) this.#reports = [];
    return reports;
  }

  rebalance(error: LibrdKafkaError, partitions: readonly TopicPartition[]): void {
    const kind = error.code === KAFKA_CODES.assignPartitions ? "assign" : "revoke";
    const event: RebalanceEvent = { kind, partitions };
    if (this.answer) this.answer(event);
    else this.queue.push(event);
  }
}

class PerMessageConsumer implements ConsumerBinding {
  readonly #client: KafkaConsumer;
  readonly #events: ClientEvents;
  readonly #features: readonly string[];
  readonly #connectReader: ConnectReader;
  #carried: Message[] = [];
  #pending: Promise<Message[]> | undefined;
  #mayHaveMore = false;
  #bytesPerRecord = 0;
  #closing: Promise<boolean> | undefined;
  readonly brokers: ConsumerBinding["brokers"];
  readonly topic: ConsumerBinding["topic"];
  readonly topics: ConsumerBinding["topics"];
  readonly watermarks: ConsumerBinding["watermarks"];

  constructor(
    client: KafkaConsumer,
    events: ClientEvents,
    features: readonly string[],
    connectReader: ConnectReader,
  ) {
    this.#connectReader = connectReader;
    this.#features = features;
    this.#client = client;
    this.#events = events;
    ({
      brokers: this.brokers,
      topic: this.topic,
      topics: this.topics,
      watermarks: this.watermarks,
    } = queriesOf(client));
  }

  subscribe(topics: readonly string[]): void {
    this.#client.subscribe([...topics]);
  }

  async next(options: NextOptions): Promise<RecordBatch> {
    const messages = this.#carried;
    this.#carried = [];
    let bytes = bytesOfAll(messages);
    // The hybrid loop: wait for one record, then drain what is there without waiting. Right after a
    // batch that was cut off there is no need to wait.
    if (messages.length === 0 && !this.#mayHaveMore) {
      const askedAt = performance.now();
      messages.push(...(await this.#consume(1, options.waitMs)));
      if (messages.length === 0) return this.#batch(messages);
      bytes = bytesOfAll(messages);
      // Records are rare: this one does not wait for another round trip through the thread pool.
      if (performance.now() - askedAt >= RARE_MS) {
        this.#mayHaveMore = true;
        return this.#batch(messages);
      }
    }
    this.#mayHaveMore = false;
    while (this.#events.queue.length === 0) {
      const room = this.#room(options, messages.length, bytes);
      if (room <= 0) {
        this.#mayHaveMore = true;
        break;
      }
      const more = await this.#consume(room, 0);
      for (const message of more) messages.push(message);
      bytes += bytesOfAll(more);
      if (more.length < room) break;
    }
    if (messages.length > 0) this.#bytesPerRecord = bytes / messages.length;
    return this.#batch(messages);
  }

  /** A batch of all that was read up to now. */
  #batch(messages: Message[]): RecordBatch {
    const { ends } = this.#events;
    if (ends.length === 0) return new MessageBatch(messages);
    this.#events.ends = [];
    return new MessageBatch(messages, ends);
  }

  takeEvents(): RebalanceEvent[] {
    const { queue } = this.#events;
    this.#events.queue = [];
    return queue;
  }

  takeReports(): ClientReport[] {
    return this.#events.takeReports();
  }

  answer(event: RebalanceEvent, starts: readonly TopicPartitionOffset[] = []): void {
    const startOf = new Map(starts.map((start) => [keyOf(start), start]));
    const partitions = event.partitions.map((one) => startOf.get(keyOf(one)) ?? one);
    const cooperative = this.#client.rebalanceProtocol() === "COOPERATIVE";
    if (event.kind === "assign") {
      if (cooperative) this.#client.incrementalAssign(partitions);
      else this.#client.assign(partitions);
      return;
    }
    this.#forget(partitions);
    if (cooperative) this.#client.incrementalUnassign(partitions);
    else this.#client.unassign();
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#try("pausing", () => this.#client.pause([...partitions]));
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#try("resuming", () => this.#client.resume([...partitions]));
  }

  async seek(position: TopicPartitionOffset, timeoutMs: number): Promise<void> {
    const place = `${position.topic}/${position.partition}`;
    await new Promise<void>((resolve, reject) => {
      this.#client.seek(position, timeoutMs, (error) => {
        if (error) reject(kafkaError(`going to offset ${position.offset} of ${place}`, error));
        else resolve();
      });
    });
    this.#forget([position]);
  }

  storeOffsets(offsets: readonly TopicPartitionOffset[]): boolean {
    try {
      this.#client.offsetsStore([...offsets]);
      return true;
    } catch (error) {
      if (kafkaCodeOf(error) === KAFKA_CODES.state) return false;
      throw kafkaError("storing offsets", error);
    }
  }

  async commit(
    offsets: readonly TopicPartitionOffset[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const answered = this.#events.commits.wait(offsets);
    try {
      this.#try("the commit", () => this.#client.commit([...offsets]));
      const endsAt = performance.now() + timeoutMs;
      // The answer arrives inside `consume` only.
      while (!answered.done && performance.now() < endsAt && signal?.aborted !== true) {
        if (this.#pending) await this.#pending.catch(() => []);
        else this.#carried.push(...(await this.#consume(1, COMMIT_POLL_MS)));
      }
    } finally {
      this.#events.commits.forget(answered);
    }
    if (!answered.done) {
      const kafkaCode = KAFKA_CODES.timedOut;
      const reason = `no answer within ${timeoutMs} ms`;
      throw rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", {
        action: "the commit",
        reason,
        kafkaCode,
      });
    }
    if (answered.error) throw answered.error;
  }

  committed(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<TopicPartitionOffset[]> {
    return new Promise((resolve, reject) => {
      this.#client.committed([...partitions], timeoutMs, (error, offsets) => {
        if (error) reject(kafkaError("the committed offsets", error));
        else resolve(offsets.map(withoutHoles));
      });
    });
  }

  offsetsAt(
    partitions: readonly TopicPartition[],
    time: number,
    timeoutMs: number,
  ): Promise<TopicPartitionOffset[]> {
    const asked = partitions.map((one) => ({ ...one, offset: time }));
    return new Promise((resolve, reject) => {
      this.#client.offsetsForTimes(asked, timeoutMs, (error, offsets) => {
        if (error) reject(kafkaError("the offsets at a time", error));
        else resolve(offsets.map(withoutHoles));
      });
    });
  }

  close(timeoutMs: number): Promise<boolean> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<boolean> {
    // In `disconnect` the protocol reads NONE, for which a plain unassign is right.
    const answerQuietly = (event: RebalanceEvent): void => {
      try {
        this.answer(event);
      } catch {
        // The client is closing: an assignment that it already dropped needs no answer.
      }
    };
    this.#events.answer = answerQuietly;
    for (const event of this.takeEvents()) answerQuietly(event);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const done = offsetsSent(this).then(
      () =>
        new Promise<boolean>((resolve) => {
          this.#client.disconnect(() => resolve(true));
        }),
    );
    const inTime = await Promise.race([done, late]);
    clearTimeout(timer);
    return inTime;
  }

  /** Drops what was read of partitions and not handed out. */
  #forget(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions.map(keyOf));
    this.#carried = this.#carried.filter((message) => !gone.has(keyOf(message)));
    this.#events.ends = this.#events.ends.filter((end) => !gone.has(keyOf(end)));
  }

  #room({ maxMessages, maxBytes }: NextOptions, length: number, bytes: number): number {
    // What was read just now counts as well: the records before may have been small.
    const average = Math.max(this.#bytesPerRecord, length > 0 ? bytes / length : 0);
    const byBytes = average > 0 ? Math.ceil((maxBytes - bytes) / average) : CHUNK_RECORDS;
    if (bytes >= maxBytes) return 0;
    return Math.min(maxMessages - length, byBytes, CHUNK_RECORDS);
  }

  #consume(count: number, waitMs: number): Promise<Message[]> {
    if (this.#closing) throw rdkafkaErrors.create("RDKAFKA_CLOSED", { action: "fetching" });
    this.#client.setDefaultConsumeTimeout(waitMs);
    const call = new Promise<Message[]>((resolve, reject) => {
      this.#client.consume(count, (error: LibrdKafkaError | null, messages) => {
        this.#pending = undefined;
        if (!error) return resolve(messages);
        const code = kafkaCodeOf(error);
        // Passing trouble, and "too slow": the client rejoins by itself and says so in a rebalance.
        if (isTransientCode(code) || code === KAFKA_CODES.maxPollExceeded) return resolve([]);
        const isCodec = code === KAFKA_CODES.notImplemented;
        if (isCodec) reject(unreadableCodec(this.#features, error));
        else if (code === KAFKA_CODES.topicAuthorization) this.#refused(error).then(reject, reject);
        else reject(kafkaError("fetching", error, this.#client));
      });
    });
    this.#pending = call;
    return call;
  }

  async #refused(error: LibrdKafkaError): Promise<Error> {
    const topics = await refusedTopics(this.#client.assignments(), this.#connectReader);
    return kafkaError(`fetching ${topics.join(", ")}`.trimEnd(), error);
  }

  #try(action: string, call: () => unknown): void {
    try {
      call();
    } catch (error) {
      throw kafkaError(action, error);
    }
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}

function withoutHoles(entry: TopicPartitionOffset): TopicPartitionOffset {
  const offset = (entry.offset as number | undefined) ?? -1;
  return { topic: entry.topic, partition: entry.partition, offset: Math.max(offset, -1) };
}

function isPosition(entry: TopicPartitionOffset | Error): entry is TopicPartitionOffset {
  return !(entry instanceof Error) && typeof entry.offset === "number" && entry.offset >= 0;
}

function bytesOfAll(messages: readonly Message[]): number {
  let bytes = 0;
  for (const message of messages) bytes += bytesOf(message);
  return bytes;
}
