/**
 * Lag and resets as pure functions of three facts about a partition: where it begins, where it ends,
 * and what the group has committed.
 *
 * Invariants:
 * - What is unknown is absent, never 0. Lag is never negative, and records that are deleted already are
 *   no lag.
 * - A reset never leaves the partition: what lies outside is moved to the nearest end, and says so.
 */
import type { TopicPartition } from "../../rdkafka/index.ts";

/** What a partition holds; a member is absent while the partition has no leader to say it. */
export interface PartitionOffsets extends TopicPartition {
  /** Offset of the first record that is still there. */
  readonly first?: number;
  /** Offset of the next record; open transactions end before it. */
  readonly next?: number;
}

/** How far a group has come in a partition. */
export interface GroupLag extends PartitionOffsets {
  /** Absent when the group has committed nothing here. */
  readonly committed?: number;
  /** Records from the committed offset to the end. Absent when either is unknown. */
  readonly lag?: number;
}

/** The lag of a group in a partition. */
export function lagOf(offsets: PartitionOffsets, committed: number | undefined): GroupLag {
  if (committed === undefined) return offsets;
  const { first, next } = offsets;
  if (first === undefined || next === undefined) return { ...offsets, committed };
  return { ...offsets, committed, lag: Math.max(0, next - Math.max(committed, first)) };
}

/**
 * Where to put a group: the first record that is there, the end, the first record at or after a time
 * (milliseconds since the epoch; the end when there is none), an offset, or so many records back or on.
 */
export type ResetTarget =
  | "start"
  | "end"
  | { readonly timestamp: number }
  | { readonly offset: number }
  | { readonly shift: number };

/** One partition of a reset. */
export interface PartitionReset extends TopicPartition {
  /** The committed offset before; absent when there was none. */
  readonly from?: number;
  /** The offset of the record that the group reads next. */
  readonly to: number;
  /** The target lay outside of the partition, and `to` is its nearer end. */
  readonly bounded: boolean;
}

/** What is known of a partition when a reset is planned. */
export interface ResetFacts extends TopicPartition {
  readonly first: number;
  readonly next: number;
  readonly committed: number | undefined;
  /** The answer to a target's timestamp; undefined when no record is that young. */
  readonly atTime: number | undefined;
}

/** The reset of a partition; undefined for a shift where nothing is committed. */
export function resetOf(facts: ResetFacts, target: ResetTarget): PartitionReset | undefined {
  const { topic, partition, first, next, committed } = facts;
  const wanted = wantedOffset(facts, target);
  if (wanted === undefined) return undefined;
  const to = Math.min(Math.max(wanted, first), next);
  const from = committed === undefined ? {} : { from: committed };
  return { topic, partition, ...from, to, bounded: to !== wanted };
}

function wantedOffset(facts: ResetFacts, target: ResetTarget): number | undefined {
  if (target === "start") return facts.first;
  if (target === "end") return facts.next;
  if ("timestamp" in target) return facts.atTime ?? facts.next;
  if ("offset" in target) return target.offset;
  return facts.committed === undefined ? undefined : facts.committed + target.shift;
}
