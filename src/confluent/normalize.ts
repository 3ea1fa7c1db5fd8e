/**
 * Confluent's normalised form of a schema (`normalize=true`).
 *
 * Two schemas that differ only in what normalising removes get the same text:
 * - aliases and extra attributes are sorted (members inside them too), those of a logical type first;
 * - an empty doc of a type goes, `error` becomes `record`, a whole number as the default of a float
 *   or double is written with its fraction, members of defaults are sorted.
 *
 * Where Confluent damages the schema we do not follow: it drops a default that fits only a later
 * branch of its union, and moves a type of the null namespace into the one around it.
 */

import type {
  Json,
  JsonObject,
  LogicalType,
  NamedSchema,
  PrintOptions,
  RecordField,
  Schema,
} from "../avro/index.ts";
import {
  assertSchema,
  checkAvro,
  fieldNamed,
  JsonNumber,
  javaDouble,
  PRINT,
  printSchema,
} from "../avro/index.ts";
import { byUnits } from "../base/index.ts";

/** The normalised text of a schema, as a registry stores it when asked to normalise. */
export function normalizedSchema(schema: Schema, options: PrintOptions = {}): string {
  assertSchema(schema);
  checkAvro(PRINT, { options });
  return printSchema(normalize(schema, new Map()), options);
}

function normalize(schema: Schema, done: Map<NamedSchema, NamedSchema>): Schema {
  if (schema.kind === "union") {
    return { kind: "union", branches: schema.branches.map((branch) => normalize(branch, done)) };
  }
  if ("name" in schema) return normalizeNamed(schema, done);
  const attributes = sortedAttributes(schema.attributes, schema.logicalType);
  if (schema.kind === "array")
    return { ...schema, attributes, items: normalize(schema.items, done) };
  if (schema.kind === "map")
    return { ...schema, attributes, values: normalize(schema.values, done) };
  return { ...schema, attributes };
}

function normalizeNamed(schema: NamedSchema, done: Map<NamedSchema, NamedSchema>): NamedSchema {
  const known = done.get(schema);
  if (known !== undefined) return known;
  const { doc, ...rest } = schema;
  const fields: RecordField[] = [];
  const node = {
    ...rest,
    ...(doc !== undefined && doc !== "" && { doc }),
    ...(schema.kind === "record" && { isError: false, fields }),
    aliases: sortedAliases(schema),
    attributes: sortedAttributes(schema.attributes, schema.logicalType),
  } as NamedSchema;
  done.set(schema, node);
  if (schema.kind === "record") {
    for (const field of schema.fields) fields.push(normalizeField(field, done));
  }
  return node;
}

function normalizeField(field: RecordField, done: Map<NamedSchema, NamedSchema>): RecordField {
  const value = field.default;
  return {
    ...field,
    schema: normalize(field.schema, done),
    aliases: [...field.aliases].sort(byUnits),
    attributes: sortedAttributes(field.attributes, undefined),
    ...(value !== undefined && { default: normalizeDefault(field.schema, value) }),
  };
}

/** Java writes an alias of the null namespace with a leading dot, and sorts it by that. */
function sortedAliases(schema: NamedSchema): readonly string[] {
  const key = (alias: string): string =>
    schema.name.namespace === "" || alias.includes(".") ? alias : `.${alias}`;
  return [...schema.aliases].sort((left, right) => byUnits(key(left), key(right)));
}

function sortedAttributes(attributes: JsonObject, logicalType?: LogicalType): JsonObject {
  const sorted = new Map<string, Json>();
  if (logicalType !== undefined) sorted.set("logicalType", logicalType.kind);
  if (logicalType?.kind === "decimal") {
    sorted.set("precision", new JsonNumber(String(logicalType.precision)));
    const { scale } = logicalType;
    if (scale !== 0) sorted.set("scale", new JsonNumber(String(scale)));
  }
  for (const [key, value] of sortedMembers(attributes)) sorted.set(key, sortedJson(value));
  return sorted;
}

function sortedJson(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sortedJson);
  if (!(value instanceof Map)) return value;
  return new Map(sortedMembers(value).map(([key, member]) => [key, sortedJson(member)]));
}

function sortedMembers(members: JsonObject): [string, Json][] {
  return [...members].sort(([left], [right]) => byUnits(left, right));
}

/** Java reads a default as its type (a union's first branch) and prints it again. */
function normalizeDefault(schema: Schema, value: Json): Json {
  const type = schema.kind === "union" ? schema.branches[0] : schema;
  if (type === undefined) return sortedJson(value);
  if (value instanceof JsonNumber) return normalizeNumber(type, value);
  if (Array.isArray(value)) {
    const items = type.kind === "array" ? type.items : type;
    return (value as readonly Json[]).map((item) => normalizeDefault(items, item));
  }
  if (!(value instanceof Map)) return value;
  const members = sortedMembers(value).map(([key, member]): [string, Json] => {
    const memberType = memberSchema(type, key);
    return [
      key,
      memberType === undefined ? sortedJson(member) : normalizeDefault(memberType, member),
    ];
  });
  return new Map(members);
}

function memberSchema(type: Schema, key: string): Schema | undefined {
  if (type.kind === "map") return type.values;
  return type.kind === "record" ? fieldNamed(type, key)?.schema : undefined;
}

function normalizeNumber(type: Schema, value: JsonNumber): JsonNumber {
  if (type.kind !== "double" && type.kind !== "float") return value;
  const read = Number(value.text);
  const number = type.kind === "float" ? shortestFloat(read) : read;
  return Number.isFinite(number) ? new JsonNumber(javaDouble(number)) : value;
}

/** The double with the fewest digits that rounds to the same float32. */
function shortestFloat(value: number): number {
  const float = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return float;
}
