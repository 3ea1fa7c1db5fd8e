/**
 * Whether a mapping can show a schema at all: asked before a codec is made, and by code generation.
 *
 * Invariants: each record is looked at once; the types of a field are looked at under the mapping of
 * that field, so one that is mapped to its base type has no logical type to fail on.
 */
import { avroErrors } from "./errors.ts";
import { DECIMAL_BYTES_MAX, DECIMAL_DIGITS_MAX } from "./limits.ts";
import type { MappingOptions } from "./mapping.ts";
import { fieldMapping, fieldPath } from "./mapping.ts";
import type { RecordSchema, Schema } from "./model.ts";

/** A decimal that is larger than the codec handles. */
export interface LargeDecimal {
  /** Where it is: the path of a field, or `the root`. */
  readonly place: string;
  /** The full name of the record that the field is in; absent at the root. */
  readonly record?: string;
  readonly precision: number;
  /** The size of a fixed type; 0 for bytes. */
  readonly size: number;
}

/** What stands between a schema and a mapping. */
export interface MappingFindings {
  readonly decimals: readonly LargeDecimal[];
  /** The paths of all fields of all records. */
  readonly fields: ReadonlySet<string>;
}

/** Looks through a schema and everything in it. */
export function inspectMapping(root: Schema, mapping: MappingOptions = {}): MappingFindings {
  const decimals: LargeDecimal[] = [];
  const fields = new Set<string>();
  const seen = new Set<RecordSchema>();
  const open: RecordSchema[] = [];
  const visit = (schema: Schema, inside: MappingOptions, place: string, record?: string): void => {
    for (const leaf of leavesOf(schema)) {
      if (leaf.kind === "record") {
        if (!seen.has(leaf)) open.push(leaf);
        seen.add(leaf);
      } else if (inside.logical !== "raw" && leaf.logicalType?.kind === "decimal") {
        const { precision } = leaf.logicalType;
        const size = leaf.kind === "fixed" ? leaf.size : 0;
        const isLarge = precision > DECIMAL_DIGITS_MAX || size > DECIMAL_BYTES_MAX;
        if (isLarge)
          decimals.push({ place, precision, size, ...(record !== undefined && { record }) });
      }
    }
  };
  visit(root, mapping, "the root");
  for (let record = open.pop(); record !== undefined; record = open.pop()) {
    for (const field of record.fields) {
      const path = fieldPath(record, field);
      fields.add(path);
      visit(field.schema, fieldMapping(record, field, mapping), path, record.name.fullName);
    }
  }
  return { decimals, fields };
}

/** The types of a value, down to the named ones. */
function leavesOf(schema: Schema): Exclude<Schema, { readonly kind: "union" | "array" | "map" }>[] {
  const leaves: Exclude<Schema, { readonly kind: "union" | "array" | "map" }>[] = [];
  const open: Schema[] = [schema];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === "union") open.push(...[...next.branches].reverse());
    else if (next.kind === "array") open.push(next.items);
    else if (next.kind === "map") open.push(next.values);
    else leaves.push(next);
  }
  return leaves;
}

/** Refuses a schema that the mapping can't show. @throws AVRO_DECIMAL_TOO_LARGE, AVRO_FIELD_UNKNOWN */
export function checkMapping(root: Schema, mapping: MappingOptions): void {
  const { decimals, fields } = inspectMapping(root, mapping);
  for (const field of Object.keys(mapping.fields ?? {})) {
    if (!fields.has(field)) throw avroErrors.create("AVRO_FIELD_UNKNOWN", { field });
  }
  const [large] = decimals;
  if (large === undefined) return;
  throw avroErrors.create("AVRO_DECIMAL_TOO_LARGE", {
    ...large,
    digitsMax: DECIMAL_DIGITS_MAX,
    bytesMax: DECIMAL_BYTES_MAX,
  });
}
