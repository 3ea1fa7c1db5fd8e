/**
 * Health of the clients by progress: a consumer that is connected and consumes nothing is not well.
 *
 * Invariants:
 * - Four clocks per consumer: the loop's last turn, the age of the oldest handler, how long the
 *   assignment is not complete, how long records waited without one being done.
 * - An outage (brokers, registry) makes nobody unwell: a restart would not help. It makes not ready.
 * - `check` decides from what was told and the time; it asks nobody.
 */
import type { ClientIdentity, Clock, KafkaHooks, TickEvent } from "../contract/index.ts";
import { checkKafka, HEALTH, processClock } from "../contract/index.ts";
import { errorType } from "./traces.ts";

/** When a client counts as unwell; times in milliseconds. */
export interface KafkaHealthOptions {
  /** Without a turn of the loop. Default 60,000. */
  readonly loopMs?: number;
  /** A handler that runs this long hangs. Default 300,000. */
  readonly handlerMs?: number;
  /** Without a complete assignment. Default 600,000, twice librdkafka's `max.poll.interval.ms`. */
  readonly joinMs?: number;
  /** With records waiting, none done and no handler running. Default 120,000. */
  readonly stallMs?: number;
  /** For tests. */
  readonly clock?: Clock;
}

/** One thing that is wrong. */
export interface HealthProblem {
  readonly kind: "loop" | "handler" | "join" | "stall" | "fatal" | "outage" | "unassigned";
  readonly client: ClientIdentity;
  /** Says what is wrong, and for how long. */
  readonly message: string;
}

/** How the clients are. */
export interface KafkaHealthReport {
  /** False: restart the process. */
  readonly live: boolean;
  /** False: not (yet) at work: before the first assignment, in an outage, or not live. */
  readonly ready: boolean;
  readonly problems: readonly HealthProblem[];
}

/** Hooks that know how the clients are. */
export interface KafkaHealth extends KafkaHooks {
  check(): KafkaHealthReport;
}

interface ClientState {
  readonly client: ClientIdentity;
  connectedAt: number;
  tickAt: number;
  tick: TickEvent | undefined;
  /** Since when the assignment is not complete; undefined when it is. */
  joiningSince: number | undefined;
  assignedOnce: boolean;
  progressAt: number;
  lag: number;
  held: number;
  fatal: unknown;
  readonly outages: Map<string, number>;
}

const LIVENESS: ReadonlySet<HealthProblem["kind"]> = new Set([
  "loop",
  "handler",
  "join",
  "stall",
  "fatal",
]);

/**
 * Makes the hooks that know how the clients are; give the same ones to every client of a process.
 *
 * @throws KAFKA_OPTION_INVALID
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createConsumer, kafkaHealth } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * const health = kafkaHealth();
 * const consumer = await createConsumer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   group: "billing",
 *   topics: [orders],
 *   from: "earliest",
 *   hooks: [health],
 * });
 * createServer((_, reply) => {
 *   const report = health.check();
 *   reply.writeHead(report.live ? 200 : 503).end(JSON.stringify(report));
 * }).listen(8080);
 *
 * await consumer.run((message) => console.log(message.value.orderId)); // until it is closed
 * ```
 */
export function kafkaHealth(options: KafkaHealthOptions = {}): KafkaHealth {
  checkKafka(HEALTH, options);
  const clock = options.clock ?? processClock;
  const limits = {
    loopMs: options.loopMs ?? 60_000,
    handlerMs: options.handlerMs ?? 300_000,
    joinMs: options.joinMs ?? 600_000,
    stallMs: options.stallMs ?? 120_000,
  };
  const states = new Map<ClientIdentity, ClientState>();
  const stateOf = (client: ClientIdentity): ClientState => {
    const known = states.get(client);
    if (known !== undefined) return known;
    const made = newState(client, clock.now());
    states.set(client, made);
    return made;
  };
  return {
    ...watch(stateOf, clock),
    onClose: ({ client }) => void states.delete(client),
    check() {
      const now = clock.now();
      const problems = [...states.values()].flatMap((state) => problemsOf(state, now, limits));
      const live = !problems.some(({ kind }) => LIVENESS.has(kind));
      return { live, ready: problems.length === 0, problems };
    },
  };
}

function newState(client: ClientIdentity, now: number): ClientState {
  return {
    client,
    connectedAt: now,
    tickAt: now,
    tick: undefined,
    joiningSince: client.kind === "consumer" ? now : undefined,
    assignedOnce: client.kind !== "consumer",
    progressAt: now,
    lag: 0,
    held: 0,
    fatal: undefined,
    outages: new Map(),
  };
}

function watch(stateOf: (client: ClientIdentity) => ClientState, clock: Clock): KafkaHooks {
  return {
    onConnect: ({ client }) => void stateOf(client),
    onTick(event) {
      const state = stateOf(event.client);
      state.tickAt = clock.now();
      state.tick = event;
    },
    onRebalance({ client, kind }) {
      const state = stateOf(client);
      state.joiningSince = kind === "assign" ? undefined : clock.now();
      if (kind === "assign") {
        state.assignedOnce = true;
        state.progressAt = clock.now();
      }
    },
    onHandled({ client, outcome }) {
      if (outcome !== "failed") stateOf(client).progressAt = clock.now();
    },
    onLag({ client, lags }) {
      const state = stateOf(client);
      const lag = lags.reduce((sum, { lag: one }) => sum + one, 0);
      if (state.lag === 0) state.progressAt = clock.now();
      state.lag = lag;
    },
    onPause({ client, partitions, paused, why }) {
      if (why === "buffer") return;
      const state = stateOf(client);
      state.held = Math.max(0, state.held + (paused ? partitions.length : -partitions.length));
      if (!paused) state.progressAt = clock.now();
    },
    onError({ client, error, fatal }) {
      if (fatal) stateOf(client).fatal = error;
    },
    onOutage({ client, what, over }) {
      const { outages } = stateOf(client);
      if (over) outages.delete(what);
      else if (!outages.has(what)) outages.set(what, clock.now());
    },
  };
}

function problemsOf(
  state: ClientState,
  now: number,
  limits: Required<Omit<KafkaHealthOptions, "clock">>,
): HealthProblem[] {
  const problems: HealthProblem[] = [];
  const tell = (kind: HealthProblem["kind"], message: string): void => {
    problems.push({ kind, client: state.client, message });
  };
  if (state.fatal !== undefined) tell("fatal", `ended by ${errorType(state.fatal)}`);
  for (const [what, since] of state.outages)
    tell("outage", `${what}: no answer for ${span(now - since)}`);
  if (state.client.kind !== "consumer" || state.tick === undefined) {
    if (!state.assignedOnce) tell("unassigned", "has no assignment yet");
    return problems;
  }
  const loopAge = now - state.tickAt;
  if (loopAge > limits.loopMs) tell("loop", `the loop stands still for ${span(loopAge)}`);
  const handlerMs = (state.tick.oldestHandlerMs ?? 0) + loopAge;
  const isHandling = state.tick.inFlight > 0;
  if (isHandling && handlerMs > limits.handlerMs)
    tell("handler", `a handler runs for ${span(handlerMs)}`);
  const inOutage = state.outages.size > 0;
  if (state.joiningSince !== undefined) {
    const joinMs = now - state.joiningSince;
    if (joinMs > limits.joinMs && !inOutage)
      tell("join", `without an assignment for ${span(joinMs)}`);
    if (!state.assignedOnce) tell("unassigned", "has no assignment yet");
  }
  const stalledMs = now - state.progressAt;
  const waits = state.lag > 0 || state.tick.buffered > 0;
  if (waits && !isHandling && !inOutage && state.held === 0 && stalledMs > limits.stallMs) {
    tell("stall", `records wait and none was done for ${span(stalledMs)}`);
  }
  return problems;
}

function span(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
