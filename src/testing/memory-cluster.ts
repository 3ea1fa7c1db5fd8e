/**
 * A Kafka cluster in memory, below the typed clients: no native code, no sockets.
 *
 * Invariants: what is acknowledged is in the log; everybody who waits is woken by every change; each
 * call takes a turn of the event loop at least, so that a loop over it starves nobody.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  AdminBinding,
  BrokerList,
  ClusterClock,
  ClusterQueries,
  ConnectionOptions,
  ConsumerBinding,
  ConsumerBindingOptions,
  GroupBinding,
  LocalCluster,
  ProducerBinding,
  ProducerBindingOptions,
  TopicMetadata,
  TopicPartition,
} from "../rdkafka/index.ts";
import { KAFKA_CODES, LOCAL_CLUSTER, OFFSET_TIMES, rdkafkaErrors } from "../rdkafka/index.ts";
import { Faults } from "./faults.ts";
import { MemoryConsumer } from "./memory-consumer.ts";
import { MemoryGroup } from "./memory-group.ts";
import { MemoryProducer } from "./memory-producer.ts";
import { PartitionLog } from "./partition-log.ts";

const ADDRESS = "memory:9092";
const NODE = { id: 1, host: "memory", port: 9092 };
const UNKNOWN_TOPIC = 3;
const TOPIC_EXISTS = 36;
const INVALID_PARTITIONS = 37;

/** One cluster. */
export class MemoryCluster implements LocalCluster {
  readonly clock: ClusterClock;
  readonly faults: Faults;
  /** What clients are connected with. */
  readonly brokers: BrokerList;
  /** False: consumers commit on leaving only, as if every crash came before the next commit. */
  commitsEarly = true;
  readonly #topics = new Map<string, PartitionLog[]>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #sleepers = new Set<() => void>();
  /** Who holds a transactional id. */
  readonly transactionalIds = new Map<string, MemoryProducer>();

  constructor(clock: ClusterClock) {
    this.clock = clock;
    this.faults = new Faults(clock);
    this.brokers = Object.freeze(Object.assign([ADDRESS], { [LOCAL_CLUSTER]: this }));
  }

  async connectProducer(options: ProducerBindingOptions): Promise<ProducerBinding> {
    await this.#connect(options);
    return new MemoryProducer(this, options);
  }

  async connectConsumer(options: ConsumerBindingOptions): Promise<ConsumerBinding> {
    await this.#connect(options);
    return new MemoryConsumer(this, options);
  }

  async connectAdmin(options: ConnectionOptions): Promise<AdminBinding> {
    await this.#connect(options);
    return {
      ...this.queries(),
      nodes: () => Promise.resolve([NODE]),
      group: (name) => Promise.resolve(this.#groupBinding(name)),
      createTopic: async ({ name, partitions = 1 }) => {
        await nextTurn();
        if (!this.addTopic(name, partitions)) throw refused(`creating topic ${name}`, TOPIC_EXISTS);
      },
      deleteTopic: async (name) => {
        await nextTurn();
        if (!this.#topics.delete(name)) throw refused(`deleting topic ${name}`, UNKNOWN_TOPIC);
        this.#topicsChanged();
      },
      createPartitions: async (name, total) => {
        await nextTurn();
        const logs = this.#topics.get(name);
        const action = `adding partitions to topic ${name}`;
        if (logs === undefined) throw refused(action, UNKNOWN_TOPIC);
        if (total <= logs.length) throw refused(action, INVALID_PARTITIONS);
        while (logs.length < total) logs.push(new PartitionLog());
        this.#topicsChanged();
      },
      close: () => Promise.resolve(),
    };
  }

  /** A group seen from outside. */
  #groupBinding(name: string): GroupBinding {
    const group = this.group(name);
    const known = (offset: number): number | undefined => (offset < 0 ? undefined : offset);
    return {
      committed: async (partitions) => {
        await nextTurn();
        return partitions.map((place) => known(group.committed(place)));
      },
      offsetsAt: async (partitions, timestamp) => {
        await nextTurn();
        return partitions.map((place) => {
          const log = this.log(place);
          if (log === undefined) return undefined;
          if (timestamp === OFFSET_TIMES.first) return log.low;
          if (timestamp === OFFSET_TIMES.next) return log.high;
          return known(log.offsetAt(timestamp));
        });
      },
      commit: async (offsets) => {
        await nextTurn();
        if (group.members.length > 0) throw refused("the commit", KAFKA_CODES.unknownMember);
        group.commit(offsets);
      },
      close: () => Promise.resolve(),
    };
  }

  /** What every client can ask. */
  queries(): ClusterQueries {
    return {
      brokers: () => Promise.resolve([ADDRESS]),
      topic: async (name) => {
        await nextTurn();
        return this.#metadata(name);
      },
      topics: async () => {
        await nextTurn();
        return [...this.#topics.keys()].flatMap((name) => this.#metadata(name) ?? []);
      },
      watermarks: async (topic, partition) => {
        await nextTurn();
        const log = this.log({ topic, partition });
        if (log === undefined) throw refused(`the offsets of ${topic}/${partition}`, UNKNOWN_TOPIC);
        return { low: log.low, high: log.high };
      },
    };
  }

  /** False when the topic is there already. */
  addTopic(name: string, partitions: number): boolean {
    if (this.#topics.has(name)) return false;
    this.#topics.set(
      name,
      Array.from({ length: partitions }, () => new PartitionLog()),
    );
    this.#topicsChanged();
    return true;
  }

  /** The partitions of a topic. */
  logs(topic: string): readonly PartitionLog[] | undefined {
    return this.#topics.get(topic);
  }

  log({ topic, partition }: TopicPartition): PartitionLog | undefined {
    return this.#topics.get(topic)?.[partition];
  }

  group(name: string): MemoryGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = new MemoryGroup(() =>
      [...this.#topics].flatMap(([topic, logs]) =>
        logs.map((_, partition) => ({ topic, partition })),
      ),
    );
    this.#groups.set(name, group);
    return group;
  }

  /** Kills the members of a group: they commit nothing any more, and their clients are finished. */
  crash(name: string): number {
    const members = this.group(name).members;
    for (const member of members) (member as MemoryConsumer).kill();
    return members.length;
  }

  /** Whether no rebalance of a group is under way. */
  isSettled(name: string): boolean {
    return this.group(name).members.every((member) => (member as MemoryConsumer).isSettled);
  }

  /** Resolves when this is so; looked at after every change. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        const cancel = this.onChange(() => {
          cancel();
          resolve();
        });
      });
    }
  }

  /** Calls back at the next change; the returned function cancels. */
  onChange(wake: () => void): () => void {
    this.#sleepers.add(wake);
    return () => this.#sleepers.delete(wake);
  }

  /** Something changed. */
  changed(): void {
    for (const wake of [...this.#sleepers]) wake();
  }

  async #connect(options: ConnectionOptions): Promise<void> {
    await this.faults.wait("connect");
    await nextTurn();
    if (this.faults.strike("connect") === undefined) return;
    const details = { brokers: ADDRESS, timeoutMs: options.connectTimeoutMs ?? 0 };
    const reason = "the test made it fail";
    throw rdkafkaErrors.create("RDKAFKA_CONNECT_FAILED", { ...details, reason });
  }

  #metadata(name: string): TopicMetadata | undefined {
    const logs = this.#topics.get(name);
    if (logs === undefined) return undefined;
    const partitions = logs.map((_, id) => ({ id, leader: 1, replicas: [1], inSync: [1] }));
    return { name, partitions };
  }

  #topicsChanged(): void {
    for (const group of this.#groups.values()) group.balance();
    this.changed();
  }
}

function refused(action: string, kafkaCode: number): Error {
  const reason = REASONS[kafkaCode] ?? "refused";
  return rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", { action, reason, kafkaCode });
}

const REASONS: Readonly<Record<number, string>> = {
  [UNKNOWN_TOPIC]: "Broker: Unknown topic or partition",
  [TOPIC_EXISTS]: "Broker: Topic already exists",
  [INVALID_PARTITIONS]: "Broker: Invalid number of partitions",
};
