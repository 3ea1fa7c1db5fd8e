/** Topics: create, describe, grow, delete. */
import { setTimeout as sleep } from "node:timers/promises";

import type { AdminBinding, TopicMetadata } from "../../rdkafka/index.ts";
import { createAdminBinding, KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import type { KafkaClientOptions } from "../contract/index.ts";
import {
  ADD_PARTITIONS,
  ADMIN,
  CREATE_TOPIC,
  CREATE_TOPICS,
  checkKafka,
  kafkaErrors,
  NAMED_TOPIC,
} from "../contract/index.ts";

/** A topic to create. */
export interface TopicDefinition {
  readonly name: string;
  /** Default 1. */
  readonly partitions?: number;
  /** Copies of each partition. Default: 3, or the number of brokers when there are fewer. */
  readonly replication?: number;
  /** Same as `config: { "cleanup.policy": "compact" }`. */
  readonly compact?: boolean;
  /** Topic configuration by Kafka's names. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
}

/** A topic as it is. */
export type TopicDescription = TopicMetadata;

/** Looks after topics. */
export interface Admin {
  /** Creates a topic; false when it was there already (it is not changed then). */
  createTopic(topic: TopicDefinition): Promise<boolean>;
  /** Creates topics side by side; resolves with the names of those that are new. */
  createTopics(topics: readonly TopicDefinition[]): Promise<readonly string[]>;
  /** The topic; undefined when it does not exist. */
  describeTopic(name: string): Promise<TopicDescription | undefined>;
  /** Every topic that this client may see. */
  listTopics(): Promise<readonly TopicDescription[]>;
  /** Grows a topic to `total` partitions. Keys move to other partitions by that. */
  addPartitions(name: string, total: number): Promise<void>;
  /** Deletes a topic with all its records. @throws KAFKA_TOPIC_NOT_FOUND */
  deleteTopic(name: string): Promise<void>;
  /** Brokers as `host:port`. */
  brokers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 15_000;
const REPLICATION_DEFAULT = 3;
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
 * await admin.close();
 * ```
 */
export async function createAdmin(options: KafkaClientOptions): Promise<Admin> {
  checkKafka(ADMIN, options);
  const binding = await createAdminBinding({
    brokers: options.brokers,
    clientId: options.clientId ?? "typewire-admin",
    ...(options.connectTimeoutMs !== undefined && { connectTimeoutMs: options.connectTimeoutMs }),
    ...(options.librdkafka !== undefined && { librdkafka: options.librdkafka }),
  });
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
      await untilReady(binding, name, total);
    },
    async deleteTopic(name) {
      checkKafka(NAMED_TOPIC, { name });
      await binding.deleteTopic(name, REQUEST_TIMEOUT_MS).catch((error: unknown) => {
        if (kafkaCodeIn(error) !== KAFKA_CODES.unknownTopicOrPartition) throw error;
        throw kafkaErrors.create("KAFKA_TOPIC_NOT_FOUND", { topic: name }, error);
      });
    },
    brokers: () => binding.brokers(),
    close: () => binding.close(),
  };
}

async function create(binding: AdminBinding, topic: TopicDefinition): Promise<boolean> {
  const config: Record<string, string> = {};
  if (topic.compact === true) config["cleanup.policy"] = "compact";
  // The binding takes text only.
  for (const [name, value] of Object.entries(topic.config ?? {})) config[name] = String(value);
  const replication =
    topic.replication ?? Math.min(REPLICATION_DEFAULT, (await binding.brokers()).length);
  const { name, partitions = 1 } = topic;
  try {
    await binding.createTopic({ name, partitions, replication, config }, REQUEST_TIMEOUT_MS);
  } catch (error) {
    if (kafkaCodeIn(error) === TOPIC_EXISTS) return false;
    throw error;
  }
  await untilReady(binding, name, partitions);
  return true;
}

/**
 * Waits, within reason, until every partition has a leader that answers: a topic that can't be used is
 * no topic. The metadata names a leader before that broker has opened the partition's log.
 */
async function untilReady(binding: AdminBinding, name: string, count: number): Promise<void> {
  const endsAt = performance.now() + READY_TIMEOUT_MS;
  let answered = 0;
  while (performance.now() < endsAt) {
    const topic = await binding.topic(name);
    const led = topic?.partitions.every(({ leader }) => leader >= 0) === true;
    if (topic !== undefined && led && topic.partitions.length >= count) {
      // One after the other: each query takes a thread of the few that the process has.
      while (answered < count && (await answers(binding, name, answered))) {
        answered++;
        if (performance.now() >= endsAt) return;
      }
      if (answered === count) return;
    }
    await sleep(READY_POLL_MS);
  }
}

async function answers(binding: AdminBinding, name: string, partition: number): Promise<boolean> {
  return binding.watermarks(name, partition).then(
    () => true,
    () => false,
  );
}
