/** The options of a consumer: what they mean, and what is refused. */
import type { AnyTopic } from "../../schema/index.ts";
import type {
  KafkaClientOptions,
  KafkaHooks,
  KafkaTracing,
  RegistryOption,
  RulesOption,
} from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { LoopOptions } from "./consumer-loop.ts";
import type { StartAt } from "./starts.ts";
import type { Order } from "./task-queue.ts";
import type { FailureOptions } from "./work-parts.ts";

/** Settings of a consumer; times in milliseconds. */
export interface ConsumerOptions<Topics extends readonly AnyTopic[]>
  extends KafkaClientOptions,
    RegistryOption,
    RulesOption,
    FailureOptions {
  readonly group: string;
  /** Descriptors of the topics to read; each message has the type of its own. One for each topic. */
  readonly topics: Topics;
  /**
   * Where the group begins in a partition for which it has no committed offset. There is no default:
   * the client's own one skips everything that is there already. `"latest"` and a time are decided
   * once, when the group first reads the topic, and committed: a restart goes on from there, and a
   * partition that is added later is read from its beginning. `timestamp` is a `Date` or milliseconds
   * since the epoch: the group begins with the first record that is not older.
   */
  readonly from: StartAt;
  /**
   * Who commits the offsets: the consumer, after the handler, or the transactions of a producer, as
   * `exactlyOnce` does it; then the consumer commits only where the group begins. Default `"consumer"`.
   */
  readonly offsets?: "consumer" | "transactions";
  /**
   * Refuses to start with KAFKA_VERSION_UNREADABLE when a version of a topic's subjects, deleted ones
   * aside, can't be read as the topic's type. Default false: such records may be long gone, and one
   * that is there stops the consumer anyway. Needs a registry URL or a full registry client.
   */
  readonly checkVersions?: boolean;
  /**
   * What stays in order: the records of a partition, those of a partition with the same key, or
   * nothing. By key, one record of each key is under way at most, and a key that waits (for a retry,
   * say) delays no other one; records without a key wait for none. `runBatch` keeps the order of the
   * partition. Default `"partition"`.
   */
  readonly order?: Order;
  /**
   * Records (with `runBatch`: batches) handled at the same time, over all partitions. By partition
   * that is one of each partition. Default 8.
   */
  readonly concurrency?: number;
  /** Records fetched, and given to a batch handler, at once at most. Default 1,000. */
  readonly batchSize?: number;
  /**
   * Bytes of records, keys and headers that may be fetched and not yet handled, in this client and in
   * librdkafka's queue together. Above it fetching waits; a record that is larger than it is read
   * alone. While a fetch is under way, each further broker can add an eighth. Default 64 MiB.
   */
  readonly maxBufferedBytes?: number;
  /** How long a partition that is taken away waits for its handler. Default 10,000. */
  readonly drainTimeoutMs?: number;
  /**
   * How long stopping may take in all: handlers, commit, leaving the group. The last fifth of it, 2 s
   * at most, is kept for committing and leaving. Default 25,000.
   */
  readonly stopTimeoutMs?: number;
  /** The group's protocol: `"consumer"` is the one of KIP-848 (Kafka 4). Default `"classic"`. */
  readonly protocol?: "classic" | "consumer";
  /**
   * The name of a static member: one that comes back under it within the session's time gets its
   * partitions back without a rebalance. Unique in the group; a second one with the same name ends
   * the first. Default: none.
   */
  readonly instanceId?: string;
  /** Told what the consumer does; see `docs/observing.md`. */
  readonly hooks?: readonly KafkaHooks[];
  /** Makes spans around the handler. */
  readonly tracing?: KafkaTracing;
}

const DEFAULTS = {
  concurrency: 8,
  batchSize: 1_000,
  maxBufferedBytes: 64 * 1024 * 1024,
  drainTimeoutMs: 10_000,
  stopTimeoutMs: 25_000,
} as const;

/** An idle fetch: what `close()` may have to wait for. */
const WAIT_MS = 20;
const FETCH_BYTES_MAX = 4 * 1024 * 1024;
/** Shares of `maxBufferedBytes`: one fetch (two are under way), what waits here, the client's queue. */
const FETCH_SHARE = 1 / 16;
const WAITING_SHARE = 1 / 2;
const QUEUE_SHARE = 3 / 8;

/** What the options say to the loop and to the binding. */
export interface CheckedOptions {
  readonly loop: LoopOptions;
  readonly maxQueuedBytes: number;
}

/** @throws KAFKA_OPTION_INVALID */
export function checkOptions(options: ConsumerOptions<readonly AnyTopic[]>): CheckedOptions {
  const numbers = { ...DEFAULTS };
  for (const option of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[option];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1) {
      throw invalid(option, value, "use an integer from 1");
    }
    Object.assign(numbers, { [option]: value });
  }
  checkStart(options.from);
  checkTopics(options.topics);
  const { order = "partition", protocol, instanceId, offsets = "consumer" } = options;
  if (!["consumer", "transactions"].includes(offsets)) {
    throw invalid("offsets", offsets, "choose consumer or transactions");
  }
  if (!["partition", "key", "none"].includes(order)) {
    throw invalid("order", order, "choose partition, key or none");
  }
  if (protocol !== undefined && !["classic", "consumer"].includes(protocol)) {
    throw invalid("protocol", protocol, "choose classic or consumer");
  }
  if (instanceId !== undefined && (typeof instanceId !== "string" || instanceId === "")) {
    throw invalid("instanceId", instanceId, "give the member a name");
  }
  const { maxBufferedBytes, batchSize, ...rest } = numbers;
  return {
    loop: {
      ...rest,
      order,
      from: options.from,
      ownCommits: offsets === "consumer",
      maxMessages: batchSize,
      maxBytes: Math.min(FETCH_BYTES_MAX, Math.ceil(maxBufferedBytes * FETCH_SHARE)),
      maxWaitingBytes: Math.ceil(maxBufferedBytes * WAITING_SHARE),
      waitMs: WAIT_MS,
    },
    maxQueuedBytes: Math.ceil(maxBufferedBytes * QUEUE_SHARE),
  };
}

function checkStart(from: StartAt): void {
  if (from === "earliest" || from === "latest" || from === "error") return;
  const time = typeof from === "object" && from !== null ? Number(from.timestamp) : Number.NaN;
  if (!Number.isSafeInteger(time) || time < 0) {
    throw invalid("from", from, "choose earliest, latest, error or { timestamp }");
  }
}

function checkTopics(topics: readonly AnyTopic[]): void {
  // Callers without types may leave it out.
  if ((topics as readonly AnyTopic[] | undefined)?.length === undefined || topics.length === 0) {
    throw invalid("topics", topics, "give at least one");
  }
  const names = new Set<string>();
  for (const { name, pattern } of topics) {
    if (pattern !== undefined && (pattern.flags !== "" || !pattern.source.startsWith("^"))) {
      throw invalid("topics", pattern, "a pattern begins with ^ and has no flags");
    }
    if (names.has(name)) {
      const reason = "it is listed twice, and a record can be read in only one way; list it once";
      throw invalid("topics", name, reason);
    }
    names.add(name);
  }
}

/** KAFKA_OPTION_INVALID. */
export function invalid(option: string, given: unknown, reason: string): Error {
  // As JSON, in which messages show values, NaN and the infinities would be null.
  const value = typeof given === "number" && !Number.isFinite(given) ? String(given) : given;
  return kafkaErrors.create("KAFKA_OPTION_INVALID", { option, value, reason });
}
