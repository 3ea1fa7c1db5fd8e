/**
 * What the arguments of the public functions may be. Schemas are recognised by their kind and the
 * members that go with it, not by who made them: they may come from another installed copy.
 */
import type { OptionRule, OptionRules } from "../base/index.ts";
import {
  anyObject,
  byteArray,
  flag,
  listOf,
  objectWith,
  oneOf,
  optional,
  problemOf,
  recordOf,
  rule,
  wholeNumber,
} from "../base/index.ts";
import { avroErrors } from "./errors.ts";
import { JsonNumber } from "./model.ts";

/** The member that a schema of each kind has besides `kind`; primitive ones have none. */
const MEMBERS: Readonly<Record<string, string>> = {
  array: "items",
  enum: "symbols",
  fixed: "size",
  map: "values",
  record: "fields",
  union: "branches",
};
const PRIMITIVES: ReadonlySet<unknown> = new Set([
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
]);

function isSchema(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const kind: unknown = Reflect.get(value, "kind");
  if (typeof kind !== "string") return false;
  return PRIMITIVES.has(kind) || (Object.hasOwn(MEMBERS, kind) && (MEMBERS[kind] ?? "") in value);
}

/** A parsed schema. */
export const schemaRule: OptionRule = rule(isSchema, "parse its text with parseSchema first");

const limit = optional(
  rule((value) => typeof value === "number" && value >= 0, "use a number from 0"),
);

export const CODEC: OptionRules = {
  mapping: optional(
    objectWith({
      long: optional(oneOf("bigint", "number")),
      logical: optional(oneOf("safe", "raw")),
      fields: optional(recordOf(oneOf("safe", "raw"))),
    }),
  ),
  limits: optional(
    objectWith({
      bytesMax: limit,
      itemsMax: limit,
      emptyItemsMax: limit,
      depthMax: limit,
      resolutionStepsMax: limit,
    }),
  ),
  compile: optional(flag),
};

export const SINGLE_OBJECT: OptionRules = { ...CODEC, writers: optional(listOf(schemaRule)) };
export const READ_CONTAINER: OptionRules = { ...CODEC, reader: optional(schemaRule) };

const isMap = rule((value) => value instanceof Map, "use a Map");
const isNumber = rule((value) => typeof value === "number", "use a number");
export const WRITE_CONTAINER: OptionRules = {
  ...CODEC,
  compression: optional(oneOf("null", "deflate")),
  metadata: optional(
    rule(
      (value) => value instanceof Map && [...value].every(isEntry),
      "use a Map from text to Uint8Array",
    ),
  ),
  blockBytes: optional(isNumber),
  sync: optional(byteArray),
};
export const VALUES: OptionRules = {
  values: rule(
    (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
    "use an array or another iterable",
  ),
};

function isEntry([key, value]: [unknown, unknown]): boolean {
  return typeof key === "string" && value instanceof Uint8Array;
}

/** Whether a value is JSON as `parseJson` reads it, where objects are maps; a plain one is none. */
function isReadJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isReadJson);
  return (
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    value instanceof Map ||
    value instanceof JsonNumber
  );
}

export const SOURCE: OptionRules = {
  source: rule(isReadJson, "give the text of the schema, or what toJson makes of a value"),
};
export const PARSE: OptionRules = {
  mode: oneOf("strict", "lenient", "stored"),
  validateDefaults: optional(flag),
  types: optional(isMap),
};

const isBuffer = rule((value) => Buffer.isBuffer(value), "use a Buffer");
const offset = wholeNumber(0);
export const ENCODE: OptionRules = { buffer: isBuffer, offset };
export const DECODE: OptionRules = { buffer: isBuffer, start: offset, end: offset };

/** What comparisons may cost. */
export const budgetRule: OptionRule = objectWith({
  max: wholeNumber(0),
  left: rule(Number.isFinite, "use a number"),
});

export const BYTES: OptionRules = { bytes: byteArray };
export const ALGORITHM: OptionRules = { algorithm: oneOf("md5", "sha256") };
export const PRINT: OptionRules = {
  options: optional(anyObject),
};

/** @throws AVRO_OPTION_INVALID for the first argument or option that can't work */
export function checkAvro(rules: OptionRules, options: unknown): void {
  const problem = problemOf(rules, options);
  if (problem !== undefined) throw avroErrors.create("AVRO_OPTION_INVALID", { ...problem });
}

/** @throws AVRO_OPTION_INVALID for what is no budget of steps */
export function assertBudget(budget: unknown): void {
  checkAvro({ budget: budgetRule }, { budget });
}

/** @throws AVRO_OPTION_INVALID for what is no parsed schema */
export function assertSchema(value: unknown, argument = "schema"): void {
  if (!isSchema(value)) checkAvro({ [argument]: schemaRule }, { [argument]: value });
}
