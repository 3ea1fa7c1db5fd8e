/**
 * Compatibility levels: a candidate against the versions of a subject, with Confluent's texts.
 *
 * Invariants:
 * - BACKWARD means that the candidate reads what older versions wrote, FORWARD that older versions
 *   read what the candidate writes, FULL both. Without TRANSITIVE only the newest version counts.
 * - Versions are checked from newest to oldest, and the first that fails ends the check.
 * - A check that cannot be made (ambiguous aliases, too deep) is a failure, never a pass. Only one that
 *   takes too many steps has no verdict, and throws.
 */

import type { Incompatibility, IncompatibilityType, Schema, StepBudget } from "../avro/index.ts";
import { canRead, checkAvro, createStepBudget, readerIncompatibilities } from "../avro/index.ts";
import type { TypewireError } from "../base/index.ts";
import { isTypewireError } from "../base/index.ts";
import type { Level } from "./level-names.ts";
import { LEVELS } from "./level-names.ts";
import { COMPATIBILITY, HISTORY } from "./options.ts";

/** Reads a level, in upper or lower case. */
export function asLevel(text: unknown): Level | undefined {
  const upper = typeof text === "string" ? text.toUpperCase() : undefined;
  return LEVELS.find((level) => level === upper);
}

/** `backward`: the candidate reads old data; `forward`: the old version reads new data. */
export type Direction = "backward" | "forward";

/** A version that the candidate is compared with. */
export interface EarlierVersion {
  readonly schema: Schema;
  /** The stored text, quoted in messages. */
  readonly text: string;
  readonly version?: number;
}

/** What to check. */
export interface CompatibilityCheck {
  readonly level: Level;
  readonly candidate: { readonly schema: Schema };
  /** The live versions, oldest first. */
  readonly history: readonly EarlierVersion[];
  /** Shown in the last message; default false. */
  readonly validateFields?: boolean;
  /** Steps that all comparisons together may take; default 1,000,000. */
  readonly budget?: StepBudget;
}

/** Why one version fails in one direction. */
export interface CompatibilityFailure {
  readonly version?: number;
  readonly direction: Direction;
  readonly incompatibilities: readonly Incompatibility[];
  /** Set when the check itself could not be made. */
  readonly error?: TypewireError;
}

/** The outcome of {@link checkCompatibility}. */
export interface CompatibilityVerdict {
  readonly isCompatible: boolean;
  readonly failures: readonly CompatibilityFailure[];
  /** Confluent's messages, as its API answers them; empty when compatible. */
  readonly messages: readonly string[];
}

const COMPATIBLE: CompatibilityVerdict = { isCompatible: true, failures: [], messages: [] };

/** Confluent's last message about an incompatible schema: what was asked of it. */
export function settingsMessage(level: Level, validateFields: boolean): string {
  return `{validateFields: '${validateFields}', compatibility: '${level}'}`;
}

/**
 * Judges a candidate at a level, and says why it fails in Confluent's words.
 *
 * @throws AVRO_COMPARISON_TOO_LARGE when the budget is used up
 *
 * @example
 * ```ts
 * import { checkCompatibility, parseSchema } from "typewire/avro";
 *
 * const text = '{"type":"enum","name":"Method","symbols":["CARD"]}';
 * const before = parseSchema(text, { mode: "strict" });
 * const after = parseSchema('{"type":"enum","name":"Method","symbols":["CASH"]}', { mode: "strict" });
 * const verdict = checkCompatibility({
 *   level: "BACKWARD",
 *   candidate: { schema: after },
 *   history: [{ schema: before, text, version: 1 }],
 * });
 * if (!verdict.isCompatible) console.log(verdict.messages.join("\n"));
 * ```
 */
export function checkCompatibility(check: CompatibilityCheck): CompatibilityVerdict {
  checkAvro(COMPATIBILITY, check);
  const { level, candidate, history, budget = createStepBudget() } = check;
  const directions = directionsOf(level);
  const oldest = isTransitive(level) ? 0 : history.length - 1;
  for (let index = history.length - 1; index >= Math.max(oldest, 0); index--) {
    const earlier = history[index];
    if (earlier === undefined) continue;
    const failures = directions.flatMap((direction) =>
      judge(candidate.schema, earlier, direction, budget),
    );
    if (failures.length === 0) continue;
    const validateFields = check.validateFields ?? false;
    const last = settingsMessage(level, validateFields);
    // At a FULL level the forward half alone doesn't quote the old schema.
    const isQuoted = directions.length === 1 || failures.at(-1)?.direction === "backward";
    const lines = isQuoted ? schemaLines(earlier) : [];
    return { isCompatible: false, failures, messages: [...messagesOf(failures), ...lines, last] };
  }
  return COMPATIBLE;
}

/**
 * All levels at which a candidate would be accepted after these versions (oldest first).
 *
 * @param budget steps that all comparisons together may take; default 1,000,000
 * @throws AVRO_COMPARISON_TOO_LARGE when it is used up
 *
 * @example
 * ```ts
 * import { parseSchema, satisfiedLevels } from "typewire/avro";
 *
 * const before = parseSchema('"int"', { mode: "strict" });
 * const after = parseSchema('"long"', { mode: "strict" });
 * satisfiedLevels(after, [{ schema: before }]); // NONE, BACKWARD, BACKWARD_TRANSITIVE, …
 * ```
 */
export function satisfiedLevels(
  candidate: Schema,
  history: readonly { readonly schema: Schema }[],
  budget: StepBudget = createStepBudget(),
): ReadonlySet<Level> {
  checkAvro(HISTORY, { candidate, history, budget });
  const lastFailure = (direction: Direction): number =>
    history.findLastIndex((earlier) => fails(candidate, earlier.schema, direction, budget));
  // Each pair of versions is compared once in each direction, and none behind the first that fails.
  const forward = lastFailure("forward");
  const backward = lastFailure("backward");
  const levels = new Set<Level>(["NONE"]);
  for (const [name, last] of [
    ["BACKWARD", backward],
    ["FORWARD", forward],
    ["FULL", Math.max(forward, backward)],
  ] as const) {
    if (last >= 0 && last === history.length - 1) continue;
    levels.add(name);
    if (last < 0) levels.add(`${name}_TRANSITIVE`);
  }
  return levels;
}

const FULL: readonly Direction[] = ["forward", "backward"];

/** The directions that a level checks, in Confluent's order: forward comes first. */
export function directionsOf(level: Level): readonly Direction[] {
  if (level === "NONE") return [];
  if (level.startsWith("FULL")) return FULL;
  return level.startsWith("BACKWARD") ? ["backward"] : ["forward"];
}

function isTransitive(level: Level): boolean {
  return level.endsWith("_TRANSITIVE");
}

function fails(
  candidate: Schema,
  earlier: Schema,
  direction: Direction,
  budget: StepBudget,
): boolean {
  try {
    return !(direction === "backward"
      ? canRead(candidate, earlier, budget)
      : canRead(earlier, candidate, budget));
  } catch (error) {
    return failureOf(error) !== undefined;
  }
}

function judge(
  candidate: Schema,
  earlier: EarlierVersion,
  direction: Direction,
  budget: StepBudget,
): readonly CompatibilityFailure[] {
  const [reader, writer] =
    direction === "backward" ? [candidate, earlier.schema] : [earlier.schema, candidate];
  const version = earlier.version === undefined ? {} : { version: earlier.version };
  try {
    const incompatibilities = readerIncompatibilities(reader, writer, budget);
    return incompatibilities.length === 0 ? [] : [{ ...version, direction, incompatibilities }];
  } catch (error) {
    return [{ ...version, direction, incompatibilities: [], error: failureOf(error) }];
  }
}

/** An error that says that the check can't be made. @throws any other */
function failureOf(error: unknown): TypewireError {
  if (isTypewireError(error) && error.code !== "AVRO_COMPARISON_TOO_LARGE") return error;
  throw error;
}

function messagesOf(failures: readonly CompatibilityFailure[]): readonly string[] {
  return failures.flatMap(({ direction, incompatibilities, error }) =>
    error === undefined
      ? incompatibilities.map((entry) => describeIncompatibility(entry, direction))
      : [`Unexpected exception during compatibility check: ${javaMessage(error)}`],
  );
}

function javaMessage(error: TypewireError): string {
  const { javaMessage: message } = error.details as { readonly javaMessage?: unknown };
  return typeof message === "string" ? message : error.message;
}

const SHOWN_SCHEMA_CHARS_MAX = 10_240;

function schemaLines({ version, text }: EarlierVersion): readonly string[] {
  const shown =
    text.length > SHOWN_SCHEMA_CHARS_MAX
      ? `{oldSchema: <truncated> '${text.slice(0, SHOWN_SCHEMA_CHARS_MAX)}...'}`
      : `{oldSchema: '${text}'}`;
  return version === undefined ? [shown] : [`{oldSchemaVersion: ${version}}`, shown];
}

/** Confluent's text for one finding. */
export function describeIncompatibility(entry: Incompatibility, direction: Direction): string {
  const [reader, writer] = direction === "backward" ? ["new", "old"] : ["old", "new"];
  const description = DESCRIPTIONS[entry.type](entry, reader, writer);
  return `{errorType:'${entry.type}', description:'${description}', additionalInfo:'${entry.message}'}`;
}

type Describe = (entry: Incompatibility, reader: string, writer: string) => string;

const DESCRIPTIONS: Readonly<Record<IncompatibilityType, Describe>> = {
  FIXED_SIZE_MISMATCH: ({ location }, reader, writer) =>
    `The size of FIXED type field at path '${location}' in the ${reader} schema does not match with the ${writer} schema`,
  TYPE_MISMATCH: ({ location }, reader, writer) =>
    `The type (path '${location}') of a field in the ${reader} schema does not match with the ${writer} schema`,
  NAME_MISMATCH: ({ location }) => `The name of the schema has changed (path '${location}')`,
  MISSING_ENUM_SYMBOLS: ({ location, message }, reader, writer) =>
    `The ${reader} schema is missing enum symbols '${message}' at path '${location}' in the ${writer} schema`,
  MISSING_UNION_BRANCH: ({ location }, reader, writer) =>
    `The ${reader} schema is missing a type inside a union field at path '${location}' in the ${writer} schema`,
  MORE_FINDINGS: () => "More incompatibilities were found than are shown",
  READER_FIELD_MISSING_DEFAULT_VALUE: ({ location, message }, reader, writer) =>
    `The field '${message}' at path '${location}' in the ${reader} schema has no default value and is missing in the ${writer} schema`,
};
