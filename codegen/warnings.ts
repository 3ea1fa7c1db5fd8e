/** What is legal in a schema, and yet hardly what its author meant. */
import type {
  NamedSchema,
  NameTaken,
  RecordSchema,
  ReferencePath,
  Schema,
  UnionSchema,
} from "../src/avro/index.ts";
import { namedTypes, pathTargets } from "../src/avro/index.ts";
import { show } from "../src/errors.ts";
import type { SourceSchema } from "./subjects.ts";
import { schemaLabel } from "./subjects.ts";

/** One sentence for each doubtful place in a schema, in the order of its types. */
export function findWarnings(root: Schema, own: readonly NamedSchema[]): string[] {
  const warnings = ignoredWithin(root, "the root");
  for (const type of own) {
    const name = show(type.name.fullName);
    warnings.push(...ignoredAt(type, name));
    if (type.kind !== "record") continue;
    for (const field of type.fields) {
      warnings.push(...ignoredWithin(field.schema, `field ${show(field.name)} of ${name}`));
    }
  }
  return [...warnings, ...endlessRecords(root, own)];
}

/** One sentence for each name that references use for two versions; only the first one counts. */
export function versionWarnings(taken: readonly NameTaken<SourceSchema>[]): string[] {
  const names = new Set<string>();
  const isNew = ({ first }: NameTaken<SourceSchema>) => names.size < names.add(first.name).size;
  return taken
    .filter(isNew)
    .map(
      ({ first, other }) =>
        `references lead to two versions of ${show(first.name)}: ${pathLabel(first)} counts, ` +
        `${pathLabel(other)} does not`,
    );
}

function pathLabel(path: ReferencePath<SourceSchema>): string {
  return pathTargets(path)
    .map((schema) => show(schemaLabel(schema)))
    .join(" → ");
}

/** As {@link ignoredAt}, for all parts of a type down to the named ones, which have their own turn. */
function ignoredWithin(schema: Schema, place: string): string[] {
  if (schema.kind === "union") {
    return schema.branches.flatMap((branch) => ignoredWithin(branch, place));
  }
  if ("name" in schema) return [];
  const here = ignoredAt(schema, place);
  if (schema.kind === "array") return [...here, ...ignoredWithin(schema.items, place)];
  if (schema.kind === "map") return [...here, ...ignoredWithin(schema.values, place)];
  return here;
}

/** Avro demands that a logical type which does not apply is ignored; its author should know. */
function ignoredAt(schema: Exclude<Schema, UnionSchema>, place: string): string[] {
  const wanted = schema.attributes.get("logicalType");
  if (typeof wanted !== "string" || schema.logicalType !== undefined) return [];
  return [`${place}: logical type ${show(wanted)} does not apply to ${schema.kind} and is ignored`];
}

/** Records that no value can have, because each would have to contain another one without end. */
function endlessRecords(root: Schema, own: readonly NamedSchema[]): string[] {
  const records = [...namedTypes(root).values()].filter((type) => type.kind === "record");
  const finite = new Set<RecordSchema>();
  const canEnd = (schema: Schema): boolean => {
    if (schema.kind === "record") return finite.has(schema);
    return schema.kind !== "union" || schema.branches.some(canEnd);
  };
  for (let before = -1; before < finite.size; ) {
    before = finite.size;
    for (const record of records) {
      if (record.fields.every((field) => canEnd(field.schema))) finite.add(record);
    }
  }
  return own
    .filter((type) => type.kind === "record" && !finite.has(type))
    .map(
      ({ name }) => `record ${show(name.fullName)} contains itself without end, so it has no value`,
    );
}
