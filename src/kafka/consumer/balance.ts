/**
 * Which partitions the client fetches. Pure.
 *
 * Invariants:
 * - While more than `maxBytes` wait, only partitions that hold less than a small part of their share
 *   are fetched: what waits in all of them exceeds the limit by no more than these parts and what is
 *   under way already, and none of them waits for another one's handler.
 * - A partition in which nothing waits is paused only when the user wants it, so a record that is
 *   larger than every limit is read like any other one.
 * - One that was paused goes on well below the limit that it was paused for, not right below.
 */

/** What the decision is made from. */
export interface LaneLoad {
  readonly pending: number;
  readonly bytes: number;
  readonly isHeld: boolean;
  readonly pausedFor: "buffer" | "user" | "stop" | undefined;
}

/** Limits of what waits. */
export interface BufferLimits {
  /** Records of one partition. */
  readonly maxRecords: number;
  /** Bytes of all partitions together. */
  readonly maxBytes: number;
}

/** Of an equal share of the bytes, what a partition may hold while all together hold too much. */
const SHARE_PART = 0.25;
/** Of a limit, the share at which a paused partition goes on. */
const RESUME_SHARE = 0.25;

/** Why a partition must not be fetched now; undefined when it is to be fetched. */
export type PauseReason = "buffer" | "user" | undefined;

/** What every partition is to be paused for, in the order of `lanes`. */
export function balance(lanes: readonly LaneLoad[], limits: BufferLimits): PauseReason[] {
  let total = 0;
  for (const { bytes } of lanes) total += bytes;
  const share = (limits.maxBytes / Math.max(1, lanes.length)) * SHARE_PART;
  return lanes.map(({ pending, bytes, isHeld, pausedFor }) => {
    if (isHeld) return "user";
    if (pending === 0) return undefined;
    const part = pausedFor === "buffer" ? RESUME_SHARE : 1;
    if (pending > limits.maxRecords * part) return "buffer";
    const isOver = total > limits.maxBytes * part && bytes > share * part;
    return isOver ? "buffer" : undefined;
  });
}
