/**
 * Topics, brokers, and groups seen from outside. What node-rdkafka can't ask for, the members of a group,
 * the list of groups and configurations, has no method here.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type {
  AdminBinding,
  BrokerMetadata,
  TopicMetadata,
  TopicPartition,
} from "../../rdkafka/index.ts";
import { createAdminBinding, KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import type { KafkaClientOptions } from "../contract/index.ts";
import {
  ADD_PARTITIONS,
  ADMIN,
  CREATE_TOPIC,
  CREATE_TOPICS,
  checkKafka,
  kafkaErrors,
  LAG,
  NAMED_TOPIC,
  RESET,
  TOPIC_AT,
} from "../contract/index.ts";
import { lagOfGroup, offsetsForTime, offsetsOfTopics, resetGroup } from "./groups.ts";
import type { GroupLag, PartitionOffsets, PartitionReset, ResetTarget } from "./offsets.ts";
import type { TopicDefinition } from "./topic-config.ts";
import { clashingPolicy, configOf } from "./topic-config.ts";

/** A topic as it is. */
export type TopicDescription = TopicMetadata;
/** A broker as it is. */
export type BrokerDescription = BrokerMetadata;

/** Looks after topics and groups. */
export interface Admin {
  /** Creates a topic; false when it was there already (it is not changed then). */
  createTopic(topic: TopicDefinition): Promise<boolean>;
  /** Creates topics side by side; resolves with the names of those that are new. */
  createTopics(topics: readonly TopicDefinition[]): Promise<readonly string[]>;
  /** The topic with leaders, replicas and in-sync replicas; undefined when it does not exist. */
  describeTopic(name: string): Promise<TopicDescription | undefined>;
  /** Every topic that this client may see. */
  listTopics(): Promise<readonly TopicDescription[]>;
  /** Grows a topic to `total` partitions. Keys move to other partitions by that. */
  addPartitions(name: string, total: number): Promise<void>;
  /** Deletes a topic with all its records. @throws KAFKA_TOPIC_NOT_FOUND */
  deleteTopic(name: string): Promise<void>;
  /** The brokers that the cluster has now, by id. */
  brokers(): Promise<readonly BrokerDescription[]>;
  /** First and next offset of each partition (the watermarks). @throws KAFKA_TOPIC_NOT_FOUND */
  watermarks(topic: string): Promise<readonly PartitionOffsets[]>;
  /**
   * For each partition the offset of the first record at or after a time in milliseconds since the
   * epoch; absent where no record is that young. @throws KAFKA_TOPIC_NOT_FOUND
   */
  offsetsForTimes(
    topic: string,
    timestamp: number,
  ): Promise<readonly (TopicPartition & { readonly offset?: number })[]>;
  /**
   * Committed offsets and lag of a group, whether it runs or not; by default for every topic in which
   * it has committed. Markers of transactions count as records. @throws KAFKA_TOPIC_NOT_FOUND
   */
  lag(group: string, topics?: readonly string[]): Promise<readonly GroupLag[]>;
  /**
   * Moves a group to other offsets of some topics, all of them or none; resolves with what was moved.
   * The group must have no members: stop its consumers first. `dryRun` moves nothing and resolves with
   * the same; it can't tell whether the group has members.
   *
   * @throws KAFKA_GROUP_ACTIVE, KAFKA_NOTHING_COMMITTED for a shift, KAFKA_OFFSETS_UNKNOWN,
   *   KAFKA_TOPIC_NOT_FOUND
   */
  resetOffsets(
    group: string,
    topics: readonly string[],
    to: ResetTarget,
    options?: { readonly dryRun?: boolean },
  ): Promise<readonly PartitionReset[]>;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 15_000;
const TOPIC_EXISTS = 36;
const READY_TIMEOUT_MS = 5_000;
const READY_POLL_MS = 20;

/**
 * Connects an admin client.
 *
 * @throws KAFKA_OPTION_INVALID; RDKAFKA_CONNECT_FAILED, RDKAFKA_SETTING_INVALID, RDKAFKA_SETTING_REFUSED
 *
 * @example
 * ```ts
 * import { createAdmin } from "typewire/kafka";
 *
 * const admin = await createAdmin({ brokers: ["localhost:9092"] });
 * await admin.createTopic({ name: "users", partitions: 6, compact: true });
 * for (const { partition, lag } of await admin.lag("billing", ["users"])) console.log(partition, lag);
 * await admin.close();
 * ```
 */
export async function createAdmin(options: KafkaClientOptions): Promise<Admin> {
  checkKafka(ADMIN, options);
  return adminOf(await connectAdmin(options));
}

/** The binding of an admin client's options. */
export function connectAdmin(options: KafkaClientOptions): Promise<AdminBinding> {
  return createAdminBinding({
    brokers: options.brokers,
    clientId: options.clientId ?? "typewire-admin",
    ...(options.connectTimeoutMs !== undefined && { connectTimeoutMs: options.connectTimeoutMs }),
    ...(options.librdkafka !== undefined && { librdkafka: options.librdkafka }),
  });
}

function adminOf(binding: AdminBinding): Admin {
  return {
    ...topicMethods(binding),
    brokers: () => binding.nodes(),
    async watermarks(topic) {
      checkKafka(NAMED_TOPIC, { name: topic });
      return offsetsOfTopics(binding, [topic]);
    },
    async offsetsForTimes(topic, timestamp) {
      checkKafka(TOPIC_AT, { topic, timestamp });
      return offsetsForTime(binding, [topic], timestamp);
    },
    async lag(group, topics) {
      checkKafka(LAG, { group, topics });
      return lagOfGroup(binding, group, topics);
    },
    async resetOffsets(group, topics, to, options = {}) {
      checkKafka(RESET, { group, topics, to, options });
      return resetGroup(binding, group, topics, to, options.dryRun ?? false);
    },
    close: () => binding.close(),
  };
}

type TopicMethods = Pick<
  Admin,
  "createTopic" | "createTopics" | "describeTopic" | "listTopics" | "addPartitions" | "deleteTopic"
>;

function topicMethods(binding: AdminBinding): TopicMethods {
  const createTopic = async (topic: TopicDefinition): Promise<boolean> => {
    checkKafka(CREATE_TOPIC, { topic });
    return create(binding, topic);
  };
  return {
    createTopic,
    async createTopics(topics) {
      checkKafka(CREATE_TOPICS, { topics });
      const created = await Promise.all(topics.map(createTopic));
      return topics.filter((_, i) => created[i]).map(({ name }) => name);
    },
    async describeTopic(name) {
      checkKafka(NAMED_TOPIC, { name });
      return binding.topic(name);
    },
    listTopics: () => binding.topics(),
    async addPartitions(name, total) {
      checkKafka(ADD_PARTITIONS, { name, total });
      await binding.createPartitions(name, total, REQUEST_TIMEOUT_MS);
    },
    async deleteTopic(name) {
      checkKafka(NAMED_TOPIC, { name });
      await binding.deleteTopic(name, REQUEST_TIMEOUT_MS).catch((error: unknown) => {
        if (kafkaCodeIn(error) !== KAFKA_CODES.unknownTopicOrPartition) throw error;
        throw kafkaErrors.create("KAFKA_TOPIC_NOT_FOUND", { topic: name }, error);
      });
    },
  };
}

async function create(binding: AdminBinding, topic: TopicDefinition): Promise<boolean> {
  const policy = clashingPolicy(topic);
  if (policy !== undefined) {
    const option = "topic.config.cleanup.policy";
    const reason = `topic ${topic.name} says \`compact: true\`; use "compact" or "compact,delete", or leave one of the two out`;
    throw kafkaErrors.create("KAFKA_OPTION_INVALID", { option, value: policy, reason });
  }
  const { name, partitions, replication } = topic;
  const wanted = { name, partitions, replication, config: configOf(topic) };
  try {
    await binding.createTopic(wanted, REQUEST_TIMEOUT_MS);
  } catch (error) {
    if (kafkaCodeIn(error) === TOPIC_EXISTS) return false;
    throw error;
  }
  await untilReady(binding, name);
  return true;
}

/** Waits, within reason, until every partition has a leader: a topic that can't be used is no topic. */
async function untilReady(binding: AdminBinding, name: string): Promise<void> {
  for (const endsAt = performance.now() + READY_TIMEOUT_MS; performance.now() < endsAt; ) {
    const topic = await binding.topic(name);
    if (topic?.partitions.every(({ leader }) => leader >= 0) === true) return;
    await sleep(READY_POLL_MS);
  }
}
