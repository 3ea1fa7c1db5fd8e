/**
 * What can be wrong with the surroundings of clients, looked at once before they start: brokers, topics,
 * and the registry's schemas.
 *
 * Invariants:
 * - All problems are told at once; each ends with what mends it.
 * - What this client can't see is listed as unknown: it is neither a problem nor right.
 * - Nothing is created or changed.
 */
import { isTypewireError, reasonOf } from "../../base/index.ts";
import type { AdminBinding } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { KafkaClientOptions, SchemaLookup, VersionLookup } from "../contract/index.ts";
import { checkKafka, kafkaErrors, registryOf, START_CHECK } from "../contract/index.ts";
import { connectAdmin } from "./admin.ts";
import { findTopic } from "./find-topic.ts";
import { createCommand, describeConfigCommand, growCommand, registerCommand } from "./mending.ts";
import { avroTypes, unreadableVersions } from "./readable-versions.ts";
import type { TopicDefinition } from "./topic-config.ts";
import { isCompacted } from "./topic-config.ts";
import { changeOf } from "./topic-plan.ts";

/** What clients will do. */
export interface StartCheckOptions extends KafkaClientOptions {
  /** The registry of the clients. Without it schemas are not checked. */
  readonly registry?: string | SchemaLookup;
  /** Topics that will be written: their schemas have to be registered. */
  readonly writes?: readonly AnyTopic[];
  /** Topics that will be read: their types have to read every live version. */
  readonly reads?: readonly AnyTopic[];
  /** Names of topics for dead letters and retries. */
  readonly forwardsTo?: readonly string[];
  /** Topics as they should be, for example `topicDefinitions` of `typewire.json`. */
  readonly topics?: readonly TopicDefinition[];
}

/** What a start-up check found out. */
export interface StartReport {
  /** What could not be found out, as sentences. */
  readonly unknown: readonly string[];
}

/** What one part of the check found. */
interface Findings {
  readonly problems: string[];
  readonly unknown: string[];
}

const ASKED_AT_ONCE = 16;

/**
 * Checks that clients can start: brokers answer, topics exist and are as defined, schemas are
 * registered, and types read every live version of what they will meet.
 *
 * @throws KAFKA_START_CHECK_FAILED with all problems in `details.problems`; KAFKA_OPTION_INVALID
 *
 * @example
 * ```ts
 * import { checkClients } from "typewire/kafka";
 * import { orders, users } from "./generated/index.js";
 *
 * await checkClients({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   reads: [orders],
 *   writes: [users],
 *   forwardsTo: ["orders.dead-letters"],
 * });
 * ```
 */
export async function checkClients(options: StartCheckOptions): Promise<StartReport> {
  checkKafka(START_CHECK, options);
  const parts = await Promise.all([checkCluster(options), checkSchemas(options)]);
  const problems = parts.flatMap((part) => part.problems);
  if (problems.length > 0) throw kafkaErrors.create("KAFKA_START_CHECK_FAILED", { problems });
  return { unknown: parts.flatMap((part) => part.unknown) };
}

async function checkCluster(options: StartCheckOptions): Promise<Findings> {
  const { brokers } = options;
  let binding: AdminBinding;
  try {
    binding = await connectAdmin(options);
  } catch (error) {
    const mend = `Look with: npx typewire doctor --brokers ${brokers.join(",")}`;
    return { problems: [`${told(error)} ${mend}`], unknown: [] };
  }
  try {
    const nodes = (await binding.nodes()).length;
    const found = await inGroups(wantedTopics(options), (wanted) =>
      checkTopic(binding, wanted, brokers, nodes),
    );
    return merged(found);
  } catch (error) {
    return { problems: [told(error)], unknown: [] };
  } finally {
    await binding.close();
  }
}

/** All that is said about the topic of one name. */
interface WantedTopic {
  readonly name: string;
  readonly definition: TopicDefinition | undefined;
  readonly descriptors: readonly AnyTopic[];
}

function wantedTopics(options: StartCheckOptions): readonly WantedTopic[] {
  const { reads = [], writes = [], forwardsTo = [], topics = [] } = options;
  const described = [...reads, ...writes];
  const names = new Set([
    ...described.map(({ name }) => name),
    ...forwardsTo,
    ...topics.map(({ name }) => name),
  ]);
  return [...names].map((name) => ({
    name,
    definition: topics.find((topic) => topic.name === name),
    descriptors: described.filter((topic) => topic.name === name),
  }));
}

async function checkTopic(
  binding: AdminBinding,
  wanted: WantedTopic,
  brokers: readonly string[],
  nodes: number,
): Promise<Findings> {
  const { name, descriptors } = wanted;
  const compact = descriptors.some((topic) => topic.compact);
  const definition = wanted.definition ?? { name, compact };
  const problems = policyProblems(wanted);
  const found = await findTopic(binding, name).catch((error: unknown) => {
    if (!isTypewireError(error, "KAFKA_TOPIC_NOT_FOUND")) throw error;
    return undefined;
  });
  const change = changeOf(definition, found, nodes);
  if (found === undefined) {
    const mend = `create it: ${createCommand(brokers, definition)}`;
    problems.push([`topic ${name} does not exist`, ...change.warnings, mend].join("; "));
    return { problems, unknown: [] };
  }
  for (const difference of change.differences) {
    problems.push(`${difference}; or correct the definition of the topic`);
  }
  if (change.partitions !== undefined) {
    const { from, to } = change.partitions;
    const mend = `${growCommand(brokers, name, to)} (keys move to other partitions by that)`;
    problems.push(`topic ${name} has ${from} partitions, ${to} are defined; grow it: ${mend}`);
  }
  for (const { id, leader, replicas } of found.partitions) {
    if (leader >= 0) continue;
    const mend = `start a broker that holds it: ${replicas.join(", ")}`;
    problems.push(`partition ${id} of topic ${name} has no leader; ${mend}`);
  }
  return { problems, unknown: compact ? [unknownPolicy(brokers, name)] : [] };
}

/** Whether descriptors and definition agree on compaction. */
function policyProblems({ name, definition, descriptors }: WantedTopic): string[] {
  if (definition === undefined) return [];
  const compacted = isCompacted(definition);
  const problems: string[] = [];
  if (!compacted && descriptors.some((topic) => topic.compact)) {
    problems.push(
      `topic ${name} takes tombstones, but its definition is not compacted; add "compact": true to the definition`,
    );
  }
  if (compacted && descriptors.some(({ key }) => key.kind === "none")) {
    problems.push(
      `topic ${name} has no keys, but its definition is compacted, and brokers refuse records without a key there; remove "compact" from the definition or give the topic keys`,
    );
  }
  return problems;
}

function unknownPolicy(brokers: readonly string[], name: string): string {
  return `topic ${name} takes tombstones; whether its cleanup.policy in Kafka is compact can't be read by this client; look with: ${describeConfigCommand(brokers, name)}`;
}

async function checkSchemas(options: StartCheckOptions): Promise<Findings> {
  const { reads = [], writes = [] } = options;
  const subjects = [...reads, ...writes].flatMap(avroTypes).map(({ subject }) => subject);
  if (subjects.length === 0) return { problems: [], unknown: [] };
  if (options.registry === undefined) {
    const names = [...new Set(subjects)].sort().join(", ");
    return { problems: [], unknown: [`schemas of ${names} were not checked: no registry given`] };
  }
  const registry = registryOf({ registry: options.registry });
  const outages = new Map<string, string>();
  const guarded = (check: () => Promise<Findings>): Promise<Findings> =>
    check().catch((error: unknown) => {
      // A registry that is down says so once, not once for each subject.
      const code = isTypewireError(error) ? error.code : reasonOf(error);
      if (!outages.has(code)) outages.set(code, told(error));
      return { problems: [], unknown: [] };
    });
  const written = await inGroups(writes, (topic) => guarded(() => unregistered(topic, registry)));
  const read = await inGroups(reads, (topic) => guarded(() => unreadable(topic, registry)));
  const found = merged([...written, ...read]);
  return { problems: [...outages.values(), ...new Set(found.problems)], unknown: found.unknown };
}

async function unregistered(topic: AnyTopic, registry: SchemaLookup): Promise<Findings> {
  const problems: string[] = [];
  for (const type of avroTypes(topic)) {
    const { subject, schema, references = [] } = type;
    await registry.idOf(subject, { schema, references }).catch((error: unknown) => {
      if (!isTypewireError(error, "CLIENT_SCHEMA_NOT_REGISTERED")) throw error;
      const mend = `register it: ${registerCommand(urlOf(registry), type)}`;
      problems.push(
        `the schema of topic ${topic.name} is not registered under subject ${subject}; ${mend}`,
      );
    });
  }
  return { problems, unknown: [] };
}

async function unreadable(topic: AnyTopic, registry: SchemaLookup): Promise<Findings> {
  const types = avroTypes(topic);
  if (!knowsVersions(registry)) {
    const names = types.map(({ subject }) => subject).join(", ");
    const unknown = `versions of ${names} were not checked: the registry client given can't list them`;
    return { problems: [], unknown: types.length === 0 ? [] : [unknown] };
  }
  const errors = await Promise.all(
    types.map((type) => unreadableVersions(topic.name, type, registry)),
  );
  const mend = "generate the types again from a schema that reads it: npx typewire codegen";
  return { problems: errors.flat().map(({ message }) => `${message}; ${mend}`), unknown: [] };
}

function knowsVersions(registry: SchemaLookup): registry is SchemaLookup & VersionLookup {
  return "versions" in registry && "closedSchema" in registry;
}

function urlOf(registry: SchemaLookup): string | undefined {
  const url: unknown = Reflect.get(registry, "url");
  return typeof url === "string" ? url : undefined;
}

/** An error with its next step. */
function told(error: unknown): string {
  return isTypewireError(error) ? `${error.message}. ${error.hint}` : reasonOf(error);
}

function merged(found: readonly Findings[]): Findings {
  return {
    problems: found.flatMap(({ problems }) => problems),
    unknown: found.flatMap(({ unknown }) => unknown),
  };
}

/** Checks some at a time, so that many topics are no burst of requests. */
async function inGroups<T>(
  items: readonly T[],
  check: (item: T) => Promise<Findings>,
): Promise<readonly Findings[]> {
  const found: Findings[] = [];
  for (let start = 0; start < items.length; start += ASKED_AT_ONCE) {
    found.push(...(await Promise.all(items.slice(start, start + ASKED_AT_ONCE).map(check))));
  }
  return found;
}
