/**
 * The owner loop: the only code that changes a consumer's state.
 *
 * Invariants:
 * - An offset is stored or committed only when every record before it is handled.
 * - A rebalance is answered between batches, revokes after a drain of the revoked partitions only;
 *   stored first, then unassigned (which commits what was stored).
 * - Records of a partition that is not assigned now are dropped; a partition that comes back has a
 *   new lane, so work of an earlier assignment can't count for it.
 * - The client is polled all the time, also while handlers are slow: full lanes are paused.
 * - Stopping: start nothing, finish what is in hand, store, wait until the assignment is steady,
 *   commit and wait for the answer, leave. Every wait has a deadline.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isTypewireError } from "../../base/index.ts";
import type {
  ConsumerBinding,
  RebalanceEvent,
  RecordBatch,
  TopicPartition,
  TopicPartitionOffset,
} from "../../rdkafka/index.ts";
import { isTransientCode, KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import { deferred, kafkaErrors } from "../contract/index.ts";
import { Lane, NOTHING_DONE, SharedBatch } from "./lane.ts";
import type { Readers, Work } from "./record-work.ts";
import { Scheduler } from "./scheduler.ts";

/** Limits of a loop; times in milliseconds. */
export interface LoopOptions {
  /** Partitions handled at the same time. */
  readonly concurrency: number;
  /** Records and bytes of one fetch at most. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** How long an idle fetch waits. */
  readonly waitMs: number;
  /** How long a revoke waits for the handlers of its partitions. */
  readonly drainTimeoutMs: number;
  /** How long stopping may take before handlers are given up. */
  readonly stopTimeoutMs: number;
}

/** Of a lane's records, how many may wait before it is paused, and how few resume it, in batches. */
const PAUSE_BATCHES = 2;
const RESUME_BATCHES = 0.5;
/** A lane that is over its limit gets this long to catch up before it is paused: pausing refetches. */
const CATCH_UP_MS = 100;
const STOP_POLL_MS = 20;
/** After a revoke the second half of a cooperative rebalance follows within about a heartbeat. */
const STEADY_TIMEOUT_MS = 5_000;
const COMMIT_TIMEOUT_MS = 5_000;
const COMMIT_RETRY_MS = 100;
const CLOSE_TIMEOUT_MS = 5_000;

/** Commits that fail with these succeed once the group is steady again. */
const UNSTEADY_CODES: ReadonlySet<number> = new Set<number>([
  KAFKA_CODES.illegalGeneration,
  KAFKA_CODES.rebalanceInProgress,
]);

/** Runs one consumer. */
export class ConsumerLoop {
  readonly #binding: ConsumerBinding;
  readonly #readers: Readers;
  readonly #options: LoopOptions;
  readonly #scheduler: Scheduler;
  readonly #lanes = new Map<string, Lane>();
  readonly #assigned = deferred();
  #failure: unknown;
  #failed = false;
  #stopping = false;
  /** A revoke was answered and the assignment that completes the rebalance is not here. */
  #unsteady = false;
  #progress = () => {};

  constructor(binding: ConsumerBinding, readers: Readers, work: Work, options: LoopOptions) {
    this.#binding = binding;
    this.#readers = readers;
    this.#options = options;
    this.#scheduler = new Scheduler(options.concurrency, work, {
      failed: (error) => this.#fail(error),
      progress: () => this.#progress(),
    });
  }

  /** Resolves at the first assignment. */
  get assigned(): Promise<void> {
    return this.#assigned.promise;
  }

  /** The partitions that are assigned now. */
  assignment(): TopicPartition[] {
    return [...this.#lanes.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Begins to stop; {@link ConsumerLoop.run} ends when that is done. */
  stop(): void {
    this.#stopping = true;
    this.#progress();
  }

  /** Runs until {@link ConsumerLoop.stop} or a failure, which it throws when everything is down. */
  async run(): Promise<void> {
    let held: RecordBatch | undefined;
    try {
      while (!this.#stopping) held = await this.#turn(held);
    } catch (error) {
      this.#fail(error);
    }
    held?.release();
    await this.#shutDown();
    this.#assigned.resolve();
    if (this.#failed) throw this.#failure;
  }

  /** One turn: hands out what the last one fetched while the next records are being fetched. */
  async #turn(held: RecordBatch | undefined): Promise<RecordBatch | undefined> {
    const { maxMessages, maxBytes, waitMs } = this.#options;
    const fetching = this.#binding.next({ maxMessages, maxBytes, waitMs });
    try {
      if (held !== undefined) this.#handOut(held);
      this.#store();
    } catch (error) {
      // Stopping fetches too, and one fetch at a time is the rule.
      (await fetching.catch(() => undefined))?.release();
      throw error;
    }
    const fetched = await fetching;
    const events = this.#binding.takeEvents();
    if (events.length === 0) {
      await this.#balance();
      return fetched;
    }
    // Fetched under the old assignment: handed out under it.
    this.#handOut(fetched);
    for (const event of events) await this.#rebalance(event);
    return undefined;
  }

  #handOut(batch: RecordBatch): void {
    const shared = new SharedBatch(batch);
    shared.use();
    const indexes: number[][] = batch.sources.map(() => []);
    for (let i = 0; i < batch.length; i++) indexes[batch.source(i)]?.push(i);
    for (const [source, mine] of indexes.entries()) {
      const { topic, partition } = batch.sources[source] as TopicPartition;
      const lane = this.#lanes.get(keyOf(topic, partition));
      if (lane === undefined || lane.closed) continue;
      this.#readers.get(topic)?.prefetch(batch, mine);
      lane.add({ shared, indexes: mine });
      this.#scheduler.wake(lane);
    }
    shared.done();
  }

  async #rebalance(event: RebalanceEvent): Promise<void> {
    if (event.kind === "assign") {
      this.#unsteady = false;
      for (const { topic, partition } of event.partitions) {
        this.#lanes.set(keyOf(topic, partition), new Lane(topic, partition));
      }
      this.#binding.answer(event);
      this.#assigned.resolve();
      return;
    }
    this.#unsteady = true;
    const revoked = event.partitions
      .map(({ topic, partition }) => this.#lanes.get(keyOf(topic, partition)))
      .filter((lane) => lane !== undefined);
    await this.#drain(revoked);
    // A pause outlives its assignment in the client.
    const paused = revoked.filter((lane) => lane.isPaused);
    if (paused.length > 0) this.#binding.resume(paused);
    this.#store();
    for (const lane of revoked) {
      lane.abandon();
      this.#lanes.delete(keyOf(lane.topic, lane.partition));
    }
    this.#binding.answer(event);
  }

  /** Lets the handlers of these lanes finish the record in hand, within the drain's time. */
  async #drain(lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) lane.close();
    const running = lanes.map((lane) => lane.running).filter((work) => work !== undefined);
    if (running.length === 0) return;
    const timer = new AbortController();
    const late = sleep(this.#options.drainTimeoutMs, undefined, timer).catch(() => undefined);
    await Promise.race([Promise.all(running), late]);
    timer.abort();
  }

  /** Hands what is newly handled to the client, which commits it in its own time. */
  #store(): void {
    const lanes: Lane[] = [];
    for (const lane of this.#lanes.values()) if (lane.done > lane.stored) lanes.push(lane);
    if (lanes.length === 0) return;
    if (!this.#binding.storeOffsets(lanes.map(doneOf))) return;
    for (const lane of lanes) lane.stored = lane.done;
  }

  /** Pauses lanes whose handlers don't keep up, resumes those that caught up. */
  async #balance(): Promise<void> {
    const pauseOver = this.#options.maxMessages * PAUSE_BATCHES;
    const resumeAt = this.#options.maxMessages * RESUME_BATCHES;
    const isFull = (lane: Lane): boolean => !lane.isPaused && lane.pending > pauseOver;
    const lanes = [...this.#lanes.values()];
    const caughtUp = lanes.filter((lane) => lane.isPaused && lane.pending <= resumeAt);
    if (caughtUp.length > 0) this.#pause(caughtUp, false);
    if (!lanes.some(isFull)) return;
    await this.#untilProgress(CATCH_UP_MS, () => !lanes.some(isFull));
    const full = lanes.filter(isFull);
    if (full.length > 0) this.#pause(full, true);
  }

  #pause(lanes: readonly Lane[], paused: boolean): void {
    if (paused) this.#binding.pause(lanes);
    else this.#binding.resume(lanes);
    for (const lane of lanes) lane.isPaused = paused;
  }

  /** Waits until `isEnough`, looked at whenever some work ends, but no longer than `limitMs`. */
  async #untilProgress(limitMs: number, isEnough: () => boolean): Promise<void> {
    const enough = deferred();
    const timer = setTimeout(enough.resolve, limitMs);
    this.#progress = () => {
      if (this.#stopping || isEnough()) enough.resolve();
    };
    await enough.promise;
    clearTimeout(timer);
    this.#progress = () => {};
  }

  #fail(error: unknown): void {
    if (!this.#failed) this.#failure = error;
    this.#failed = true;
    this.stop();
  }

  async #shutDown(): Promise<void> {
    const { stopTimeoutMs } = this.#options;
    const endsAt = performance.now() + stopTimeoutMs;
    const lanes = [...this.#lanes.values()];
    for (const lane of lanes) lane.close();
    try {
      if (lanes.length > 0) this.#pause(lanes, true);
      await this.#poll(endsAt, () => this.#running().length > 0);
      const late = this.#running();
      for (const lane of late) lane.abandon();
      if (late.length > 0) this.#fail(drainTimeout(late, stopTimeoutMs));
      // Leaving commits what is stored, and so would take back what is committed beyond that.
      this.#store();
      const steadyBy = Math.min(endsAt, performance.now() + STEADY_TIMEOUT_MS);
      await this.#poll(steadyBy, () => this.#unsteady);
      await this.#commit(endsAt);
    } catch (error) {
      // The first failure is the one to report; this one only says that it could not be tidied.
      this.#fail(error);
    }
    await this.#binding.close(CLOSE_TIMEOUT_MS);
  }

  #running(): Lane[] {
    return [...this.#lanes.values()].filter((lane) => lane.running !== undefined);
  }

  /** Serves the client, and drops what it fetches, while something is to be waited for. */
  async #poll(endsAt: number, isWaiting: () => boolean): Promise<void> {
    while (isWaiting() && performance.now() < endsAt) {
      const batch = await this.#binding.next({ maxMessages: 1, maxBytes: 1, waitMs: STOP_POLL_MS });
      batch.release();
      for (const event of this.#binding.takeEvents()) {
        await this.#rebalance(event);
        // Nothing starts any more, also not in a partition that is assigned now.
        for (const lane of this.#lanes.values()) if (!lane.closed) lane.close();
      }
    }
  }

  /** Commits what is handled and waits for the answer; again while the group is not steady. */
  async #commit(endsAt: number): Promise<void> {
    if (isTypewireError(this.#failure, "RDKAFKA_FATAL")) return;
    for (;;) {
      const offsets = [...this.#lanes.values()]
        .filter((lane) => lane.done !== NOTHING_DONE)
        .map(doneOf);
      if (offsets.length === 0) return;
      try {
        await this.#binding.commit(offsets, COMMIT_TIMEOUT_MS);
        return;
      } catch (error) {
        const code = kafkaCodeIn(error) ?? 0;
        const passes = UNSTEADY_CODES.has(code) || isTransientCode(code);
        if (!passes || performance.now() >= endsAt) throw error;
      }
      const retryAt = performance.now() + COMMIT_RETRY_MS;
      await this.#poll(Math.min(retryAt, endsAt), () => true);
    }
  }
}

function keyOf(topic: string, partition: number): string {
  return `${partition}/${topic}`;
}

function doneOf({ topic, partition, done }: Lane): TopicPartitionOffset {
  return { topic, partition, offset: done };
}

function drainTimeout(lanes: readonly Lane[], timeoutMs: number): Error {
  const partitions = lanes.map(({ topic, partition }) => `${topic}/${partition}`).join(", ");
  return kafkaErrors.create("KAFKA_DRAIN_TIMEOUT", { partitions, timeoutMs });
}
