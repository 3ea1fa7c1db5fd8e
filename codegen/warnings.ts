/** What is legal in a schema but probably not what its author meant. */
import type {
  MappingOptions,
  NamedSchema,
  RecordField,
  RecordSchema,
  Schema,
  UnionSchema,
} from "../src/avro/index.ts";
import { Defaults, defaultProblem, inspectMapping, shownDefault } from "../src/avro/index.ts";
import { show } from "../src/base/index.ts";
import type { NameTaken, ReferencePath } from "../src/confluent/index.ts";
import { pathTargets } from "../src/confluent/index.ts";
import { valuelessTypes } from "./no-value.ts";
import type { SourceSchema } from "./subjects.ts";
import { schemaLabel } from "./subjects.ts";

/** One sentence for each doubtful place in a schema, in the order of its types. */
export function findWarnings(
  root: Schema,
  own: readonly NamedSchema[],
  mapping: MappingOptions = {},
): string[] {
  const warnings = ignoredWithin(root, "the root");
  const defaults = new Defaults(mapping);
  for (const type of own) {
    const name = show(type.name.fullName);
    warnings.push(...ignoredAt(type, name));
    if (type.kind !== "record") continue;
    for (const field of type.fields) {
      warnings.push(
        ...ignoredWithin(field.schema, `field ${show(field.name)} of ${name}`),
        ...misplaced(type, field),
        ...unusableDefault(defaults, type, field),
      );
    }
  }
  return [...warnings, ...largeDecimals(root, own, mapping), ...valuelessTypes(root, own)];
}

/** What stands beside a field's type and belongs into it, and the other way round. */
function misplaced(record: RecordSchema, { name, schema, attributes }: RecordField): string[] {
  const path = show(`${record.name.fullName}.${name}`);
  const found: string[] = [];
  const beside = attributes.get("logicalType");
  const isRepeated = "logicalType" in schema && schema.logicalType?.kind === beside;
  if (typeof beside === "string" && !isRepeated) {
    const kind = "name" in schema ? schema.name.fullName : schema.kind;
    const type = kind === "union" || kind === "array" || kind === "map" ? "…" : kind;
    const right = `"type": {"type": "${show(type)}", "logicalType": "${show(beside)}"}`;
    found.push(
      `${path}: "logicalType" beside the type of a field has no effect, it belongs into the type: ${right}`,
    );
  }
  if (!("name" in schema) && schema.kind !== "union" && schema.attributes.has("default")) {
    found.push(
      `${path}: "default" inside of the type has no effect; it belongs beside the type of the field`,
    );
  }
  return found;
}

function unusableDefault(defaults: Defaults, record: RecordSchema, field: RecordField): string[] {
  const problem = defaultProblem(defaults, record, field);
  if (problem === undefined) return [];
  const path = show(`${record.name.fullName}.${field.name}`);
  const text = show(shownDefault(field));
  return [
    `${path}: the default ${text} can't be used: ${show(problem)}; writers have to give the field, and data without it can't be read`,
  ];
}

/** Decimals that no codec is made for. */
function largeDecimals(
  root: Schema,
  own: readonly NamedSchema[],
  mapping: MappingOptions,
): string[] {
  const ours = new Set(own.map((type) => type.name.fullName));
  return inspectMapping(root, mapping)
    .decimals.filter(({ record }) => record === undefined || ours.has(record))
    .map(
      ({ place, precision }) =>
        `${show(place)}: a decimal of precision ${precision} is larger than the codec handles; map the field to "raw" in codegen.mapping.fields`,
    );
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
