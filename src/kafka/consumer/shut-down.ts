/**
 * Stopping: start nothing, finish what is in hand, store, wait until the assignment is steady, commit
 * and wait for the answer, leave.
 *
 * Invariants: the stages together take no longer than the one deadline; what is left of it for
 * handlers ends early enough for committing and leaving; a commit that the broker refuses while the
 * group is not steady is tried again; leaving is tried whatever went wrong before.
 */
import type { ConsumerBinding, RebalanceEvent } from "../../rdkafka/index.ts";
import { isFatal, isTransientCode, KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import type { Deadline } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { Lane } from "./lane.ts";
import type { Observer } from "./observer.ts";
import { doneOf, isToCommit } from "./offsets.ts";

/** What stopping needs of the loop. */
export interface Stopping {
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly ownCommits: boolean;
  readonly observer: Observer;
  /** It may move forward while stopping is under way, never back. */
  deadline(): Deadline;
  failure(): { readonly error: unknown } | undefined;
  isUnsteady(): boolean;
  fail(error: unknown): void;
  rebalance(event: RebalanceEvent): Promise<void>;
  store(): void;
}

/** How long a fetch waits while stopping waits for something else. */
const POLL_MS = 10;
/** Of the deadline, what is kept for committing and leaving: a share of it, and at most so much. */
const LEAVE_SHARE = 0.2;
const LEAVE_MS_MAX = 2_000;
/** After a revoke the second half of a cooperative rebalance follows within about a heartbeat. */
const STEADY_MS_MAX = 5_000;
const COMMIT_RETRY_MS = 100;

/** Commits that fail with these succeed once the group is steady again. */
const UNSTEADY_CODES: ReadonlySet<number> = new Set<number>([
  KAFKA_CODES.illegalGeneration,
  KAFKA_CODES.rebalanceInProgress,
  KAFKA_CODES.staleMemberEpoch,
]);

/** Ends a consumer whose lanes are closed. */
export async function shutDown(binding: ConsumerBinding, stopping: Stopping): Promise<void> {
  const { lanes, observer } = stopping;
  const reserveMs = Math.min(stopping.deadline().totalMs * LEAVE_SHARE, LEAVE_MS_MAX);
  const isOver = (keepMs: number): boolean => stopping.deadline().leftMs <= keepMs;
  try {
    if (lanes.size > 0) binding.pause([...lanes.values()]);
    for (const lane of lanes.values()) lane.pausedFor = "stop";
    await poll(binding, stopping, () => !isOver(reserveMs) && running(lanes).length > 0);
    const late = running(lanes);
    for (const lane of late) lane.abandon();
    if (late.length > 0) stopping.fail(drainTimeout(late, stopping.deadline().totalMs));
    // Leaving commits what is stored, and so would take back what is committed beyond that.
    stopping.store();
    const steadyBy = performance.now() + STEADY_MS_MAX;
    await poll(
      binding,
      stopping,
      () => stopping.isUnsteady() && !isOver(reserveMs / 2) && performance.now() < steadyBy,
    );
    if (stopping.ownCommits && !isFatal(stopping.failure()?.error)) {
      await commit(binding, stopping, reserveMs / 2);
    }
  } catch (error) {
    // The first failure is the one to report; this one only says that it could not be tidied.
    stopping.fail(error);
  }
  await binding.close(stopping.deadline().leftMs);
  observer.closed(stopping.failure()?.error);
}

function running(lanes: ReadonlyMap<string, Lane>): Lane[] {
  return [...lanes.values()].filter((lane) => lane.underWay > 0);
}

/** Serves the client, and drops what it fetches, while something is to be waited for. */
async function poll(
  binding: ConsumerBinding,
  { rebalance }: Stopping,
  isWaiting: () => boolean,
): Promise<void> {
  while (isWaiting()) {
    const batch = await binding.next({ maxMessages: 1, maxBytes: 1, waitMs: POLL_MS });
    batch.release();
    for (const event of binding.takeEvents()) await rebalance(event);
  }
}

/** Commits what is handled and waits for the answer; again while the group is not steady. */
async function commit(binding: ConsumerBinding, stopping: Stopping, keepMs: number): Promise<void> {
  const leftMs = (): number => stopping.deadline().leftMs - keepMs;
  for (;;) {
    const offsets = [...stopping.lanes.values()].filter(isToCommit).map(doneOf);
    if (offsets.length === 0) return;
    try {
      await binding.commit(offsets, Math.max(leftMs(), 1));
      return;
    } catch (error) {
      const code = kafkaCodeIn(error) ?? 0;
      const passes = UNSTEADY_CODES.has(code) || isTransientCode(code);
      if (!passes || leftMs() <= 0) throw error;
    }
    const retryAt = performance.now() + COMMIT_RETRY_MS;
    await poll(binding, stopping, () => performance.now() < retryAt && leftMs() > 0);
  }
}

function drainTimeout(lanes: readonly Lane[], timeoutMs: number): Error {
  const partitions = lanes.map(({ topic, partition }) => `${topic}/${partition}`).join(", ");
  return kafkaErrors.create("KAFKA_DRAIN_TIMEOUT", { partitions, timeoutMs });
}
