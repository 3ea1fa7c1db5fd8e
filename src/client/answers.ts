/** Readers of the registry's answers: each returns `undefined` when the answer is not the entity. */

import type {
  CompatibilityLevel,
  Config,
  Metadata,
  Mode,
  RuleSet,
  SchemaReference,
} from "../api/index.ts";
import { LEVELS, MODES } from "../api/index.ts";
import { isObject } from "../base/index.ts";
import type {
  CompatibilityResult,
  RegisteredSchema,
  SchemaContent,
  SubjectSchema,
} from "./types.ts";

export function readSchema(body: unknown, id: number): RegisteredSchema | undefined {
  const content = readContent(body);
  return content && { id, ...content };
}

/** What an answer says about a schema itself, whatever it was asked by. */
export function readContent(body: unknown): SchemaContent | undefined {
  if (!isObject(body)) return undefined;
  const { schema, schemaType = "AVRO", references = [], guid, metadata, ruleSet } = body;
  if (typeof schema !== "string" || typeof schemaType !== "string") return undefined;
  if (!Array.isArray(references) || !references.every(isReference)) return undefined;
  // Rules that can't be understood must not be taken for none.
  if (ruleSet != null && !isRuleSet(ruleSet)) return undefined;
  return {
    schema,
    schemaType,
    references,
    ...(typeof guid === "string" ? { guid } : {}),
    ...(isObject(metadata) ? { metadata: metadata as Metadata } : {}),
    ...(ruleSet == null ? {} : { ruleSet }),
  };
}

export function readSubjectSchema(body: unknown): SubjectSchema | undefined {
  if (!isObject(body)) return undefined;
  const { subject, version, id, deleted } = body;
  if (typeof subject !== "string" || !isInteger(version) || !isId(id)) return undefined;
  const schema = readSchema(body, id);
  return schema && { ...schema, subject, version, deleted: deleted === true };
}

/** The version is missing in answers of registries before Confluent 7.5. */
export function readRegistration(
  body: unknown,
): { id: number; version: number | undefined } | undefined {
  if (!isObject(body)) return undefined;
  const { id, version } = body;
  if (!isId(id)) return undefined;
  return { id, version: isInteger(version) ? version : undefined };
}

export function readCompatibility(body: unknown): CompatibilityResult | undefined {
  if (!isObject(body) || typeof body["is_compatible"] !== "boolean") return undefined;
  return { compatible: body["is_compatible"], messages: readStrings(body["messages"]) ?? [] };
}

export function readConfig(body: unknown): Config | undefined {
  return isObject(body) ? body : undefined;
}

export function readLevel(body: unknown): CompatibilityLevel | undefined {
  return isObject(body) ? LEVELS.find((level) => level === body["compatibilityLevel"]) : undefined;
}

export function readMode(body: unknown): Mode | undefined {
  return isObject(body) ? MODES.find((mode) => mode === body["mode"]) : undefined;
}

export function readStrings(body: unknown): readonly string[] | undefined {
  const strings = Array.isArray(body) && body.every((item) => typeof item === "string");
  return strings ? body : undefined;
}

export function readIntegers(body: unknown): readonly number[] | undefined {
  return Array.isArray(body) && body.every(isInteger) ? body : undefined;
}

export function readInteger(body: unknown): number | undefined {
  return isInteger(body) ? body : undefined;
}

/** For answers that say nothing beyond their status. */
export function readNothing(): true {
  return true;
}

/** Whether a value is an id that the frame of a message can carry. */
function isId(value: unknown): value is number {
  return isInteger(value) && value >= 0 && value <= 2 ** 31 - 1;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

const RULE_LISTS = ["migrationRules", "domainRules", "encodingRules"] as const;

/** Whether its lists are lists of rules; what a rule says is read by whoever heeds it. */
function isRuleSet(value: unknown): value is RuleSet {
  return (
    isObject(value) &&
    RULE_LISTS.every((name) => {
      const rules = value[name];
      return rules == null || (Array.isArray(rules) && rules.every(isObject));
    })
  );
}

function isReference(value: unknown): value is SchemaReference {
  return (
    isObject(value) &&
    typeof value["name"] === "string" &&
    typeof value["subject"] === "string" &&
    isInteger(value["version"])
  );
}
