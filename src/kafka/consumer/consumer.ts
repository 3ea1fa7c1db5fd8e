/** The typed consumer: options in, messages of the caller's own types out. */
import type { ConsumerBinding, TopicPartition } from "../../rdkafka/index.ts";
import { createConsumerBinding } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import { assertVersionsReadable, findTopic } from "../admin/index.ts";
import type {
  BatchHandler,
  KafkaClientOptions,
  KafkaHooks,
  KafkaTracing,
  MessageHandler,
  RegistryOption,
  SchemaLookup,
  VersionLookup,
} from "../contract/index.ts";
import { deferred, HookCaller, kafkaErrors, registryOf } from "../contract/index.ts";
import type { LoopOptions } from "./consumer-loop.ts";
import { ConsumerLoop } from "./consumer-loop.ts";
import type { Work, WorkParts } from "./record-work.ts";
import { batchWork, messageWork } from "./record-work.ts";
import type { FailureOptions } from "./work-parts.ts";
import { planWork } from "./work-parts.ts";

/** Settings of a consumer; times in milliseconds. */
export interface ConsumerOptions<Topics extends readonly AnyTopic[]>
  extends KafkaClientOptions,
    RegistryOption,
    FailureOptions {
  /** Told what the consumer does; see `docs/observing.md`. */
  readonly hooks?: readonly KafkaHooks[];
  /** Makes spans around the handler. */
  readonly tracing?: KafkaTracing;
  readonly group: string;
  /** Descriptors of the topics to read; each message has the type of its own. */
  readonly topics: Topics;
  /**
   * Where the group begins in a partition for which it has no committed offset. There is no default:
   * the client's own one skips everything that is there already.
   */
  readonly from: "earliest" | "latest" | "error";
  /**
   * Refuses to start with KAFKA_VERSION_UNREADABLE when a version of a topic's subjects, deleted ones
   * aside, can't be read as the topic's type. Default false: such records may be long gone, and one
   * that is there stops the consumer anyway. Needs a registry URL or a full registry client.
   */
  readonly checkVersions?: boolean;
  /** Partitions handled at the same time; records of one partition never are. Default 8. */
  readonly concurrency?: number;
  /** Records fetched, and given to a batch handler, at once at most. Default 1,000. */
  readonly batchSize?: number;
  /** How long a partition that is taken away waits for its handler. Default 10,000. */
  readonly drainTimeoutMs?: number;
  /** How long stopping waits for handlers and commits. Default 25,000. */
  readonly stopTimeoutMs?: number;
}

/** How to run a handler. */
export interface RunOptions {
  /** Stops the consumer as {@link TypedConsumer.close} does. */
  readonly signal?: AbortSignal;
}

/** Reads typed messages as a member of a group. */
export interface TypedConsumer<T extends AnyTopic> {
  /**
   * Calls the handler for each message: in order within a partition, partitions side by side. An
   * offset is committed after its handler is done. Resolves after {@link TypedConsumer.close}.
   *
   * Rejects, with everything before the record committed and nothing skipped, with
   * KAFKA_HANDLER_FAILED, KAFKA_UNDECODABLE_RECORD, KAFKA_SCHEMA_UNAVAILABLE, KAFKA_DRAIN_TIMEOUT,
   * or an RDKAFKA error when the client can't go on. A registry that does not answer is waited for.
   */
  run(handler: MessageHandler<T>, options?: RunOptions): Promise<void>;
  /** As {@link TypedConsumer.run}, with the messages of a partition that were fetched together. */
  runBatch(handler: BatchHandler<T>, options?: RunOptions): Promise<void>;
  /** Resolves when the group has given this member its first assignment (it may be empty). */
  readonly assigned: Promise<void>;
  /** The partitions that are assigned now. */
  assignment(): readonly TopicPartition[];
  /** Finishes what is in hand, commits, leaves the group. Rejects as the run that it ends. */
  close(): Promise<void>;
}

const WAIT_MS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Connects a consumer and checks that its topics exist. It joins the group when it is run.
 *
 * @throws KAFKA_OPTION_INVALID, KAFKA_TOPIC_NOT_FOUND, KAFKA_VERSION_UNREADABLE;
 *   RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_REFUSED; CLIENT errors with `checkVersions`; AVRO errors when a descriptor's schema is invalid
 */
export async function createConsumer<const Topics extends readonly AnyTopic[]>(
  options: ConsumerOptions<Topics>,
): Promise<TypedConsumer<Topics[number]>> {
  const loopOptions = loopOptionsOf(options);
  const registry = registryOf(options);
  const clientId = options.clientId ?? "typewire";
  const identity = { kind: "consumer", clientId, group: options.group } as const;
  const hooks = new HookCaller(options.hooks, identity);
  const plan = planWork(options.topics, registry, options, hooks, options.tracing);
  if (options.checkVersions === true) {
    if (!knowsVersions(registry)) {
      throw invalid("checkVersions", true, "the registry given can't list versions");
    }
    await assertVersionsReadable(options.topics, registry);
  }
  const binding = await createConsumerBinding({
    brokers: options.brokers,
    clientId,
    group: options.group,
    from: options.from,
    ...(options.connectTimeoutMs !== undefined && { connectTimeoutMs: options.connectTimeoutMs }),
    ...(options.librdkafka !== undefined && { librdkafka: options.librdkafka }),
  });
  let parts: WorkParts;
  try {
    await Promise.all([...plan.readers.keys()].map((topic) => findTopic(binding, topic)));
    parts = await plan.connect(binding);
  } catch (error) {
    await binding.close(CLOSE_TIMEOUT_MS);
    throw error;
  }
  const consumer: unknown = new GroupConsumer(binding, parts, loopOptions, options.group);
  // The readers, made from these topics, yield exactly their messages.
  return consumer as TypedConsumer<Topics[number]>;
}

const STARTS: ReadonlySet<unknown> = new Set(["earliest", "latest", "error"]);

function loopOptionsOf(options: ConsumerOptions<readonly AnyTopic[]>): LoopOptions {
  const { concurrency = 8, batchSize = 1_000 } = options;
  const { drainTimeoutMs = 10_000, stopTimeoutMs = 25_000 } = options;
  const numbers = { concurrency, batchSize, drainTimeoutMs, stopTimeoutMs };
  for (const [option, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < 1)
      throw invalid(option, value, "use an integer from 1");
  }
  if (!STARTS.has(options.from)) {
    throw invalid("from", options.from, "choose earliest, latest or error");
  }
  if (options.topics.length === 0) throw invalid("topics", [], "give at least one");
  return {
    concurrency,
    maxMessages: batchSize,
    maxBytes: MAX_BYTES,
    waitMs: WAIT_MS,
    drainTimeoutMs,
    stopTimeoutMs,
  };
}

function knowsVersions(registry: SchemaLookup): registry is SchemaLookup & VersionLookup {
  return "versions" in registry && "closedSchema" in registry;
}

function invalid(option: string, value: unknown, reason: string): Error {
  return kafkaErrors.create("KAFKA_OPTION_INVALID", { option, value, reason });
}

class GroupConsumer {
  readonly #binding: ConsumerBinding;
  readonly #parts: WorkParts;
  readonly #options: LoopOptions;
  readonly #group: string;
  readonly #assigned = deferred();
  #loop: ConsumerLoop | undefined;
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(binding: ConsumerBinding, parts: WorkParts, options: LoopOptions, group: string) {
    this.#binding = binding;
    this.#parts = parts;
    this.#options = options;
    this.#group = group;
  }

  get assigned(): Promise<void> {
    return this.#assigned.promise;
  }

  assignment(): readonly TopicPartition[] {
    return this.#loop?.assignment() ?? [];
  }

  async run(handler: MessageHandler<AnyTopic>, options: RunOptions = {}): Promise<void> {
    await this.#run(messageWork(this.#parts, handler), options);
  }

  async runBatch(handler: BatchHandler<AnyTopic>, options: RunOptions = {}): Promise<void> {
    await this.#run(batchWork(this.#parts, handler), options);
  }

  close(): Promise<void> {
    if (this.#loop === undefined) {
      this.#closed ??= this.#binding.close(CLOSE_TIMEOUT_MS).then(() => this.#assigned.resolve());
      return this.#closed;
    }
    this.#loop.stop();
    return this.#running ?? Promise.resolve();
  }

  #run(work: Work, { signal }: RunOptions): Promise<void> {
    if (this.#closed) throw kafkaErrors.create("KAFKA_CLOSED", { client: "consumer" });
    if (this.#loop) throw kafkaErrors.create("KAFKA_ALREADY_RUNNING", { group: this.#group });
    const loop = new ConsumerLoop(this.#binding, this.#parts.readers, work, this.#options);
    this.#loop = loop;
    this.#binding.subscribe([...this.#parts.readers.keys()]);
    void loop.assigned.then(() => this.#assigned.resolve());
    const stop = (): void => loop.stop();
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    this.#running = loop.run().finally(() => signal?.removeEventListener("abort", stop));
    return this.#running;
  }
}
