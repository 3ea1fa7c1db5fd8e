/**
 * Failures that a test asks for.
 *
 * Invariants: a rule with a seed makes the same choices in every run; a rule is used up after its
 * `times`, and of several rules that fit the oldest counts.
 */
import type { TypewireError } from "../base/index.ts";
import { clientErrors } from "../client/index.ts";
import type { ClusterClock } from "../rdkafka/index.ts";
import { rdkafkaErrors } from "../rdkafka/index.ts";
import { testingErrors } from "./errors.ts";
import type { Random } from "./random.ts";
import { integerIn, randomOf } from "./random.ts";

/** What can fail, or be slow. */
export type FaultStage = "connect" | "produce" | "fetch" | "commit" | "registry";

/** Which calls fail, and how. */
export interface FaultRule {
  /**
   * `"retriable"`: no answer came; the same call can succeed later. `"refused"`: no for good.
   * `"fatal"`: the client is finished. Default `"retriable"`.
   */
  readonly how?: "retriable" | "refused" | "fatal";
  /** How many calls (records, for `"produce"`) fail; `Infinity` for all to come. Default 1. */
  readonly times?: number;
  /** Only of this topic. Default: any. The registry knows no topics. */
  readonly topic?: string;
  /** From 0 to 1: how many of the calls that fit fail, on average. Default 1. */
  readonly probability?: number;
  /** Makes the choices of `probability`. Default 1. */
  readonly seed?: number;
}

/** A failure that was asked for. */
export interface Fault {
  /** How often it struck. */
  readonly hits: number;
  /** Ends it. */
  clear(): void;
}

/** A time, or a range from which each call gets its own. */
export type DelayMs =
  | number
  | { readonly from: number; readonly to: number; readonly seed?: number };

/** Makes a broker and its registry fail, or slow. */
export interface FaultInjector {
  /** Makes the next calls of a stage fail. @throws TESTING_OPTION_INVALID */
  fail(stage: FaultStage, rule?: FaultRule): Fault;
  /**
   * Makes a stage slow by the broker's clock, until the next call of this or `clear`. For `"produce"` that
   * is the time until the acknowledgement, for `"fetch"` the time until records can be seen.
   *
   * @throws TESTING_OPTION_INVALID
   */
  slow(stage: FaultStage, ms: DelayMs): void;
  /** Ends everything that was asked for. */
  clear(): void;
}

interface ActiveRule {
  readonly stage: FaultStage;
  readonly how: "retriable" | "refused" | "fatal";
  readonly topic: string | undefined;
  readonly probability: number;
  readonly random: Random;
  left: number;
  hits: number;
}

const STAGES: readonly string[] = ["connect", "produce", "fetch", "commit", "registry"];
const HOWS: readonly string[] = ["retriable", "refused", "fatal"];

/** The faults of one cluster. */
export class Faults implements FaultInjector {
  readonly #clock: ClusterClock;
  readonly #rules = new Set<ActiveRule>();
  readonly #delays = new Map<FaultStage, () => number>();

  constructor(clock: ClusterClock) {
    this.#clock = clock;
  }

  fail(stage: FaultStage, rule: FaultRule = {}): Fault {
    const { how = "retriable", times = 1, topic, probability = 1, seed = 1 } = rule;
    check("stage", stage, STAGES.includes(stage), `choose ${STAGES.join(", ")}`);
    check("how", how, HOWS.includes(how), `choose ${HOWS.join(", ")}`);
    const isCount = times === Number.POSITIVE_INFINITY || Number.isSafeInteger(times);
    check("times", times, isCount && times > 0, "use an integer from 1, or Infinity");
    const isShare = probability >= 0 && probability <= 1;
    check("probability", probability, isShare, "use a number from 0 to 1");
    const random = randomOf(seed);
    const active: ActiveRule = { stage, how, topic, probability, random, left: times, hits: 0 };
    this.#rules.add(active);
    return {
      get hits() {
        return active.hits;
      },
      clear: () => {
        this.#rules.delete(active);
      },
    };
  }

  slow(stage: FaultStage, ms: DelayMs): void {
    check("stage", stage, STAGES.includes(stage), `choose ${STAGES.join(", ")}`);
    const { from, to, seed = 1 } = typeof ms === "number" ? { from: ms, to: ms } : ms;
    const isRange = Number.isFinite(from) && Number.isFinite(to) && from >= 0 && to >= from;
    check("ms", ms, isRange, "use a number from 0, or { from, to }");
    const random = randomOf(seed);
    this.#delays.set(stage, () => integerIn(random, from, to));
  }

  clear(): void {
    this.#rules.clear();
    this.#delays.clear();
  }

  /** How long this call of a stage is to take, in milliseconds. */
  delayOf(stage: FaultStage): number {
    return this.#delays.get(stage)?.() ?? 0;
  }

  /** Waits as long as this call of a stage is to take. */
  async wait(stage: FaultStage): Promise<void> {
    const ms = this.delayOf(stage);
    if (ms === 0) return;
    await new Promise<void>((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }

  /** How this call is to fail, if it is. */
  strike(stage: FaultStage, topic?: string): ActiveRule["how"] | undefined {
    for (const rule of this.#rules) {
      const fits = rule.stage === stage && (rule.topic === undefined || rule.topic === topic);
      if (!fits || rule.random() >= rule.probability) continue;
      rule.hits++;
      rule.left--;
      if (rule.left <= 0) this.#rules.delete(rule);
      return rule.how;
    }
    return undefined;
  }

  /** The error of a call to the cluster that is to fail, if it is. */
  clusterError(
    stage: Exclude<FaultStage, "registry" | "connect">,
    action: string,
    topic?: string,
  ): TypewireError | undefined {
    const how = this.strike(stage, topic);
    if (how === undefined) return undefined;
    const details = { action, reason: REASONS[how], kafkaCode: CODES[how] };
    return rdkafkaErrors.create(ROWS[how], details);
  }

  /** The error of a call to the registry that is to fail, if it is. */
  registryError(method: string, path: string): TypewireError | undefined {
    const how = this.strike("registry");
    if (how === undefined) return undefined;
    const details = { url: REGISTRY_URL, method, path, reason: REASONS[how] };
    if (how === "retriable")
      return clientErrors.create("CLIENT_UNREACHABLE", { ...details, attempts: 1 });
    return clientErrors.create("CLIENT_REFUSED", { ...details, status: 403, errorCode: 40301 });
  }
}

/** What stands for the registry's address in errors. */
export const REGISTRY_URL = "memory:";

const REASONS = {
  retriable: "the test made it fail: timed out",
  refused: "the test made it fail: not authorized",
  fatal: "the test made it fail: fatal error",
} as const;
/** librdkafka's codes: time-out, authorization of a topic failed, fatal. */
const CODES = { retriable: -185, refused: 29, fatal: -150 } as const;
const ROWS = {
  retriable: "RDKAFKA_UNAVAILABLE",
  refused: "RDKAFKA_REQUEST_FAILED",
  fatal: "RDKAFKA_FATAL",
} as const;

function check(option: string, given: unknown, isValid: boolean, reason: string): void {
  if (isValid) return;
  const value = typeof given === "number" ? String(given) : given;
  throw testingErrors.create("TESTING_OPTION_INVALID", { option, value, reason });
}
