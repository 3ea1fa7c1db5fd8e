/**
 * The commands that mend what a start-up check finds, ready for a POSIX shell: Kafka's own tools and
 * curl, which work with any cluster and any registry.
 */
import type { AvroType } from "../../schema/index.ts";
import type { TopicDefinition } from "./topic-config.ts";
import { configOf } from "./topic-config.ts";

/** Creates a topic. */
export function createCommand(brokers: readonly string[], topic: TopicDefinition): string {
  const { name, partitions, replication } = topic;
  return words([
    ...topicsTool(brokers, "--create", name),
    ...(partitions === undefined ? [] : ["--partitions", String(partitions)]),
    ...(replication === undefined ? [] : ["--replication-factor", String(replication)]),
    ...Object.entries(configOf(topic)).flatMap(([key, value]) => ["--config", `${key}=${value}`]),
  ]);
}

/** Grows a topic to so many partitions. */
export function growCommand(brokers: readonly string[], name: string, partitions: number): string {
  return words([...topicsTool(brokers, "--alter", name), "--partitions", String(partitions)]);
}

/** Shows the configuration of a topic. */
export function describeConfigCommand(brokers: readonly string[], name: string): string {
  const tool = ["kafka-configs.sh", "--bootstrap-server", brokers.join(",")];
  return words([...tool, "--describe", "--entity-type", "topics", "--entity-name", name]);
}

/** Registers the schema of a type; without a known registry its address is a variable of the shell. */
export function registerCommand(
  registryUrl: string | undefined,
  { subject, schema, references = [] }: AvroType<unknown, unknown>,
): string {
  const body = JSON.stringify({ schema, ...(references.length > 0 && { references }) });
  const path = `/subjects/${encodeURIComponent(subject)}/versions`;
  const type = "Content-Type: application/vnd.schemaregistry.v1+json";
  const url =
    registryUrl === undefined
      ? `"$REGISTRY_URL"${path}`
      : word(registryUrl.replace(/\/+$/, "") + path);
  return `${words(["curl", "-X", "POST", "-H", type, "--data", body])} ${url}`;
}

function topicsTool(brokers: readonly string[], action: string, name: string): string[] {
  return ["kafka-topics.sh", "--bootstrap-server", brokers.join(","), action, "--topic", name];
}

function words(parts: readonly string[]): string {
  return parts.map(word).join(" ");
}

/** One word of a shell, quoted where it has to be. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
