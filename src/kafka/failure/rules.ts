/**
 * From rules and a failure to what is done next: a pure function of the steps, the attempts so far
 * and the retry topics that the record has been through.
 *
 * Invariant: steps are used up in order; a step that is used up is not used again for this delivery.
 */
import type {
  Failure,
  FailureRules,
  FailureStage,
  FailureStep,
  FailureSteps,
  ForwardStep,
  RetryStep,
  RetryTopicsStep,
} from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";
import type { Backoff } from "./backoff.ts";

/** What to do with a failed record. */
export type Decision =
  | { readonly kind: "stop" }
  | { readonly kind: "skip" }
  | { readonly kind: "retry"; readonly backoff: Backoff; readonly failures: number }
  | { readonly kind: "forward"; readonly to: string }
  | { readonly kind: "retry-topic"; readonly delayMs: number; readonly tier: number };

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 30_000;
const STAGES = ["handler", "poison", "key", "value", "schema"] as const;

/**
 * The decision.
 *
 * @param tier how many retry topics the record has been through
 * @throws KAFKA_OPTION_INVALID when a function of the rules gives something else than steps
 */
export function decide(rules: FailureRules, failure: Failure, tier: number): Decision {
  let attempt = failure.attempt;
  let open = tier;
  for (const step of stepsOf(rules, failure)) {
    if (step === "stop" || step === "skip") return { kind: step };
    if ("retry" in step) {
      const { attempts, firstDelayMs = FIRST_DELAY_MS, maxDelayMs = MAX_DELAY_MS } = step.retry;
      if (attempt <= attempts) {
        return { kind: "retry", backoff: { firstDelayMs, maxDelayMs }, failures: attempt };
      }
      attempt -= attempts;
    } else if ("retryTopics" in step) {
      const delayMs = step.retryTopics[open];
      if (delayMs !== undefined) return { kind: "retry-topic", delayMs, tier: tier + 1 };
      open -= step.retryTopics.length;
    } else {
      return { kind: "forward", to: destination(step, failure) };
    }
  }
  return { kind: "stop" };
}

function destination({ forward }: ForwardStep, failure: Failure): string {
  const to = typeof forward === "string" ? forward : forward(failure);
  if (typeof to !== "string" || to === "") {
    throw invalid("forward", to, "the function must give the name of a topic");
  }
  if (to === failure.topic) {
    throw invalid("forward", to, "a record can't go to the topic that it came from");
  }
  return to;
}

function stepsOf(rules: FailureRules, failure: Failure): readonly FailureStep[] {
  const given = ruleOf(rules, failure.stage);
  const steps = typeof given === "function" ? given(failure) : given;
  const list = listed(steps);
  if (typeof given === "function") {
    for (const [i, step] of list.entries()) checkStep(step, `failures[${i}]`);
  }
  return list;
}

function ruleOf(rules: FailureRules, stage: FailureStage): FailureSteps {
  if (stage === "handler") return rules.handler ?? "stop";
  if (stage === "forward") return "stop";
  return rules[stage] ?? rules.poison ?? "stop";
}

function listed(steps: FailureStep | readonly FailureStep[]): readonly FailureStep[] {
  return Array.isArray(steps) ? (steps as readonly FailureStep[]) : [steps as FailureStep];
}

/** The topics that the rules name: dead-letter topics as far as they are known, and retry delays. */
export interface NamedTopics {
  readonly forward: readonly string[];
  readonly retryDelays: readonly number[];
}

/**
 * Checks rules before anything is read, and lists the topics that they name.
 *
 * @throws KAFKA_OPTION_INVALID
 */
export function checkRules(rules: FailureRules, topics: readonly string[]): NamedTopics {
  const forward = new Set<string>();
  const retryDelays = new Set<number>();
  for (const name of Object.keys(rules)) {
    if (!(STAGES as readonly string[]).includes(name)) {
      throw invalid("failures", name, `choose from ${STAGES.join(", ")}`);
    }
  }
  for (const stage of STAGES) {
    const steps = rules[stage];
    if (steps === undefined || typeof steps === "function") continue;
    for (const [i, step] of listed(steps).entries()) {
      checkStep(step, `failures.${stage}[${i}]`);
      if (typeof step === "string") continue;
      if ("retryTopics" in step) for (const delay of step.retryTopics) retryDelays.add(delay);
      if (!("forward" in step) || typeof step.forward !== "string") continue;
      if (topics.includes(step.forward)) {
        throw invalid(`failures.${stage}`, step.forward, "this consumer reads that topic");
      }
      forward.add(step.forward);
    }
  }
  return { forward: [...forward], retryDelays: [...retryDelays] };
}

/** @throws KAFKA_OPTION_INVALID when it is no step */
function checkStep(step: unknown, option: string): void {
  if (step === "stop" || step === "skip") return;
  const known = step as Partial<RetryStep & ForwardStep & RetryTopicsStep> | null;
  if (typeof known !== "object" || known === null) {
    throw invalid(option, step, "use stop, skip, { retry }, { retryTopics } or { forward }");
  }
  const { retry, forward, retryTopics } = known;
  if ([retry, forward, retryTopics].filter((one) => one !== undefined).length !== 1) {
    throw invalid(option, step, "give one of retry, retryTopics and forward");
  }
  if (forward !== undefined && typeof forward !== "function") {
    if (typeof forward !== "string" || forward === "") {
      throw invalid(`${option}.forward`, forward, "give the name of a topic, or a function");
    }
  }
  if (retryTopics !== undefined) checkDelays(retryTopics, `${option}.retryTopics`);
  if (retry !== undefined) checkRetry(retry, `${option}.retry`);
}

function checkRetry(retry: RetryStep["retry"], option: string): void {
  const { attempts, firstDelayMs = FIRST_DELAY_MS, maxDelayMs = MAX_DELAY_MS } = retry;
  if (attempts !== Number.POSITIVE_INFINITY && !isPositive(attempts)) {
    throw invalid(`${option}.attempts`, attempts, "use an integer from 1, or Infinity");
  }
  if (!isPositive(firstDelayMs) || firstDelayMs > maxDelayMs) {
    throw invalid(`${option}.firstDelayMs`, firstDelayMs, "use an integer from 1 to maxDelayMs");
  }
  if (!isPositive(maxDelayMs) || maxDelayMs > DELAY_MAX_MS) {
    throw invalid(`${option}.maxDelayMs`, maxDelayMs, `use an integer from 1 to ${DELAY_MAX_MS}`);
  }
}

/** A day: what waits longer wants a schedule, not a retry. */
const DELAY_MAX_MS = 86_400_000;

function checkDelays(delays: readonly number[], option: string): void {
  const isFine =
    Array.isArray(delays) && delays.length > 0 && new Set(delays).size === delays.length;
  if (!isFine || !delays.every((delay) => isPositive(delay) && delay <= DELAY_MAX_MS)) {
    throw invalid(option, delays, `use different integers from 1 to ${DELAY_MAX_MS}`);
  }
}

function isPositive(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1;
}

function invalid(option: string, value: unknown, reason: string): Error {
  return kafkaErrors.create("KAFKA_OPTION_INVALID", { option, value, reason });
}
