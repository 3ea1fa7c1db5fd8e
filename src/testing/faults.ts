/**
 * Failures that a test asks for.
 *
 * Invariants: a rule with a seed makes the same choices in every run; a rule is used up after its
 * `times`, and of several rules that fit the oldest counts.
 */
import type { OptionRules, TypewireError } from "../base/index.ts";
import { anyObject, oneOf, optional, problemOf, rule, someText } from "../base/index.ts";
import { clientErrors } from "../client/index.ts";
import type { ClusterClock } from "../rdkafka/index.ts";
import { rdkafkaErrors } from "../rdkafka/index.ts";
import { checkTesting, seedRule, timeRule } from "./options.ts";
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

const stageRule = oneOf("connect", "produce", "fetch", "commit", "registry");

const FAIL: OptionRules = {
  rule: anyObject,
  stage: stageRule,
  how: optional(oneOf("retriable", "refused", "fatal")),
  times: optional(
    rule(
      (value) =>
        value === Number.POSITIVE_INFINITY ||
        (Number.isSafeInteger(value) && (value as number) > 0),
      "use a whole number from 1, or Infinity",
    ),
  ),
  topic: optional(someText),
  probability: optional(
    rule(
      (value) => typeof value === "number" && value >= 0 && value <= 1,
      "use a number from 0 to 1",
    ),
  ),
  seed: seedRule,
};

const SLOW: OptionRules = {
  stage: stageRule,
  ms: (value, option) => {
    const range = value as { readonly from: number; readonly to: number };
    const problem = problemOf({ from: timeRule, to: timeRule, seed: seedRule }, value, option);
    if (problem !== undefined || range.from <= range.to) return problem;
    return { option, value, reason: "give a `from` that is not above `to`" };
  },
};

/** The faults of one cluster. */
export class Faults implements FaultInjector {
  readonly #clock: ClusterClock;
  readonly #rules = new Set<ActiveRule>();
  readonly #delays = new Map<FaultStage, () => number>();

  constructor(clock: ClusterClock) {
    this.#clock = clock;
  }

  fail(stage: FaultStage, rule: FaultRule = {}): Fault {
    checkTesting(FAIL, { ...rule, rule, stage });
    const { how = "retriable", times = 1, topic, probability = 1, seed = 1 } = rule;
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
    const range = typeof ms === "number" ? { from: ms, to: ms } : ms;
    checkTesting(SLOW, { stage, ms: range });
    const { from, to, seed = 1 } = range;
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
      return clientErrors.create("CLIENT_UNREACHABLE", {
        ...details,
        attempts: 1,
        mayBeDone: false,
      });
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
