/** What a consumer does with its records, as its loop sees it. */
import type { RecordBatch } from "../../rdkafka/index.ts";

/** What the work on a record sees of the partition that it belongs to. */
export interface LaneView {
  readonly topic: string;
  readonly partition: number;
  /** Aborted when nothing new may start: no record, and no further attempt at this one. */
  readonly closing: AbortSignal;
  /** Aborted when the work has to be given up; whatever it still does does not count. */
  readonly signal: AbortSignal;
  /** Says that the work waits before it tries again, or that this wait is over. */
  paused(until: "retry" | "outage", on: boolean): void;
}

/**
 * Does everything there is to do with record `i`. `undefined` or a fulfilled promise: the record is
 * done, and its offset may be committed. A throw or a rejection: it is not done, and the consumer
 * stops with that error; {@link LaneClosed} says that it is not done and that nothing is wrong.
 */
export type RecordWork = (
  batch: RecordBatch,
  i: number,
  lane: LaneView,
) => Promise<void> | undefined;

/** How far the work on a batch came. */
export interface BatchOutcome {
  /** So many records, counted from the first, are done. */
  readonly done: number;
  /** Why the consumer stops after them; absent when all of them are done, or the lane closed. */
  readonly error?: unknown;
}

/** Does with the records of `indexes` together what {@link RecordWork} does with one. */
export type BatchWork = (
  batch: RecordBatch,
  indexes: readonly number[],
  lane: LaneView,
) => Promise<BatchOutcome>;

/** How a run handles what it is given. */
export type Work =
  | { readonly each: RecordWork; readonly together?: undefined }
  | { readonly together: BatchWork; readonly each?: undefined };

/** Thrown by work that stops because its partition is closing: not done, and no failure. */
export class LaneClosed extends Error {}

/** Whether that is what was thrown; asks nothing of objects that would refuse to answer. */
export function isLaneClosed(error: unknown): error is LaneClosed {
  try {
    return error instanceof LaneClosed;
  } catch {
    return false;
  }
}
