/** `createTestBroker`: Kafka and a schema registry in memory, for the typed clients as they are. */
import type { OptionRules } from "../base/index.ts";
import { callback, objectWith, optional, wholeNumber } from "../base/index.ts";
import type {
  BrokerList,
  ClusterClock,
  TopicPartition,
  TopicPartitionOffset,
} from "../rdkafka/index.ts";
import type { AnyTopic } from "../schema/index.ts";
import type { CapturedRecord } from "./captured.ts";
import { captured } from "./captured.ts";
import { testingErrors } from "./errors.ts";
import type { FaultInjector } from "./faults.ts";
import { MemoryCluster } from "./memory-cluster.ts";
import type { TestRegistry } from "./memory-registry.ts";
import { MemoryRegistry } from "./memory-registry.ts";
import { checkTesting, topicList } from "./options.ts";

/** What a broker in memory begins with. */
export interface TestBrokerOptions {
  /** Topics that exist from the start, with the schemas of their keys and values registered. */
  readonly topics?: readonly AnyTopic[];
  /** Partitions of each of them. Default 4, as those of `startTestEnvironment`. */
  readonly partitions?: number;
  /**
   * Whose time delays and the clients' pauses between attempts take: one made by `createVirtualClock`.
   * Default: the process's.
   */
  readonly clock?: ClusterClock;
}

/**
 * Kafka and a registry in memory. It has the members that clients are connected with, so it can be
 * given to `createProducer` as it is, and to `createConsumer` with `...broker`.
 */
export interface TestBroker {
  /** What clients take as `brokers`. It stands for this broker by identity: don't copy the list. */
  readonly brokers: BrokerList;
  /** What clients take as `registry`. */
  readonly registry: TestRegistry;
  /** Makes calls fail, or slow. */
  readonly faults: FaultInjector;
  /** Adds topics; those that are there stay as they are. @throws TESTING_OPTION_INVALID */
  addTopics(topics: readonly AnyTopic[], options?: { readonly partitions?: number }): void;
  /**
   * What was produced to a topic and not aborted, by partition and offset. @throws TESTING_TOPIC_UNKNOWN
   */
  records<T extends AnyTopic>(topic: T): readonly CapturedRecord<T>[];
  /** The committed offsets of a group. */
  committed(group: string): readonly TopicPartitionOffset[];
  /** Takes every partition from its owner and gives it to the next member, as rebalances do. */
  rebalance(group: string): void;
  /** Resolves when no rebalance of a group is under way: every member has what it is to have. */
  balanced(group: string): Promise<void>;
  /**
   * Ends every consumer of a group as a killed process ends: what it had not committed comes again.
   * Their `run` rejects with RDKAFKA_FATAL. Returns how many there were.
   */
  crash(group: string): number;
  /**
   * Resolves when a group has committed everything that the topics hold.
   *
   * @throws TESTING_TOPIC_UNKNOWN
   */
  caughtUp(group: string, ...topics: readonly AnyTopic[]): Promise<void>;
}

/** How far what is inside can be reached; for the parts of this module. */
export interface TestBrokerParts {
  readonly cluster: MemoryCluster;
  readonly registry: MemoryRegistry;
}

/** As many as topics of the embedded cluster have. */
const PARTITIONS_DEFAULT = 4;
const TOPICS: OptionRules = { topics: topicList, partitions: wholeNumber(1, 10_000) };
const clockRule = objectWith({ now: callback, after: callback });

const PROCESS_CLOCK: ClusterClock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Starts a broker and a registry in memory: no sockets, no native code, nothing to close.
 *
 * @throws TESTING_OPTION_INVALID; AVRO errors when a descriptor's schema is invalid
 * @example
 * ```ts
 * import { createProducer } from "typewire/kafka";
 * import { createTestBroker } from "typewire/testing";
 * import { orders } from "./generated/orders.js";
 *
 * const broker = createTestBroker({ topics: [orders] });
 * const producer = await createProducer(broker);
 * await producer.send(orders, { key: "o-17", value: { orderId: "o-17" } });
 * console.log(broker.records(orders));
 * ```
 */
export function createTestBroker(options: TestBrokerOptions = {}): TestBroker {
  return makeTestBroker(options).broker;
}

/** A broker, and what it is made of. */
export function makeTestBroker(
  options: TestBrokerOptions = {},
): { readonly broker: TestBroker } & TestBrokerParts {
  checkTesting({ topics: optional(topicList), clock: optional(clockRule) }, options);
  const cluster = new MemoryCluster(options.clock ?? PROCESS_CLOCK);
  const registry = new MemoryRegistry(cluster.faults);
  const logsOf = ({ name: topic }: AnyTopic) => {
    const logs = cluster.logs(topic);
    if (logs === undefined) throw testingErrors.create("TESTING_TOPIC_UNKNOWN", { topic });
    return logs;
  };
  const broker: TestBroker = {
    brokers: cluster.brokers,
    registry,
    faults: cluster.faults,
    addTopics(topics, { partitions = options.partitions ?? PARTITIONS_DEFAULT } = {}) {
      checkTesting(TOPICS, { topics, partitions });
      for (const topic of topics) {
        registry.registerTopic(topic);
        cluster.addTopic(topic.name, partitions);
      }
    },
    records: (topic) =>
      logsOf(topic).flatMap((log, partition) =>
        log.all().map((record) => captured(topic, partition, record, registry)),
      ),
    committed: (group) => cluster.group(group).allCommitted(),
    rebalance: (group) => {
      cluster.group(group).reassign();
    },
    balanced: (group) => cluster.until(() => cluster.isSettled(group)),
    crash: (group) => cluster.crash(group),
    async caughtUp(group, ...topics) {
      const places: TopicPartition[] = topics.flatMap((topic) =>
        logsOf(topic).map((_, partition) => ({ topic: topic.name, partition })),
      );
      const isBehind = (place: TopicPartition): boolean =>
        cluster.group(group).committed(place) < (cluster.log(place)?.high ?? 0) &&
        cluster.log(place)?.high !== 0;
      await cluster.until(() => !places.some(isBehind));
    },
  };
  broker.addTopics(options.topics ?? []);
  return { broker, cluster, registry };
}
