/**
 * What a consumer tells its hooks, and what it concludes for them: that the brokers don't answer, and
 * that they do again.
 *
 * Invariants: nothing here changes what the consumer does; an outage is told once when it begins and
 * once when it is over.
 */
import type { ClientReport, ClusterQueries, TopicPartition } from "../../rdkafka/index.ts";
import { KAFKA_CODES, kafkaCodeIn } from "../../rdkafka/index.ts";
import type { HookCaller } from "../contract/index.ts";
import type { Lane, LaneEvents } from "./lane.ts";

/** How often the brokers are asked whether they are back, in milliseconds. */
const PROBE_MS = 1_000;
/** How often lag is told, in milliseconds. */
const LAG_MS = 10_000;

/** How a drain went. */
export interface DrainResult {
  readonly drainMs: number;
  readonly timedOut: boolean;
}

/** What the observer needs to find something out by itself. */
export interface ObserverQueries extends Pick<ClusterQueries, "brokers"> {
  lag(): Promise<readonly (TopicPartition & { readonly lag: number })[]>;
}

/** Tells the hooks of one consumer. */
export class Observer implements LaneEvents {
  readonly #hooks: HookCaller;
  readonly #queries: ObserverQueries;
  readonly #brokers: readonly string[];
  #outageSince: number | undefined;
  #probeAt = 0;
  #lagAt = 0;
  #isAsking = false;

  constructor(hooks: HookCaller, brokers: readonly string[], queries: ObserverQueries) {
    this.#hooks = hooks;
    this.#brokers = brokers;
    this.#queries = queries;
  }

  connected(): void {
    this.#hooks.call("onConnect", { brokers: this.#brokers });
  }

  closed(failure: unknown): void {
    if (failure !== undefined) this.#hooks.call("onError", { error: failure, fatal: true });
    this.#hooks.call("onClose", { brokers: this.#brokers });
  }

  /** The loop went round. */
  turned(reports: readonly ClientReport[], lanes: Iterable<Lane>, underWay: number): void {
    for (const report of reports) this.#reported(report);
    if (this.#outageSince !== undefined) this.#probe();
    if (this.#hooks.wants("onLag")) this.#tellLag();
    if (!this.#hooks.wants("onTick")) return;
    let [buffered, bufferedBytes, assigned] = [0, 0, 0];
    for (const lane of lanes) {
      buffered += lane.pending;
      bufferedBytes += lane.bytes;
      assigned++;
    }
    this.#hooks.call("onTick", { buffered, bufferedBytes, inFlight: underWay, assigned });
  }

  rebalanced(
    kind: "assign" | "revoke",
    partitions: readonly TopicPartition[],
    drain?: DrainResult,
  ): void {
    this.#hooks.call("onRebalance", { kind, partitions: partitions.map(placeOf), ...drain });
  }

  paused(lanes: readonly Lane[], why: "buffer" | "user", paused: boolean): void {
    this.#hooks.call("onPause", { partitions: lanes.map(placeOf), paused, why });
  }

  waiting(lane: Lane, until: "retry" | "outage", on: boolean): void {
    this.#hooks.call("onPause", { partitions: [placeOf(lane)], paused: on, why: until });
  }

  #reported(report: ClientReport): void {
    if (report.kind === "commit") {
      const { offsets, error } = report;
      this.#hooks.call("onCommit", { offsets, durationMs: 0, ...(error && { error }) });
      return;
    }
    const { error } = report;
    this.#hooks.call("onError", { error, fatal: false });
    if (kafkaCodeIn(error) !== KAFKA_CODES.allBrokersDown || this.#outageSince !== undefined)
      return;
    this.#outageSince = Date.now();
    this.#probeAt = performance.now() + PROBE_MS;
    this.#hooks.call("onOutage", { what: "brokers", over: false, since: this.#outageSince, error });
  }

  /** Nothing says that a connection is back while nothing is fetched: it has to be asked. */
  #probe(): void {
    if (this.#isAsking || performance.now() < this.#probeAt) return;
    this.#isAsking = true;
    this.#queries
      .brokers()
      .then(
        () => {
          const since = this.#outageSince ?? Date.now();
          this.#outageSince = undefined;
          this.#hooks.call("onOutage", { what: "brokers", over: true, since });
        },
        () => undefined,
      )
      .finally(() => {
        this.#isAsking = false;
        this.#probeAt = performance.now() + PROBE_MS;
      });
  }

  #tellLag(): void {
    if (performance.now() < this.#lagAt) return;
    this.#lagAt = performance.now() + LAG_MS;
    this.#queries.lag().then(
      (lags) => this.#hooks.call("onLag", { lags }),
      () => undefined,
    );
  }
}

function placeOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
