/** What a topic's definition says to Kafka. */
import type { KafkaSettings } from "../../rdkafka/index.ts";

/** A topic to create. */
export interface TopicDefinition {
  readonly name: string;
  /** Default: the broker's (`num.partitions`). */
  readonly partitions?: number;
  /** Copies of each partition. Default: the broker's (`default.replication.factor`). */
  readonly replication?: number;
  /** Same as `config: { "cleanup.policy": "compact" }`. */
  readonly compact?: boolean;
  /** Topic configuration by Kafka's names. */
  readonly config?: KafkaSettings;
}

const CLEANUP = "cleanup.policy";

/** The configuration as Kafka takes it: text only, with `compact` in it. */
export function configOf({ compact, config }: TopicDefinition): Record<string, string> {
  const texts: Record<string, string> = compact === true ? { [CLEANUP]: "compact" } : {};
  for (const [name, value] of Object.entries(config ?? {})) texts[name] = String(value);
  return texts;
}

/** Whether the topic keeps the last record of each key, so that tombstones mean something. */
export function isCompacted(definition: TopicDefinition): boolean {
  return isCompacting(configOf(definition)[CLEANUP]);
}

/** The cleanup policy of a definition that says `compact: true` and another policy; else undefined. */
export function clashingPolicy(definition: TopicDefinition): string | undefined {
  const policy = configOf(definition)[CLEANUP];
  return definition.compact === true && !isCompacting(policy) ? policy : undefined;
}

function isCompacting(policy: string | undefined): boolean {
  return (policy ?? "").split(",").some((part) => part.trim() === "compact");
}
