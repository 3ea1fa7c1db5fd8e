/**
 * Where a group begins in a partition for which it has no committed offset. The choice is made once
 * and committed, so that neither a restart nor a rebalance makes it again.
 *
 * Invariants:
 * - "latest" means the end of every partition of a topic when the group first reads that topic; a
 *   partition that comes later is read from its beginning, because its records are all newer.
 * - An offset that is committed is never replaced.
 */
import type {
  ClusterQueries,
  ConsumerBinding,
  TopicPartition,
  TopicPartitionOffset,
} from "../../rdkafka/index.ts";

/** Where to begin where nothing is committed. */
export type StartAt = "earliest" | "latest" | "error" | { readonly timestamp: number | Date };

/** The start of one partition. */
export type Start = TopicPartition & { readonly at: "beginning" | "end" };

/** What was found and decided. */
export interface Starts {
  /** Committed offsets of the assigned partitions, where there are any. */
  readonly committed: readonly TopicPartitionOffset[];
  /** Where the others begin; to be committed. They may be of partitions of other members. */
  readonly decided: readonly TopicPartitionOffset[];
}

/** What the look-up asks. */
export type StartQueries = Pick<ConsumerBinding, "committed" | "offsetsAt"> &
  Pick<ClusterQueries, "topic" | "watermarks">;

/**
 * For "latest": the start of each partition without a committed offset, given the offsets of every
 * partition of the topics. Pure.
 */
export function startsOfLatest(
  assigned: readonly TopicPartition[],
  everything: readonly TopicPartitionOffset[],
): Start[] {
  const known = new Set(everything.filter(({ offset }) => offset >= 0).map(({ topic }) => topic));
  const mine = new Set(assigned.map(keyOf));
  const starts: Start[] = [];
  for (const { topic, partition, offset } of everything) {
    if (offset >= 0) continue;
    // One commit for all partitions of the topic says for good when the group began.
    if (!known.has(topic)) starts.push({ topic, partition, at: "end" });
    else if (mine.has(keyOf({ topic, partition })))
      starts.push({ topic, partition, at: "beginning" });
  }
  return starts;
}

/** Looks up where the assigned partitions begin. @throws RDKAFKA errors */
export async function findStarts(
  queries: StartQueries,
  from: StartAt,
  assigned: readonly TopicPartition[],
  timeoutMs: number,
): Promise<Starts> {
  // The client itself begins at the beginning, and there is nothing to lose before it.
  if (from === "earliest" || from === "error") return { committed: [], decided: [] };
  const mine = new Set(assigned.map(keyOf));
  const asked = from === "latest" ? await withSiblings(queries, assigned) : assigned;
  const everything = await queries.committed(asked, timeoutMs);
  const committed = everything.filter((one) => one.offset >= 0 && mine.has(keyOf(one)));
  if (from === "latest") {
    const starts = startsOfLatest(assigned, everything);
    return { committed, decided: await Promise.all(starts.map((start) => edgeOf(queries, start))) };
  }
  const open = everything.filter(({ offset }) => offset < 0);
  if (open.length === 0) return { committed, decided: [] };
  const found = await queries.offsetsAt(open, Number(from.timestamp), timeoutMs);
  const decided = found.map(async (one) =>
    one.offset >= 0 ? one : edgeOf(queries, { ...one, at: "end" }),
  );
  return { committed, decided: await Promise.all(decided) };
}

/** Every partition of the topics of these. */
async function withSiblings(
  queries: StartQueries,
  assigned: readonly TopicPartition[],
): Promise<TopicPartition[]> {
  const all = new Map(assigned.map((one) => [keyOf(one), one]));
  const topics = [...new Set(assigned.map(({ topic }) => topic))];
  const found = await Promise.all(topics.map((topic) => queries.topic(topic)));
  for (const topic of found) {
    for (const { id } of topic?.partitions ?? []) {
      const one = { topic: topic?.name ?? "", partition: id };
      all.set(keyOf(one), one);
    }
  }
  return [...all.values()];
}

/** The offset of an edge of a partition. */
export async function edgeOf(
  queries: Pick<ClusterQueries, "watermarks">,
  { topic, partition, at }: Start,
): Promise<TopicPartitionOffset> {
  const { low, high } = await queries.watermarks(topic, partition);
  return { topic, partition, offset: at === "end" ? high : low };
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}
