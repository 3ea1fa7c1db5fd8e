/**
 * A group's lag, and moving an idle group to other offsets.
 *
 * Invariants:
 * - Committed offsets are read before the ends of partitions: the other way round, a group that keeps up
 *   would seem to be ahead of its partitions.
 * - A reset is one commit of all partitions, which the broker takes only while the group has no members,
 *   so it moves all of them or none.
 * - A group's coordinator may be moving, and does at the very first group of a cluster: what passes by
 *   itself is asked again until the deadline of the whole call.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isTypewireError } from "../../base/index.ts";
import type {
  AdminBinding,
  GroupBinding,
  TopicPartition,
  TopicPartitionOffset,
} from "../../rdkafka/index.ts";
import { kafkaCodeIn, OFFSET_TIMES } from "../../rdkafka/index.ts";
import { Deadline, kafkaErrors } from "../contract/index.ts";
import { findTopic } from "./find-topic.ts";
import type {
  GroupLag,
  PartitionOffsets,
  PartitionReset,
  ResetFacts,
  ResetTarget,
} from "./offsets.ts";
import { lagOf, resetOf } from "./offsets.ts";

/** How long all requests of one call may take together, in milliseconds. */
const CALL_TIMEOUT_MS = 30_000;
const AGAIN_MS = 100;
/** Group of the client that asks where no group is meant; it commits nothing. */
const NO_GROUP = "typewire-admin";
/** What brokers answer to a commit from outside while a group has members, by group protocol and state. */
const ACTIVE_CODES: ReadonlySet<number> = new Set([22, 25, 27, 82, 110, 113]);

/** A group's client with one deadline for all of its requests. */
class GroupSession {
  readonly #client: GroupBinding;
  readonly #deadline: Deadline;

  constructor(client: GroupBinding, deadline: Deadline) {
    this.#client = client;
    this.#deadline = deadline;
  }

  committed(partitions: readonly TopicPartition[]): Promise<(number | undefined)[]> {
    return this.#patiently((timeoutMs) => this.#client.committed(partitions, timeoutMs));
  }

  offsetsAt(
    partitions: readonly TopicPartition[],
    timestamp: number,
  ): Promise<(number | undefined)[]> {
    return this.#patiently((timeoutMs) => this.#client.offsetsAt(partitions, timestamp, timeoutMs));
  }

  commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    return this.#patiently((timeoutMs) => this.#client.commit(offsets, timeoutMs));
  }

  async #patiently<T>(request: (timeoutMs: number) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await request(Math.max(1, Math.ceil(this.#deadline.leftMs)));
      } catch (error) {
        const passes = isTypewireError(error) && error.retriable;
        // A rebalance passes too, but it means that the group has members.
        const isActive = ACTIVE_CODES.has(kafkaCodeIn(error) ?? 0);
        if (!passes || isActive || this.#deadline.leftMs <= AGAIN_MS) throw error;
        await sleep(AGAIN_MS);
      }
    }
  }
}

/** A partition, and whether it has a leader that can be asked. */
interface KnownPartition extends TopicPartition {
  readonly isLed: boolean;
}

/** First and next offset of every partition of some topics. */
export async function offsetsOfTopics(
  binding: AdminBinding,
  topics: readonly string[],
): Promise<readonly PartitionOffsets[]> {
  const partitions = await partitionsOf(binding, topics);
  return withGroup(binding, NO_GROUP, (group) => offsetsOf(group, partitions));
}

/** For each partition of a topic the first offset at or after a time; absent where there is none. */
export async function offsetsForTime(
  binding: AdminBinding,
  topics: readonly string[],
  timestamp: number,
): Promise<readonly (TopicPartition & { readonly offset?: number })[]> {
  const partitions = await partitionsOf(binding, topics);
  const offsets = await withGroup(binding, NO_GROUP, (group) =>
    whereLed(partitions, (led) => group.offsetsAt(led, timestamp)),
  );
  return partitions.map(({ topic, partition }, i) => {
    const offset = offsets[i];
    return { topic, partition, ...(offset !== undefined && { offset }) };
  });
}

/**
 * The lag of a group.
 *
 * @param topics - Absent: every topic in which the group has committed an offset.
 */
export async function lagOfGroup(
  binding: AdminBinding,
  group: string,
  topics: readonly string[] | undefined,
): Promise<readonly GroupLag[]> {
  const asked = await partitionsOf(binding, topics);
  if (asked.length === 0) return [];
  return withGroup(binding, group, async (client) => {
    const committed = await client.committed(asked.map(plain));
    const seen = asked
      .map((partition, i) => ({ partition, committed: committed[i] }))
      .filter((entry) => topics !== undefined || entry.committed !== undefined);
    const offsets = await offsetsOf(
      client,
      seen.map(({ partition }) => partition),
    );
    return offsets.map((each, i) => lagOf(each, seen[i]?.committed));
  });
}

/** Plans a reset and, unless it is a dry run, commits it. */
export async function resetGroup(
  binding: AdminBinding,
  group: string,
  topics: readonly string[],
  target: ResetTarget,
  dryRun: boolean,
): Promise<readonly PartitionReset[]> {
  const partitions = await partitionsOf(binding, topics);
  const leaderless = partitions.filter(({ isLed }) => !isLed).map(nameOf);
  if (leaderless.length > 0) {
    throw kafkaErrors.create("KAFKA_OFFSETS_UNKNOWN", { partitions: leaderless.join(", ") });
  }
  return withGroup(binding, group, async (client) => {
    const facts = await resetFacts(client, partitions, target);
    const plan = facts.map((each) => resetOf(each, target));
    const unmoved = partitions.filter((_, i) => plan[i] === undefined).map(nameOf);
    if (unmoved.length > 0) {
      throw kafkaErrors.create("KAFKA_NOTHING_COMMITTED", {
        group,
        partitions: unmoved.join(", "),
      });
    }
    const resets = plan.filter((each) => each !== undefined);
    if (!dryRun && resets.length > 0) await commitReset(client, group, resets);
    return resets;
  });
}

async function resetFacts(
  client: GroupSession,
  partitions: readonly KnownPartition[],
  target: ResetTarget,
): Promise<readonly ResetFacts[]> {
  const asked = partitions.map(plain);
  const committed = await client.committed(asked);
  const time = typeof target === "object" && "timestamp" in target ? target.timestamp : undefined;
  const atTime = time === undefined ? [] : await client.offsetsAt(asked, time);
  const offsets = await offsetsOf(client, partitions);
  return offsets.map(({ topic, partition, first = 0, next = 0 }, i) => ({
    topic,
    partition,
    first,
    next,
    committed: committed[i],
    atTime: atTime[i],
  }));
}

async function commitReset(
  client: GroupSession,
  group: string,
  resets: readonly PartitionReset[],
): Promise<void> {
  const offsets = resets.map(({ topic, partition, to: offset }) => ({ topic, partition, offset }));
  try {
    await client.commit(offsets);
  } catch (error) {
    if (!ACTIVE_CODES.has(kafkaCodeIn(error) ?? 0)) throw error;
    throw kafkaErrors.create("KAFKA_GROUP_ACTIVE", { group }, error);
  }
}

async function offsetsOf(
  client: GroupSession,
  partitions: readonly KnownPartition[],
): Promise<readonly PartitionOffsets[]> {
  const at = (timestamp: number) => whereLed(partitions, (led) => client.offsetsAt(led, timestamp));
  const firsts = await at(OFFSET_TIMES.first);
  const nexts = await at(OFFSET_TIMES.next);
  return partitions.map(({ topic, partition }, i) => {
    const [first, next] = [firsts[i], nexts[i]];
    return {
      topic,
      partition,
      ...(first !== undefined && { first }),
      ...(next !== undefined && { next }),
    };
  });
}

/** Asks only for partitions with a leader: one without would let the whole question time out. */
async function whereLed(
  partitions: readonly KnownPartition[],
  ask: (led: readonly TopicPartition[]) => Promise<(number | undefined)[]>,
): Promise<readonly (number | undefined)[]> {
  const led = partitions.filter(({ isLed }) => isLed);
  if (led.length === 0) return partitions.map(() => undefined);
  const answers = await ask(led.map(plain));
  const byName = new Map(led.map((each, i) => [nameOf(each), answers[i]]));
  return partitions.map((each) => byName.get(nameOf(each)));
}

async function partitionsOf(
  binding: AdminBinding,
  topics: readonly string[] | undefined,
): Promise<readonly KnownPartition[]> {
  const found =
    topics === undefined
      ? await binding.topics()
      : await Promise.all([...new Set(topics)].map((topic) => findTopic(binding, topic)));
  return found.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ id: partition, leader }) => ({ topic, partition, isLed: leader >= 0 })),
  );
}

async function withGroup<T>(
  binding: AdminBinding,
  group: string,
  use: (client: GroupSession) => Promise<T>,
): Promise<T> {
  const client = await binding.group(group);
  try {
    return await use(new GroupSession(client, Deadline.after(CALL_TIMEOUT_MS)));
  } finally {
    await client.close();
  }
}

function plain({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
