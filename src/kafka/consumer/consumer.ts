/** The typed consumer: options in, messages of the caller's own types out. */
import { isTypewireError } from "../../base/index.ts";
import type { TopicPartition } from "../../rdkafka/index.ts";
import { createConsumerBinding } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import { assertVersionsReadable, findTopic } from "../admin/index.ts";
import { assertTopicsReadable, ignoredRules } from "../codec/index.ts";
import type {
  BatchHandler,
  MessageHandler,
  MessageOf,
  SchemaLookup,
  VersionLookup,
} from "../contract/index.ts";
import {
  CONSUMER,
  checkKafka,
  Deadline,
  HookCaller,
  kafkaErrors,
  offerOffsets,
  registryOf,
} from "../contract/index.ts";
import { GroupConsumer } from "./group-consumer.ts";
import type { Acknowledged } from "./message-stream.ts";
import type { ConsumerOptions } from "./options.ts";
import { checkOptions } from "./options.ts";
import type { WorkParts } from "./pipeline.ts";
import type { SeekTarget } from "./seek.ts";
import { planWork } from "./work-parts.ts";

/** How to run a handler. */
export interface RunOptions {
  /** Stops the consumer as {@link TypedConsumer.close} does. */
  readonly signal?: AbortSignal;
}

/** How to close. */
export interface CloseOptions {
  /** How long closing may take in all, in milliseconds. Default: the option `stopTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** How far a partition is behind. */
export interface PartitionLag extends TopicPartition {
  /** Records, and markers of transactions, between what is done and the end of the partition. */
  readonly lag: number;
}

/** Reads typed messages as a member of a group. */
export interface TypedConsumer<T extends AnyTopic> {
  /**
   * Calls the handler for each message, in the order that the option `order` says. An offset is
   * committed after its handler, and those of all records before it, are done. Resolves after
   * {@link TypedConsumer.close}.
   *
   * Rejects, with everything before the record committed and nothing skipped, with
   * KAFKA_HANDLER_FAILED, KAFKA_UNDECODABLE_RECORD, KAFKA_SCHEMA_UNAVAILABLE, KAFKA_RULE_UNSUPPORTED, KAFKA_DRAIN_TIMEOUT,
   * or an RDKAFKA error when the client can't go on; KAFKA_CLOSED and KAFKA_ALREADY_RUNNING when it
   * can't begin. A registry that does not answer is waited for.
   */
  run(handler: MessageHandler<T>, options?: RunOptions): Promise<void>;
  /** As {@link TypedConsumer.run}, with the messages of a partition that were fetched together. */
  runBatch(handler: BatchHandler<T>, options?: RunOptions): Promise<void>;
  /**
   * The messages one after another, for `for await`. Each one counts as handled when its `done()` is
   * called; the next one that has to keep its order after it comes only then. Leaving the loop closes
   * the consumer. Ends and rejects as {@link TypedConsumer.run}.
   */
  messages(options?: RunOptions): AsyncIterableIterator<Acknowledged<MessageOf<T>>>;
  /** Commits now what is done, and waits for the broker. By itself that happens every 5 s. */
  commit(): Promise<void>;
  /**
   * Starts no further record of these partitions (default: all that are assigned now), and fetches
   * none. A partition that is taken away and comes back is not paused. @throws KAFKA_NOT_ASSIGNED
   */
  pause(partitions?: readonly TopicPartition[]): void;
  /** Ends {@link TypedConsumer.pause}. @throws KAFKA_NOT_ASSIGNED */
  resume(partitions?: readonly TopicPartition[]): void;
  /**
   * Goes on elsewhere in a partition, forwards or back, and commits that position. Records in hand are
   * finished first. Inside a handler don't await it: it waits for the handler.
   *
   * @throws KAFKA_NOT_ASSIGNED, KAFKA_OPTION_INVALID, KAFKA_CLOSED; RDKAFKA errors, which end the run
   */
  seek(partition: TopicPartition, to: SeekTarget): Promise<void>;
  /**
   * How far each assigned partition is behind, asked of the brokers now. It is 0 when everything is
   * handled, also behind a transactional producer, whose markers are no records. @throws RDKAFKA errors
   */
  lag(): Promise<PartitionLag[]>;
  /**
   * Resolves when the group has given this member its first assignment (it may be empty), and, with
   * `from: "latest"` or a time, the start is committed. Rejects when the consumer ends before that.
   */
  readonly assigned: Promise<void>;
  /** The partitions that are assigned now. */
  assignment(): readonly TopicPartition[];
  /**
   * From this call on no record starts. Finishes what is in hand, commits, leaves the group. Rejects
   * as the run that it ends. Awaited in a handler, it resolves at once, as it can't wait for the
   * handler that waits for it; `run` says when everything is down.
   */
  close(options?: CloseOptions): Promise<void>;
}

/**
 * Connects a consumer and checks that its topics exist. It joins the group when it is run.
 *
 * @throws KAFKA_OPTION_INVALID, KAFKA_TOPIC_NOT_FOUND, KAFKA_RULE_UNSUPPORTED, KAFKA_VERSION_UNREADABLE;
 *   RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_INVALID, RDKAFKA_SETTING_REFUSED; CLIENT errors with `checkVersions`; AVRO errors when a descriptor's schema is invalid
 *
 * @example
 * ```ts
 * import { createConsumer } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * const consumer = await createConsumer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   group: "billing",
 *   topics: [orders],
 *   from: "earliest",
 * });
 * process.once("SIGTERM", () => void consumer.close());
 * await consumer.run((message) => console.log(message.key, message.value.total));
 * ```
 */
export async function createConsumer<const Topics extends readonly AnyTopic[]>(
  options: ConsumerOptions<Topics>,
): Promise<TypedConsumer<Topics[number]>> {
  checkKafka(CONSUMER, options);
  const { loop, maxQueuedBytes } = checkOptions(options);
  const registry = registryOf(options);
  const { brokers, group, clientId = "typewire", connectTimeoutMs, librdkafka } = options;
  const hooks = new HookCaller(options.hooks, { kind: "consumer", clientId, group });
  const plan = planWork(options.topics, registry, options, hooks, options.tracing);
  await checkRules(options, registry);
  if (options.checkVersions === true) {
    if (!knowsVersions(registry)) {
      const reason = "the registry given can't list versions";
      throw kafkaErrors.create("KAFKA_OPTION_INVALID", {
        option: "checkVersions",
        value: true,
        reason,
      });
    }
    await assertVersionsReadable(options.topics, registry);
  }
  const binding = await createConsumerBinding({
    brokers,
    clientId,
    group,
    // Where "latest" and a time are is decided by us, once. What is left to the client is an offset
    // that is no longer there: it must not skip what is.
    from: options.from === "error" ? "error" : "earliest",
    maxQueuedBytes,
    ownCommits: loop.ownCommits,
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(librdkafka !== undefined && { librdkafka }),
    ...(options.protocol !== undefined && { protocol: options.protocol }),
    ...(options.instanceId !== undefined && { instanceId: options.instanceId }),
  });
  let parts: WorkParts;
  try {
    await Promise.all([...plan.readers.keys()].map((topic) => findTopic(binding, topic)));
    parts = await plan.connect(binding);
  } catch (error) {
    await binding.close(Deadline.after(loop.stopTimeoutMs).leftMs);
    throw error;
  }
  const patterns = options.topics.flatMap(({ pattern }) => pattern?.source ?? []);
  const topics = [...plan.readers.keys(), ...patterns];
  const consumer = new GroupConsumer(binding, parts, loop, { group, brokers, topics });
  if (!loop.ownCommits) offerOffsets(consumer, { group, binding });
  // The readers, made from these topics, yield exactly their messages.
  return consumer as unknown as TypedConsumer<Topics[number]>;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Refuses rules of the topics' own schemas. A registry that does not answer is waited for when the first
 * record is read, which looks again, so the start does not depend on it.
 *
 * @throws KAFKA_RULE_UNSUPPORTED
 */
async function checkRules(
  {
    topics,
    ignoreRules,
    connectTimeoutMs = CONNECT_TIMEOUT_MS,
  }: ConsumerOptions<readonly AnyTopic[]>,
  registry: SchemaLookup,
): Promise<void> {
  const parts = { registry, ignored: ignoredRules(ignoreRules) };
  try {
    await Deadline.after(connectTimeoutMs).race(assertTopicsReadable(topics, parts));
  } catch (error) {
    if (!isTypewireError(error) || !error.retriable) throw error;
  }
}

function knowsVersions(registry: SchemaLookup): registry is SchemaLookup & VersionLookup {
  return "versions" in registry && "closedSchema" in registry;
}
