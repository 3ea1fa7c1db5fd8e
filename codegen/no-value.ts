/** Types that no value can have: empty unions, enums without symbols, records that need one of them. */
import type { NamedSchema, RecordField, RecordSchema, Schema } from "../src/avro/index.ts";
import { namedTypes } from "../src/avro/index.ts";
import { show } from "../src/base/index.ts";

/** One sentence for each place in a schema where a type has no value, with the reason. */
export function valuelessTypes(root: Schema, own: readonly NamedSchema[]): string[] {
  const finite = finiteRecords(root);
  const found = emptyUnions(root, "the root");
  for (const type of own) {
    const name = show(type.name.fullName);
    if (type.kind === "enum" && type.symbols.length === 0) {
      found.push(`enum ${name} has no symbols, so it has no value`);
    }
    if (type.kind !== "record") continue;
    for (const field of type.fields) {
      found.push(...emptyUnions(field.schema, `field ${show(field.name)} of ${name}`));
    }
    if (!finite.has(type)) found.push(`record ${name} ${reasonOf(type, finite)}`);
  }
  return found;
}

/** The empty unions in a type, down to the named ones. */
function emptyUnions(schema: Schema, place: string): string[] {
  switch (schema.kind) {
    case "union":
      if (schema.branches.length === 0) return [`${place} is an empty union, which has no value`];
      return schema.branches.flatMap((branch) => emptyUnions(branch, place));
    case "array":
      return emptyUnions(schema.items, `an item of ${place}`);
    case "map":
      return emptyUnions(schema.values, `a value of ${place}`);
    default:
      return [];
  }
}

/** The records that a value can have, found from those that need no other record. */
function finiteRecords(root: Schema): ReadonlySet<RecordSchema> {
  const records = [...namedTypes(root).values()].filter((type) => type.kind === "record");
  const users = new Map<RecordSchema, RecordSchema[]>();
  for (const record of records) {
    for (const used of record.fields.flatMap(({ schema }) => recordsIn(schema))) {
      const known = users.get(used);
      if (known === undefined) users.set(used, [record]);
      else known.push(record);
    }
  }
  const finite = new Set<RecordSchema>();
  const canEnd = (record: RecordSchema): boolean =>
    record.fields.every(({ schema }) => hasValue(schema, finite));
  const ready = records.filter(canEnd);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    if (finite.has(next)) continue;
    finite.add(next);
    ready.push(...(users.get(next) ?? []).filter((user) => !finite.has(user) && canEnd(user)));
  }
  return finite;
}

function hasValue(schema: Schema, finite: ReadonlySet<RecordSchema>): boolean {
  if (schema.kind === "record") return finite.has(schema);
  if (schema.kind === "enum") return schema.symbols.length > 0;
  return schema.kind !== "union" || schema.branches.some((branch) => hasValue(branch, finite));
}

/** The records that a value of a type contains, or may contain as a branch. */
function recordsIn(schema: Schema): RecordSchema[] {
  if (schema.kind === "record") return [schema];
  return schema.kind === "union" ? schema.branches.flatMap(recordsIn) : [];
}

/** Why a record has no value: by itself, by a field, or because it would never end. */
function reasonOf(record: RecordSchema, finite: ReadonlySet<RecordSchema>): string {
  const needed = (field: RecordField): RecordSchema[] =>
    hasValue(field.schema, finite) ? [] : recordsIn(field.schema);
  const hopeless = record.fields.find(
    (field) => !hasValue(field.schema, finite) && needed(field).length === 0,
  );
  if (hopeless !== undefined)
    return `has no value, because its field ${show(hopeless.name)} has none`;
  const seen = new Set<RecordSchema>();
  const open = record.fields.flatMap(needed);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === record) return "contains itself without end, so it has no value";
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...next.fields.flatMap(needed));
  }
  const field = record.fields.find((each) => needed(each).length > 0);
  return `has no value, because its field ${show(field?.name)} has none`;
}
