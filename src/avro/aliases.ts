/**
 * How the reader's aliases rename the writer's schema (Java's `Schema.applyAliases`).
 *
 * Invariants: only the reader's aliases count; renaming happens before anything is compared; schemas
 * of the same structure are not renamed at all.
 */
import { avroErrors } from "./errors.ts";
import type { Name, NamedSchema, RecordField, RecordSchema, Schema } from "./model.ts";
import { namedTypes } from "./print.ts";

/** The writer's names as the reader calls them. */
export interface WriterNames {
  /** The name of a type. */
  of(schema: NamedSchema): Name;
  /** The fields of a writer's record by the reader's names. */
  fields(record: RecordSchema): ReadonlyMap<string, RecordField>;
}

/** Indexes the reader's aliases. @throws AVRO_ALIAS_AMBIGUOUS */
export function writerNames(writer: Schema, reader: Schema): WriterNames {
  const types = new Map<string, Name>();
  const fields = new Map<string, Map<string, string>>();
  if (!sameStructure(writer, reader)) collect(reader, new Set(), types, fields);
  const of = (schema: NamedSchema) => types.get(schema.name.fullName) ?? schema.name;
  const renamed = new Map<RecordSchema, ReadonlyMap<string, RecordField>>();
  const fieldsOf = (record: RecordSchema) => {
    const known = renamed.get(record);
    if (known !== undefined) return known;
    const found = renameFields(record, fields.get(of(record).fullName));
    renamed.set(record, found);
    return found;
  };
  if (fields.size > 0) {
    for (const type of namedTypes(writer).values()) if (type.kind === "record") fieldsOf(type);
  }
  return { of, fields: fieldsOf };
}

function renameFields(
  record: RecordSchema,
  aliases: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, RecordField> {
  const renamed = new Map<string, RecordField>();
  for (const field of record.fields) {
    const name = aliases?.get(field.name) ?? field.name;
    const earlier = renamed.get(name);
    if (earlier !== undefined) {
      throw avroErrors.create("AVRO_ALIAS_AMBIGUOUS", {
        field: name,
        record: record.name.fullName,
        matches: `${earlier.name}, ${field.name}`,
      });
    }
    renamed.set(name, field);
  }
  return renamed;
}

function collect(
  schema: Schema,
  seen: Set<Schema>,
  types: Map<string, Name>,
  fields: Map<string, Map<string, string>>,
): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  if ("name" in schema) {
    for (const alias of schema.aliases) types.set(alias, schema.name);
  }
  if (schema.kind === "union") {
    for (const branch of schema.branches) collect(branch, seen, types, fields);
  } else if (schema.kind === "array") {
    collect(schema.items, seen, types, fields);
  } else if (schema.kind === "map") {
    collect(schema.values, seen, types, fields);
  } else if (schema.kind === "record") {
    collectRecord(schema, seen, types, fields);
  }
}

function collectRecord(
  schema: RecordSchema,
  seen: Set<Schema>,
  types: Map<string, Name>,
  fields: Map<string, Map<string, string>>,
): void {
  const own = fields.get(schema.name.fullName) ?? new Map<string, string>();
  for (const field of schema.fields) {
    for (const alias of field.aliases) own.set(alias, field.name);
    collect(field.schema, seen, types, fields);
  }
  if (own.size === 0) return;
  fields.set(schema.name.fullName, own);
  for (const alias of schema.aliases) fields.set(alias, own);
}

/** Equal kinds, full names, fields, symbols and sizes, in order. */
function sameStructure(a: Schema, b: Schema): boolean {
  return a === b || structureEquals(a, b, new PairVerdicts(), (schema) => schema.name.fullName);
}

/** Verdicts on pairs of records, which outlive one comparison. */
export class PairVerdicts {
  readonly #verdicts = new Map<Schema, Map<Schema, boolean>>();
  /** Pairs that count as equal as long as the comparison goes on. */
  #assumed: (readonly [Schema, Schema])[] = [];

  get(a: Schema, b: Schema): boolean | undefined {
    return this.#verdicts.get(a)?.get(b);
  }

  set(a: Schema, b: Schema, verdict: boolean): void {
    const known = this.#verdicts.get(a) ?? new Map<Schema, boolean>();
    this.#verdicts.set(a, known.set(b, verdict));
    if (verdict) this.#assumed.push([a, b]);
  }

  /** Ends a comparison: what was found equal on the way is so only if all of it is. */
  settle(verdict: boolean): void {
    if (!verdict) {
      for (const [a, b] of this.#assumed) {
        if (this.get(a, b) === true) this.#verdicts.get(a)?.delete(b);
      }
    }
    this.#assumed = [];
  }
}

type NameOf = (schema: NamedSchema, side: "a" | "b") => string;

/**
 * Whether two schemas have the same structure; names are compared as `nameOf` gives them. Pairs of
 * records in progress count as equal.
 */
export function structureEquals(
  a: Schema,
  b: Schema,
  seen: PairVerdicts,
  nameOf: NameOf,
  fieldsOf: (record: RecordSchema, side: "a" | "b") => readonly string[] = fieldNames,
): boolean {
  if ("name" in a && "name" in b && nameOf(a, "a") !== nameOf(b, "b")) return false;
  const same = (x: Schema, y: Schema) => structureEquals(x, y, seen, nameOf, fieldsOf);
  switch (a.kind) {
    case "array":
      return b.kind === "array" && same(a.items, b.items);
    case "map":
      return b.kind === "map" && same(a.values, b.values);
    case "fixed":
      return b.kind === "fixed" && a.size === b.size;
    case "enum":
      return b.kind === "enum" && listEquals(a.symbols, b.symbols);
    case "union":
      return b.kind === "union" && everyPair(a.branches, b.branches, same);
    case "record": {
      if (b.kind !== "record") return false;
      const known = seen.get(a, b);
      if (known !== undefined) return known;
      seen.set(a, b, true);
      const verdict =
        listEquals(fieldsOf(a, "a"), fieldsOf(b, "b")) &&
        everyPair(a.fields, b.fields, (x, y) => same(x.schema, y.schema));
      seen.set(a, b, verdict);
      return verdict;
    }
    default:
      return a.kind === b.kind;
  }
}

function fieldNames(record: RecordSchema): readonly string[] {
  return record.fields.map((field) => field.name);
}

function listEquals(a: readonly string[], b: readonly string[]): boolean {
  return everyPair(a, b, (x, y) => x === y);
}

function everyPair<T>(a: readonly T[], b: readonly T[], test: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((x, i) => test(x, b[i] as T));
}
