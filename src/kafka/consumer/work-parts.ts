/**
 * What a consumer's work stands on, made from its options: a reader for each topic and retry topic,
 * one breaker for the registry, and a forwarder where rules send records elsewhere.
 */
import type { BrokerList, ConsumerBinding } from "../../rdkafka/index.ts";
import { localClusterOf } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import { renamed } from "../../schema/index.ts";
import { findTopic } from "../admin/index.ts";
import { ignoredRules, RecordReader } from "../codec/index.ts";
import type {
  Clock,
  FailureRules,
  HookCaller,
  KafkaTracing,
  RulesOption,
  SchemaLookup,
} from "../contract/index.ts";
import { kafkaErrors, processClock } from "../contract/index.ts";
import type { NamedTopics, RawProducer } from "../failure/index.ts";
import { Breaker, checkRules, Forwarder, retryTopicName } from "../failure/index.ts";
import type { Readers, WorkParts } from "./pipeline.ts";

/** What a consumer does with records that fail. Default: it stops, and nothing is skipped. */
export interface FailureOptions {
  readonly failures?: FailureRules;
  /** Sends records to dead-letter and retry topics; needed where `failures` names some. */
  readonly producer?: FailureProducer;
}

/** What is needed of a producer: a `TypedProducer` is one. */
export interface FailureProducer {
  send: (...args: never[]) => Promise<unknown>;
}

/** What is made before there is a connection. */
export interface WorkPlan {
  readonly readers: Readers;
  /** Looks up the topics that rules name, and gives what the work stands on. @throws KAFKA_TOPIC_NOT_FOUND */
  connect(binding: ConsumerBinding): Promise<WorkParts>;
}

/**
 * Checks the rules and makes the readers.
 *
 * @throws KAFKA_OPTION_INVALID; AVRO errors when a descriptor's schema is invalid
 */
export function planWork(
  topics: readonly AnyTopic[],
  registry: SchemaLookup,
  options: FailureOptions & RulesOption & { readonly brokers: BrokerList },
  hooks: HookCaller,
  tracing: KafkaTracing | undefined,
): WorkPlan {
  const { failures = {}, producer, brokers } = options;
  const names = topics.map((topic) => topic.name);
  const named = checkRules(failures, names);
  const forwards = named.forward.length + named.retryDelays.length > 0;
  if (forwards && producer === undefined) {
    const reason = "failures sends records to other topics: give a producer for that";
    throw kafkaErrors.create("KAFKA_OPTION_INVALID", {
      option: "producer",
      value: producer,
      reason,
    });
  }
  if (named.retryDelays.length > 0 && topics.some(({ pattern }) => pattern !== undefined)) {
    throw kafkaErrors.create("KAFKA_OPTION_INVALID", {
      option: "failures",
      value: failures,
      reason: "retry topics belong to a topic with a name; name the topics instead of a pattern",
    });
  }
  const group = hooks.client.group ?? "";
  const clock: Clock = localClusterOf(brokers)?.clock ?? processClock;
  const readers = readersOf(topics, registry, named, {
    group,
    ignored: ignoredRules(options.ignoreRules),
    patience: new Breaker({ hooks, clock }),
  });
  return {
    readers,
    async connect(binding) {
      const partitionsOf = async (name: string): Promise<number> =>
        (await findTopic(binding, name)).partitions.length;
      const { clientId } = hooks.client;
      const forwarder =
        producer === undefined
          ? undefined
          : new Forwarder({
              producer: producer as unknown as RawProducer,
              partitionsOf,
              group,
              clientId,
              hooks,
            });
      if (forwarder !== undefined) {
        await Promise.all(named.forward.map((name) => forwarder.prepare(name)));
      }
      return { readers, hooks, rules: failures, forwarder, tracing, clock };
    },
  };
}

/** Readers by topic; those of topics that a pattern stands for are made when their records come. */
class TopicReaders extends Map<string, RecordReader> {
  readonly #make: (name: string) => RecordReader | undefined;

  constructor(make: (name: string) => RecordReader | undefined) {
    super();
    this.#make = make;
  }

  override get(name: string): RecordReader | undefined {
    const known = super.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name);
    if (made !== undefined) this.set(name, made);
    return made;
  }
}

function readersOf(
  topics: readonly AnyTopic[],
  registry: SchemaLookup,
  { retryDelays }: NamedTopics,
  { group, ignored, patience }: { group: string; ignored: ReadonlySet<string>; patience: Breaker },
): Readers {
  const options = { patience, ignoredRules: ignored };
  const patterns = topics.filter(({ pattern }) => pattern !== undefined);
  const readers = new TopicReaders((name) => {
    const found = patterns.find(({ pattern }) => pattern?.test(name)) ?? patterns[0];
    return found && new RecordReader(renamed(found, name), registry, options);
  });
  for (const topic of topics) {
    if (topic.pattern !== undefined) continue;
    readers.set(topic.name, new RecordReader(topic, registry, options));
    for (const delayMs of retryDelays) {
      const source = retryTopicName(topic.name, group, delayMs);
      const retry = { source, delayMs };
      readers.set(source, new RecordReader(topic, registry, { ...options, retry }));
    }
  }
  return readers;
}
