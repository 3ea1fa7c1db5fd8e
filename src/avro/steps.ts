/**
 * Budgets: what comparing schemas may cost.
 *
 * Invariants:
 * - One request has one budget for everything that it asks for, so that many small comparisons are
 *   bounded too.
 * - It counts steps, never time: the same request gets the same answer on every machine.
 */
import { avroErrors } from "./errors.ts";

/** Steps of all comparisons of one request where nothing else is set; one to two tenths of a second. */
export const COMPATIBILITY_STEPS_MAX = 1_000_000;

/** What comparisons may still cost: `{ max, left: max }`, spent by all calls that share the object. */
export interface StepBudget {
  /** Steps in all; errors name them. */
  readonly max: number;
  /** Steps that are not spent yet. */
  left: number;
}

/** A budget of `max` steps: a step is a field or an alias that is looked at; a pair with a named type costs four. */
export function createStepBudget(max: number = COMPATIBILITY_STEPS_MAX): StepBudget {
  return { max, left: max };
}

/**
 * Takes steps from a budget.
 *
 * @throws AVRO_COMPARISON_TOO_LARGE when it has no more
 */
export function spend(budget: StepBudget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw avroErrors.create("AVRO_COMPARISON_TOO_LARGE", { limit: budget.max });
}
