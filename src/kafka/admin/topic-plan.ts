/**
 * Topics as they should be against topics as they are: what would be created or grown, and what differs
 * and stays.
 *
 * Invariants:
 * - Nothing is deleted, shrunk or reconfigured; what this client can't change is told, not tried.
 * - What can't be read, a topic's configuration, is listed as unchecked, never taken for equal.
 * - A plan is made of the cluster at one moment; applying it never changes a topic that appeared since.
 */
import type { TopicMetadata } from "../../rdkafka/index.ts";
import { APPLY_TOPICS, CREATE_TOPICS, checkKafka } from "../contract/index.ts";
import type { Admin } from "./admin.ts";
import type { TopicDefinition } from "./topic-config.ts";
import { configOf } from "./topic-config.ts";

/** What is to be done about one topic. */
export interface TopicChange {
  /** `differs`: the topic is there, is not as defined, and stays as it is. */
  readonly action: "create" | "grow" | "differs" | "nothing";
  readonly topic: TopicDefinition;
  /** Partitions before and after, where the topic grows. */
  readonly partitions?: { readonly from: number; readonly to: number };
  /** What is not as defined and can't be changed here, as sentences. */
  readonly differences: readonly string[];
  /** What to know before the plan is applied, as sentences. */
  readonly warnings: readonly string[];
  /** Names of configurations that are defined and can't be compared. */
  readonly unchecked: readonly string[];
}

/** The asked topics, in the order in which they were given. */
export type TopicPlan = readonly TopicChange[];

/**
 * Compares topics with a cluster. Changes nothing.
 *
 * @throws KAFKA_OPTION_INVALID; RDKAFKA errors
 *
 * @example
 * ```ts
 * import { loadConfig, topicDefinitions } from "typewire/codegen";
 * import { applyTopics, createAdmin, planTopics } from "typewire/kafka";
 *
 * const admin = await createAdmin({ brokers: ["localhost:9092"] });
 * const plan = await planTopics(admin, topicDefinitions(await loadConfig("typewire.json")));
 * for (const { action, topic, warnings } of plan) console.log(action, topic.name, ...warnings);
 * await applyTopics(admin, plan);
 * await admin.close();
 * ```
 */
export async function planTopics(
  admin: Pick<Admin, "brokers" | "describeTopic">,
  topics: readonly TopicDefinition[],
): Promise<TopicPlan> {
  checkKafka(CREATE_TOPICS, { topics });
  const [brokers, found] = await Promise.all([
    admin.brokers(),
    Promise.all(topics.map(({ name }) => admin.describeTopic(name))),
  ]);
  return topics.map((topic, i) => changeOf(topic, found[i], brokers.length));
}

/**
 * Creates and grows what a plan says; resolves with the changes that were made.
 *
 * @throws KAFKA_OPTION_INVALID; RDKAFKA errors: what was done before stays
 */
export async function applyTopics(
  admin: Pick<Admin, "createTopic" | "addPartitions">,
  plan: TopicPlan,
): Promise<TopicPlan> {
  checkKafka(APPLY_TOPICS, { plan });
  const done: TopicChange[] = [];
  for (const change of plan) {
    const { action, topic, partitions } = change;
    if (action === "create" && (await admin.createTopic(topic))) done.push(change);
    if (action === "grow" && partitions !== undefined) {
      await admin.addPartitions(topic.name, partitions.to);
      done.push(change);
    }
  }
  return done;
}

/** The change of one topic; `found` is undefined when it does not exist. */
export function changeOf(
  topic: TopicDefinition,
  found: TopicMetadata | undefined,
  brokers: number,
): TopicChange {
  const { name, replication } = topic;
  if (found === undefined) {
    const tooMany = replication !== undefined && replication > brokers;
    const warnings = tooMany
      ? [`topic ${name} asks for ${copies(replication)}, and the cluster has ${brokers} brokers`]
      : [];
    return { action: "create", topic, differences: [], warnings, unchecked: [] };
  }
  const have = found.partitions.length;
  const want = topic.partitions ?? have;
  const differences = [...partitionDifference(name, want, have), ...copyDifference(topic, found)];
  const unchecked = Object.keys(configOf(topic)).sort();
  if (want > have) {
    const warnings = [
      `topic ${name} grows from ${have} to ${want} partitions: most keys move to another one, so the order of a key's records breaks once`,
    ];
    const partitions = { from: have, to: want };
    return { action: "grow", topic, partitions, differences, warnings, unchecked };
  }
  const action = differences.length > 0 ? "differs" : "nothing";
  return { action, topic, differences, warnings: [], unchecked };
}

function partitionDifference(name: string, want: number, have: number): string[] {
  if (want >= have) return [];
  return [`topic ${name} has ${have} partitions, not ${want}: Kafka never removes partitions`];
}

function copyDifference(
  { name, replication }: TopicDefinition,
  found: TopicMetadata,
): readonly string[] {
  if (replication === undefined) return [];
  const wrong = found.partitions.filter(({ replicas }) => replicas.length !== replication);
  const [first] = wrong;
  if (first === undefined) return [];
  const ids = wrong.map(({ id }) => id).join(", ");
  return [
    `partitions ${ids} of topic ${name} have ${copies(first.replicas.length)}, not ${replication}: kafka-reassign-partitions.sh changes that`,
  ];
}

function copies(count: number): string {
  return count === 1 ? "1 replica" : `${count} replicas`;
}
