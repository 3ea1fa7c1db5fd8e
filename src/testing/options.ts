/** The check of options of this module. */
import type { OptionRules } from "../base/index.ts";
import { listOf, optional, problemOf, rule, wholeNumber } from "../base/index.ts";
import { topicRule } from "../kafka/index.ts";
import { testingErrors } from "./errors.ts";

/** @throws TESTING_OPTION_INVALID for the first option that can't work */
export function checkTesting(rules: OptionRules, options: unknown): void {
  const problem = problemOf(rules, options);
  if (problem !== undefined) throw testingErrors.create("TESTING_OPTION_INVALID", { ...problem });
}

/** A list of descriptors. */
export const topicList = listOf(topicRule);
/** What chooses among what is random. */
export const seedRule = optional(wholeNumber(Number.MIN_SAFE_INTEGER));
/** A time on a clock, or a part of one, in milliseconds. */
export const timeRule = rule(
  (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
  "use a number from 0",
);
