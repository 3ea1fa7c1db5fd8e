/**
 * The owner loop: the only code that changes a consumer's state.
 *
 * Invariants:
 * - An offset is stored or committed only when every record before it is handled.
 * - A rebalance, a seek and a pause are carried out between batches; revokes after a drain of the
 *   revoked partitions only; stored first, then unassigned (which commits what was stored).
 * - Records of a partition that is not assigned now are dropped; a partition that comes back has a
 *   new lane, so work of an earlier assignment can't count for it.
 * - The client is polled all the time, also while handlers are slow: full lanes are paused.
 * - Stopping begins at once and takes no longer than its one deadline; see `shut-down.ts`.
 */
import type {
  ConsumerBinding,
  RebalanceEvent,
  RecordBatch,
  TopicPartition,
  TopicPartitionOffset,
} from "../../rdkafka/index.ts";
import { isTransientCode, KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import { Deadline, deferred, kafkaErrors } from "../contract/index.ts";
import { balance } from "./balance.ts";
import { Lane, SharedBatch } from "./lane.ts";
import type { Observer } from "./observer.ts";
import { doneOf, keyOf } from "./offsets.ts";
import type { Readers } from "./pipeline.ts";
import { Scheduler } from "./scheduler.ts";
import { shutDown } from "./shut-down.ts";
import type { StartAt } from "./starts.ts";
import { findStarts } from "./starts.ts";
import type { Order } from "./task-queue.ts";
import type { Work } from "./work.ts";

/** Limits of a loop; times in milliseconds. */
export interface LoopOptions {
  readonly order: Order;
  /** Where a partition begins that has no committed offset. */
  readonly from: StartAt;
  /** False: what is handled is committed elsewhere, and never by the consumer. */
  readonly ownCommits: boolean;
  /** Records, or batches, under way at the same time. */
  readonly concurrency: number;
  /** Records and bytes of one fetch at most. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Bytes that may wait here, beside what the client's queue holds. */
  readonly maxWaitingBytes: number;
  /** How long an idle fetch waits. */
  readonly waitMs: number;
  /** How long a revoke waits for the handlers of its partitions. */
  readonly drainTimeoutMs: number;
  /** How long stopping may take in all, when nobody says otherwise. */
  readonly stopTimeoutMs: number;
}

/** Of a lane's records, how many may wait before it is paused, in batches. */
const PAUSE_BATCHES = 2;
/** Of the bytes of a fetch, the share that it has also while too much waits. */
const FETCH_SHARE_MIN = 0.25;
/** A lane that is over its limit gets this long to catch up before it is paused: pausing refetches. */
const CATCH_UP_MS = 100;
const START_TIMEOUT_MS = 5_000;
const RETRY_MS = 100;

/** The member was dropped or is behind; what is committed now is committed by a later commit. */
const STALE_MEMBER_CODES: ReadonlySet<number> = new Set<number>([
  KAFKA_CODES.illegalGeneration,
  KAFKA_CODES.unknownMember,
  KAFKA_CODES.staleMemberEpoch,
]);

/** Something to be done between two batches. */
interface Command {
  run(): Promise<void>;
  refuse(error: unknown): void;
}

/** Runs one consumer. */
export class ConsumerLoop {
  readonly #binding: ConsumerBinding;
  readonly #readers: Readers;
  readonly #options: LoopOptions;
  readonly #scheduler: Scheduler;
  readonly #observer: Observer;
  readonly #lanes = new Map<string, Lane>();
  readonly #assigned = deferred();
  readonly #stop = new AbortController();
  readonly #commands: Command[] = [];
  #deadline: Deadline | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** A revoke was answered and the assignment that completes the rebalance is not here. */
  #unsteady = false;
  /** How often stopping was asked for. */
  #stops = 0;
  #progress = () => {};

  constructor(
    binding: ConsumerBinding,
    readers: Readers,
    work: Work,
    options: LoopOptions,
    observer: Observer,
  ) {
    this.#binding = binding;
    this.#readers = readers;
    this.#options = options;
    this.#observer = observer;
    this.#scheduler = new Scheduler(options.concurrency, work, {
      failed: (error) => this.fail(error),
      progress: () => this.#progress(),
    });
  }

  /** Resolves at the first assignment, when its start positions are committed; else never. */
  get assigned(): Promise<void> {
    return this.#assigned.promise;
  }

  /** The partitions that are assigned now. */
  get lanes(): ReadonlyMap<string, Lane> {
    return this.#lanes;
  }

  /** Whether stopping has begun. */
  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Whether the caller is, or is awaited by, a handler of this loop. */
  isInsideHandler(): boolean {
    return this.#scheduler.isInsideHandler();
  }

  /**
   * Begins to stop: from now on no record starts. {@link ConsumerLoop.run} ends when everything is
   * down, by the deadline; of several deadlines the one that ends first counts.
   */
  stop(deadline = Deadline.after(this.#options.stopTimeoutMs)): void {
    if (this.#deadline === undefined || deadline.leftMs < this.#deadline.leftMs) {
      this.#deadline = deadline;
    }
    this.#stops++;
    this.#stop.abort();
    for (const lane of this.#lanes.values()) lane.close();
    this.#progress();
  }

  /**
   * Runs a command between two batches.
   *
   * @throws KAFKA_CLOSED when stopping begins first; what the command throws
   */
  command<T>(run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, refuse) => {
      this.#commands.push({ run: () => run().then(resolve, refuse), refuse });
      if (this.stopping) this.#refuseCommands();
      this.#progress();
    });
  }

  /** Starts what a lane holds that was held before. */
  wake(lane: Lane): void {
    this.#scheduler.wake(lane);
  }

  /** Runs until {@link ConsumerLoop.stop} or a failure, which it throws when everything is down. */
  async run(): Promise<void> {
    let held: RecordBatch | undefined;
    try {
      while (!this.stopping) held = await this.#turn(held);
    } catch (error) {
      this.fail(error);
    }
    held?.release();
    this.#refuseCommands();
    await shutDown(this.#binding, {
      lanes: this.#lanes,
      ownCommits: this.#options.ownCommits,
      observer: this.#observer,
      deadline: () => this.#deadline as Deadline,
      failure: () => this.#failure,
      isUnsteady: () => this.#unsteady,
      fail: (error) => this.fail(error),
      rebalance: (event) => this.#rebalance(event),
      store: () => this.store(),
    });
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** One turn: hands out what the last one fetched while the next records are being fetched. */
  async #turn(held: RecordBatch | undefined): Promise<RecordBatch | undefined> {
    const { maxMessages, waitMs } = this.#options;
    const fetching = this.#binding.next({ maxMessages, maxBytes: this.#room(), waitMs });
    try {
      this.#scheduler.beginSlice();
      if (held !== undefined) this.#handOut(held);
      this.store();
    } catch (error) {
      // Stopping fetches too, and one fetch at a time is the rule.
      (await fetching.catch(() => undefined))?.release();
      throw error;
    }
    const fetched = await fetching;
    this.#hear();
    const events = this.#binding.takeEvents();
    if (events.length === 0 && this.#commands.length === 0) {
      await this.#balance();
      return fetched;
    }
    // Fetched under the old assignment: handed out under it.
    this.#handOut(fetched);
    for (const event of events) await this.#rebalance(event);
    for (const command of this.#commands.splice(0)) await command.run();
    await this.#balance();
    return undefined;
  }

  /** Bytes of the next fetch: less when much waits, but never so few that quick partitions starve. */
  #room(): number {
    const { maxBytes, maxWaitingBytes } = this.#options;
    let left = maxWaitingBytes;
    for (const lane of this.#lanes.values()) left -= lane.bytes;
    return Math.ceil(Math.min(maxBytes, Math.max(left, maxBytes * FETCH_SHARE_MIN)));
  }

  /** Takes in what the client tells. */
  #hear(): void {
    const reports = this.#binding.takeReports();
    for (const report of reports) {
      if (report.kind === "commit" && report.error === undefined)
        report.offsets.forEach(this.#known);
    }
    this.#observer.turned(reports, this.#lanes.values(), this.#scheduler.underWay);
  }

  #handOut(batch: RecordBatch): void {
    const shared = new SharedBatch(batch);
    shared.use();
    const indexes: number[][] = batch.sources.map(() => []);
    for (let i = 0; i < batch.length; i++) indexes[batch.source(i)]?.push(i);
    const filled: Lane[] = [];
    for (const [source, mine] of indexes.entries()) {
      const { topic, partition } = batch.sources[source] as TopicPartition;
      const lane = this.#lanes.get(keyOf({ topic, partition }));
      if (lane === undefined || lane.closed) continue;
      this.#readers.get(topic)?.prefetch(batch, mine);
      for (const i of mine) lane.add(shared, i);
      filled.push(lane);
    }
    for (const end of batch.ends) this.#lanes.get(keyOf(end))?.reached(end.offset);
    for (const lane of filled) this.#scheduler.wake(lane);
    shared.done();
  }

  async #rebalance(event: RebalanceEvent): Promise<void> {
    if (event.kind === "assign") await this.#assign(event);
    else await this.#revoke(event);
  }

  async #assign(event: RebalanceEvent): Promise<void> {
    this.#unsteady = false;
    const found = await this.#findStarts(event.partitions);
    for (const { topic, partition } of event.partitions) {
      const lane = new Lane(topic, partition, this.#options.order, this.#observer);
      // Nothing starts any more, also not in a partition that is assigned now.
      if (this.stopping) lane.close();
      this.#lanes.set(keyOf(lane), lane);
    }
    const decided = found?.decided ?? [];
    const committed = found?.committed ?? [];
    this.#binding.answer(
      event,
      decided.filter((one) => this.#lanes.has(keyOf(one))),
    );
    for (const one of committed) this.#known(one);
    this.#observer.rebalanced("assign", event.partitions);
    if (decided.length > 0) await this.#commitStarts(decided);
    if (!this.stopping) this.#assigned.resolve();
  }

  /** Where these partitions begin; again and again while the cluster does not answer. */
  async #findStarts(partitions: readonly TopicPartition[]) {
    while (!this.stopping && partitions.length > 0) {
      try {
        const finding = findStarts(this.#binding, this.#options.from, partitions, START_TIMEOUT_MS);
        return await this.#unlessStopped(finding);
      } catch (error) {
        if (!isTransientCode(kafkaCodeIn(error) ?? 0)) throw error;
      }
      await this.#until(() => this.stopping, RETRY_MS);
    }
    return undefined;
  }

  async #commitStarts(starts: readonly TopicPartitionOffset[]): Promise<void> {
    const mine = starts.filter((one) => this.#lanes.has(keyOf(one)));
    // Stored as well: should the commit fail, the next one carries it.
    if (mine.length > 0) this.#binding.storeOffsets(mine);
    try {
      await this.#binding.commit(starts, START_TIMEOUT_MS, this.#stop.signal);
      for (const one of mine) this.#known(one);
    } catch (error) {
      const code = kafkaCodeIn(error) ?? 0;
      if (!STALE_MEMBER_CODES.has(code) && !isTransientCode(code)) throw error;
    }
  }

  /** The broker is known to have this offset. */
  readonly #known = (one: TopicPartitionOffset): void => {
    const lane = this.#lanes.get(keyOf(one));
    if (lane !== undefined) lane.committed = one.offset;
  };

  async #revoke(event: RebalanceEvent): Promise<void> {
    this.#unsteady = true;
    const revoked = event.partitions
      .map((one) => this.#lanes.get(keyOf(one)))
      .filter((lane) => lane !== undefined);
    const began = performance.now();
    const isDrained = await this.drain(revoked);
    this.#observer.rebalanced("revoke", event.partitions, {
      drainMs: performance.now() - began,
      timedOut: !isDrained,
    });
    // A pause outlives its assignment in the client.
    const paused = revoked.filter((lane) => lane.pausedFor !== undefined);
    if (paused.length > 0) this.#binding.resume(paused);
    this.store();
    for (const lane of revoked) {
      lane.abandon();
      this.#lanes.delete(keyOf(lane));
    }
    this.#binding.answer(event);
  }

  /** Lets the handlers of these lanes finish what is in hand, within the drain's time. */
  async drain(lanes: readonly Lane[]): Promise<boolean> {
    for (const lane of lanes) lane.close();
    const isDrained = (): boolean => lanes.every((lane) => lane.underWay === 0);
    const limit = Deadline.after(this.#options.drainTimeoutMs);
    while (!isDrained() && !limit.passed && this.#deadline?.passed !== true) {
      const leftMs = Math.min(limit.leftMs, this.#deadline?.leftMs ?? limit.leftMs);
      const stops = this.#stops;
      // Stopping may set an earlier end.
      await this.#until(() => isDrained() || stops !== this.#stops, leftMs);
    }
    return isDrained();
  }

  /** Puts a new lane in the place of one that goes on elsewhere. */
  replace(lane: Lane): void {
    lane.abandon();
    const { topic, partition } = lane;
    const fresh = new Lane(topic, partition, this.#options.order, this.#observer);
    fresh.isHeld = lane.isHeld;
    fresh.pausedFor = lane.pausedFor;
    if (this.stopping) fresh.close();
    this.#lanes.set(keyOf(lane), fresh);
  }

  /** Hands what is newly handled to the client, which commits it in its own time. */
  store(): void {
    const lanes: Lane[] = [];
    for (const lane of this.#lanes.values()) if (lane.done > lane.stored) lanes.push(lane);
    if (lanes.length === 0) return;
    if (!this.#binding.storeOffsets(lanes.map(doneOf))) return;
    for (const lane of lanes) lane.stored = lane.done;
  }

  /** Pauses lanes whose handlers don't keep up, resumes those that caught up. */
  async #balance(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    const limits = {
      maxRecords: this.#options.maxMessages * PAUSE_BATCHES,
      maxBytes: this.#options.maxWaitingBytes,
    };
    let wanted = balance(lanes, limits);
    const isFull = (): boolean =>
      wanted.some((reason, i) => reason === "buffer" && lanes[i]?.pausedFor === undefined);
    if (isFull()) {
      await this.#until(() => {
        wanted = balance(lanes, limits);
        return this.stopping || this.#commands.length > 0 || !isFull();
      }, CATCH_UP_MS);
      wanted = balance(lanes, limits);
    }
    for (const reason of ["buffer", "user", undefined] as const) {
      const changed = lanes.filter(
        (lane, i) => wanted[i] === reason && lane.pausedFor !== reason && !lane.closed,
      );
      if (changed.length > 0) this.#pause(changed, reason);
    }
  }

  #pause(lanes: readonly Lane[], reason: "buffer" | "user" | undefined): void {
    const fetched = lanes.filter(({ pausedFor }) => pausedFor === undefined);
    if (reason === undefined) this.#binding.resume(lanes);
    else if (fetched.length > 0) this.#binding.pause(fetched);
    for (const why of ["buffer", "user"] as const) {
      const resumed = lanes.filter(({ pausedFor }) => pausedFor === why);
      if (resumed.length > 0) this.#observer.paused(resumed, why, false);
    }
    if (reason !== undefined) this.#observer.paused(lanes, reason, true);
    for (const lane of lanes) lane.pausedFor = reason;
  }

  /** Waits until `isEnough`, looked at whenever some work ends, but no longer than `limitMs`. */
  async #until(isEnough: () => boolean, limitMs: number): Promise<void> {
    if (isEnough()) return;
    const enough = deferred();
    const timer = setTimeout(enough.resolve, limitMs);
    this.#progress = () => {
      if (isEnough()) enough.resolve();
    };
    await enough.promise;
    clearTimeout(timer);
    this.#progress = () => {};
  }

  /** What the promise yields; undefined when stopping begins first. */
  async #unlessStopped<T>(promise: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stop;
    const stopped = deferred();
    signal.addEventListener("abort", stopped.resolve, { once: true });
    try {
      return await Promise.race([promise, stopped.promise.then(() => undefined)]);
    } finally {
      signal.removeEventListener("abort", stopped.resolve);
    }
  }

  #refuseCommands(): void {
    for (const { refuse } of this.#commands.splice(0)) {
      refuse(kafkaErrors.create("KAFKA_CLOSED", { client: "consumer" }));
    }
  }

  /** Stops because of an error, which {@link ConsumerLoop.run} throws; the first one counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.stop();
  }
}
