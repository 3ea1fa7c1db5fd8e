/**
 * The check of options, once for all public functions. A table says for each option what it may be;
 * a rule looks at a value and tells what is wrong with it, and where.
 *
 * Invariants:
 * - Rules never throw, whatever the value is.
 * - A problem names the innermost place (`topics[1].key`) and tells what to write there.
 */
import { isObject } from "./guards.ts";

/** What is wrong with an option. */
export interface OptionProblem {
  /** The option, with the way to the value inside it. */
  readonly option: string;
  /** What stands there, as far as it may be shown. */
  readonly value: unknown;
  /** What to write instead, as a clause. */
  readonly reason: string;
}

/** Tells what is wrong with the value of an option; undefined when nothing is. */
export type OptionRule = (value: unknown, option: string) => OptionProblem | undefined;

/** What each option of a function may be. */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** A rule from a test and the clause for what does not pass. */
export function rule(accepts: (value: unknown) => boolean, reason: string): OptionRule {
  return (value, option) =>
    accepts(value) ? undefined : { option, value: shownAs(value), reason };
}

/** Left out, or as the rule says. */
export function optional(inner: OptionRule): OptionRule {
  return (value, option) => (value === undefined ? undefined : inner(value, option));
}

export const text = rule((value) => typeof value === "string", "use text");
export const someText = rule(
  (value) => typeof value === "string" && value !== "",
  "use text that is not empty",
);
export const flag = rule((value) => typeof value === "boolean", "use true or false");
export const callback = rule((value) => typeof value === "function", "use a function");
export const byteArray = rule((value) => value instanceof Uint8Array, "use a Uint8Array");
export const anyObject = rule(isObject, "use an object");

/** The longest time that a timer takes, in milliseconds. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** An integer within bounds. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): OptionRule {
  const bounds = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${String(max)}`;
  return rule(
    (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
    `use a whole number ${bounds}`,
  );
}

/** A time in milliseconds. */
export function milliseconds(min: number): OptionRule {
  return wholeNumber(min, TIMER_MS_MAX);
}

/** One of some values. */
export function oneOf(...values: readonly unknown[]): OptionRule {
  return rule(
    (value) => values.includes(value),
    `use one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
  );
}

/** A list, each item of which is as the rule says. */
export function listOf(item: OptionRule, min = 0): OptionRule {
  const reason = min === 0 ? "use a list" : `use a list of at least ${min}`;
  return (value, option) => {
    if (!Array.isArray(value) || value.length < min) {
      return { option, value: shownAs(value), reason };
    }
    return first(Array.from(value as unknown[], (each, i) => item(each, `${option}[${i}]`)));
  };
}

/** An object, each member of which is as the rule says. */
export function recordOf(member: OptionRule): OptionRule {
  return (value, option) =>
    isObject(value)
      ? first(Object.entries(value).map(([name, each]) => member(each, `${option}.${name}`)))
      : { option, value: shownAs(value), reason: "use an object" };
}

/** An object with members of its own rules; others are not looked at. */
export function objectWith(rules: OptionRules): OptionRule {
  return (value, option) => problemOf(rules, value, option);
}

/** A value that must not be shown: only what kind it is. */
export function hidden(inner: OptionRule): OptionRule {
  return (value, option) => {
    const found = inner(value, option);
    return found === undefined ? undefined : { ...found, value: `(${typeof value})` };
  };
}

/**
 * The first problem of some options.
 *
 * @param within - What the options are, as messages name it when they are no object at all.
 */
export function problemOf(
  rules: OptionRules,
  options: unknown,
  within = "",
): OptionProblem | undefined {
  if (!isObject(options)) {
    return {
      option: within === "" ? "options" : within,
      value: shownAs(options),
      reason: "use an object",
    };
  }
  const prefix = within === "" ? "" : `${within}.`;
  return first(Object.entries(rules).map(([name, each]) => each(options[name], prefix + name)));
}

function first(problems: readonly (OptionProblem | undefined)[]): OptionProblem | undefined {
  return problems.find((problem) => problem !== undefined);
}

/** What JSON has no word for is named. */
function shownAs(value: unknown): unknown {
  if (value === undefined) return "undefined";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return typeof value === "function" || typeof value === "symbol" ? `a ${typeof value}` : value;
}
