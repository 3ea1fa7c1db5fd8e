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
  ConsumerBinding,
  NextOptions,
  RebalanceEvent,
  RecordBatch,
  TopicPartition,
  TopicPartitionOffset,
} from "./binding.ts";
import { CommitWaits } from "./commit-waits.ts";
import { rdkafkaErrors } from "./errors.ts";
import { loadKafka } from "./load.ts";
import { MessageBatch } from "./message-batch.ts";
import { isTransientCode, KAFKA_CODES, kafkaCodeOf, kafkaError } from "./native.ts";
import { connect, queriesOf } from "./queries.ts";
import type { ConnectionOptions, KafkaSettings } from "./settings.ts";
import { mergeSettings, scopeSettings } from "./settings.ts";
import { offsetsSent, registerConsumer } from "./transactions.ts";

/** Settings of a consumer. */
export interface ConsumerBindingOptions extends ConnectionOptions {
  readonly group: string;
  /** Where a partition begins that has no committed offset. */
  readonly from: "earliest" | "latest" | "error";
  /**
   * False: the client commits nothing, `storeOffsets` and `commit` have no effect, because the
   * offsets go through transactions. Default true.
   */
  readonly ownCommits?: boolean;
}

const DEFAULTS: KafkaSettings = {
  "auto.commit.interval.ms": 5_000,
  "enable.auto.commit": true,
  // With its default of a second, fetching stops that long each time the local queue is full.
  "fetch.queue.backoff.ms": 10,
  "fetch.wait.max.ms": 100,
  "queued.max.messages.kbytes": 32_768,
  "queued.min.messages": 20_000,
};

/** Records of one call to the client: more make the event loop wait, fewer cost throughput. */
const CHUNK_RECORDS = 1_000;
/** A record that was waited for this long, in milliseconds, is handed out alone. */
const RARE_MS = 4;
/** How long one call waits while only a commit result is expected, in milliseconds. */
const COMMIT_POLL_MS = 20;

/**
 * Connects a consumer; it reads nothing before `subscribe`.
 *
 * @throws RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_REFUSED
 */
export async function createConsumerBinding(
  options: ConsumerBindingOptions,
): Promise<ConsumerBinding> {
  // The new group protocol assigns on the broker and refuses a client-side strategy.
  const defaults: KafkaSettings =
    options.librdkafka?.["group.protocol"] === "consumer"
      ? DEFAULTS
      : { ...DEFAULTS, "partition.assignment.strategy": "cooperative-sticky" };
  const { ownCommits = true } = options;
  const fixed = {
    "auto.offset.reset": options.from,
    ...(!ownCommits && { "enable.auto.commit": false }),
    "enable.auto.offset.store": false,
    "group.id": options.group,
  };
  const { global, topic } = scopeSettings(mergeSettings(options, defaults, fixed));
  const events = new ClientEvents();
  const kafka = await loadKafka();
  const client = new kafka.KafkaConsumer(
    {
      ...global,
      offset_commit_cb: (error: LibrdKafkaError | null, offsets: TopicPartitionOffset[]) =>
        events.commits.settle(error ? kafkaError("a commit", error) : undefined, offsets),
      rebalance_cb: (error: LibrdKafkaError, partitions: TopicPartition[]) =>
        events.rebalance(error, partitions),
    },
    topic,
  );
  await connect(client, options);
  const binding = new PerMessageConsumer(client, events, ownCommits);
  registerConsumer(binding, client);
  return binding;
}

/** What the client's callbacks leave for the owner. */
class ClientEvents {
  readonly commits = new CommitWaits();
  queue: RebalanceEvent[] = [];
  /** Set when closing begins: answers at once. */
  answer: ((event: RebalanceEvent) => void) | undefined;

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
  readonly #ownCommits: boolean;
  #carried: Message[] = [];
  #pending: Promise<Message[]> | undefined;
  #mayHaveMore = false;
  #bytesPerRecord = 0;
  #closing: Promise<boolean> | undefined;
  readonly brokers: ConsumerBinding["brokers"];
  readonly topic: ConsumerBinding["topic"];
  readonly topics: ConsumerBinding["topics"];
  readonly watermarks: ConsumerBinding["watermarks"];

  constructor(client: KafkaConsumer, events: ClientEvents, ownCommits: boolean) {
    this.#client = client;
    this.#ownCommits = ownCommits;
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
    let bytes = bytesOf(messages, 0);
    // The hybrid loop: wait for one record, then drain what is there without waiting. Right after a
    // batch that was cut off there is no need to wait.
    if (messages.length === 0 && !this.#mayHaveMore) {
      const askedAt = performance.now();
      messages.push(...(await this.#consume(1, options.waitMs)));
      if (messages.length === 0) return new MessageBatch(messages);
      bytes = bytesOf(messages, 0);
      // Records are rare: this one does not wait for another round trip through the thread pool.
      if (performance.now() - askedAt >= RARE_MS) {
        this.#mayHaveMore = true;
        return new MessageBatch(messages);
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
      bytes += bytesOf(more, 0);
      if (more.length < room) break;
    }
    if (messages.length > 0) this.#bytesPerRecord = bytes / messages.length;
    return new MessageBatch(messages);
  }

  takeEvents(): RebalanceEvent[] {
    const { queue } = this.#events;
    this.#events.queue = [];
    return queue;
  }

  answer(event: RebalanceEvent): void {
    const partitions = [...event.partitions];
    const cooperative = this.#client.rebalanceProtocol() === "COOPERATIVE";
    if (event.kind === "assign") {
      if (cooperative) this.#client.incrementalAssign(partitions);
      else this.#client.assign(partitions);
      return;
    }
    const gone = new Set(partitions.map(keyOf));
    this.#carried = this.#carried.filter((message) => !gone.has(keyOf(message)));
    if (cooperative) this.#client.incrementalUnassign(partitions);
    else this.#client.unassign();
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#try("pausing", () => this.#client.pause([...partitions]));
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#try("resuming", () => this.#client.resume([...partitions]));
  }

  storeOffsets(offsets: readonly TopicPartitionOffset[]): boolean {
    if (!this.#ownCommits) return true;
    try {
      this.#client.offsetsStore([...offsets]);
      return true;
    } catch (error) {
      if (kafkaCodeOf(error) === KAFKA_CODES.state) return false;
      throw kafkaError("storing offsets", error);
    }
  }

  async commit(offsets: readonly TopicPartitionOffset[], timeoutMs: number): Promise<void> {
    if (!this.#ownCommits) return;
    const answered = this.#events.commits.wait(offsets);
    try {
      this.#try("the commit", () => this.#client.commit([...offsets]));
      const endsAt = performance.now() + timeoutMs;
      // The answer arrives inside `consume` only.
      while (!answered.done && performance.now() < endsAt) {
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

  #room({ maxMessages, maxBytes }: NextOptions, length: number, bytes: number): number {
    const byBytes =
      this.#bytesPerRecord > 0
        ? Math.ceil((maxBytes - bytes) / this.#bytesPerRecord)
        : CHUNK_RECORDS;
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
        reject(kafkaError("fetching", error));
      });
    });
    this.#pending = call;
    return call;
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

function bytesOf(messages: readonly Message[], start: number): number {
  let bytes = 0;
  for (let i = start; i < messages.length; i++) bytes += messages[i]?.size ?? 0;
  return bytes;
}
