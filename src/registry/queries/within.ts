/**
 * What one request may spend on comparing schemas: all its comparisons share one budget.
 *
 * Invariant: a decision that ends for want of steps has written nothing; the request is refused.
 */
import type { Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { createStepBudget, spend } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { Content, World } from "../state/index.ts";

/** Answers a request; refuses it when the budget is used up. */
export function answerWithin<T>(world: World, answer: (world: World) => T): T | Refusal {
  const { compatibilityStepsMax: limit } = world.settings;
  try {
    return answer({ ...world, steps: createStepBudget(limit), charged: new Set() });
  } catch (error) {
    if (!isTypewireError(error, "AVRO_COMPARISON_TOO_LARGE")) throw error;
    return refuse("REQUEST_TOO_COSTLY", { limit });
  }
}

/** Characters that are parsed while one field is compared. */
const CHARS_PER_STEP = 16;
/** Metadata and rules are merged, sorted, compared and hashed. */
const EXTRAS_WEIGHT = 4;
/** Versions that are passed over while one field is compared. */
const VERSIONS_PER_STEP = 8;

/** Charges a content that is parsed for a comparison. */
export function chargeParsing(world: World, content: Content): void {
  if (world.charged?.has(content)) return;
  world.charged?.add(content);
  chargeChars(world, content.text.length);
}

/** Charges a text that is worked on. */
export function chargeChars({ steps }: World, chars: number): void {
  if (steps !== undefined) spend(steps, Math.ceil(chars / CHARS_PER_STEP));
}

/** Charges a walk over versions. */
export function chargeVersions({ steps }: World, versions: number): void {
  if (steps !== undefined) spend(steps, Math.ceil(versions / VERSIONS_PER_STEP));
}

const extraChars = new WeakMap<Content, number>();

/** Charges metadata and rules that a registration takes over from a content. */
export function chargeExtras(world: World, content: Content | undefined): void {
  if (content === undefined || world.steps === undefined) return;
  let chars = extraChars.get(content);
  if (chars === undefined) {
    chars = JSON.stringify([content.metadata, content.ruleSet]).length;
    extraChars.set(content, chars);
  }
  chargeChars(world, chars * EXTRAS_WEIGHT);
}
