/**
 * Whether two definitions of one name are the same, as Java's `Schema.equals` sees it: names, fields
 * (name, type, default, order, attributes), symbols and size count; docs, aliases and the default of
 * an enum do not. Nor does whether a record is an error.
 */

import { avroErrors } from "./errors.ts";
import { printJson } from "./json-print.ts";
import type { Json, JsonObject, NamedSchema, RecordField, Schema } from "./model.ts";
import { isForward, SCHEMA_DEPTH_MAX } from "./parse-finish.ts";

/** For each record, those that it is being compared with, or was; of no use once two differ. */
export type SamePairs = Map<Schema, Set<Schema>>;

/**
 * Compares a new definition with a known one. `seen` is kept by a caller that asks again, so that
 * definitions inside each other are compared once.
 */
export function isSameDefinition(
  left: NamedSchema,
  right: NamedSchema,
  seen: SamePairs = new Map(),
): boolean {
  return same(left, right, seen, 0);
}

function same(left: Schema, right: Schema, seen: SamePairs, depth: number): boolean {
  if (left === right) return true;
  if (depth > SCHEMA_DEPTH_MAX) {
    throw avroErrors.create("AVRO_SCHEMA_TOO_DEEP", { limit: SCHEMA_DEPTH_MAX });
  }
  if (left.kind === "union") {
    return (
      right.kind === "union" &&
      sameList(left.branches, right.branches, (a, b) => same(a, b, seen, depth + 1))
    );
  }
  if (right.kind === "union" || left.kind !== right.kind) return false;
  if (isForward(left) || isForward(right)) return false;
  if (!sameAttributes(left.attributes, right.attributes)) return false;
  if (left.kind === "array" && right.kind === "array")
    return same(left.items, right.items, seen, depth + 1);
  if (left.kind === "map" && right.kind === "map")
    return same(left.values, right.values, seen, depth + 1);
  if (!("name" in left) || !("name" in right)) return true;
  return left.name.fullName === right.name.fullName && sameBody(left, right, seen, depth);
}

function sameBody(left: NamedSchema, right: NamedSchema, seen: SamePairs, depth: number): boolean {
  if (left.kind === "fixed") return right.kind === "fixed" && left.size === right.size;
  if (left.kind === "enum") {
    return right.kind === "enum" && sameList(left.symbols, right.symbols, (a, b) => a === b);
  }
  if (right.kind !== "record") return false;
  const partners = seen.get(left) ?? new Set();
  if (partners.has(right)) return true;
  seen.set(left, partners.add(right));
  return sameList(left.fields, right.fields, (a, b) => sameField(a, b, seen, depth));
}

function sameField(left: RecordField, right: RecordField, seen: SamePairs, depth: number): boolean {
  return (
    left.name === right.name &&
    left.order === right.order &&
    sameJson(left.default, right.default) &&
    sameAttributes(left.attributes, right.attributes) &&
    same(left.schema, right.schema, seen, depth + 1)
  );
}

function sameList<T>(
  left: readonly T[],
  right: readonly T[],
  eq: (a: T, b: T) => boolean,
): boolean {
  return left.length === right.length && left.every((item, index) => eq(item, right[index] as T));
}

/** Equal members, in any order. */
function sameAttributes(left: JsonObject, right: JsonObject): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) {
    if (!sameJson(value, right.get(key))) return false;
  }
  return true;
}

function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left instanceof Map && right instanceof Map) return sameAttributes(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return sameList<Json>(left, right, sameJson);
  return printJson(left) === printJson(right);
}
