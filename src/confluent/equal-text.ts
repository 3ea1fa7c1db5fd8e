/**
 * The text by which schemas are compared.
 *
 * Two schemas have the same text when Java calls them equal and their docs, aliases and enum defaults
 * are equal as well: then a registry takes one for the other. The one exception: `error` and
 * `record`, which Java does not tell apart, give different texts.
 *
 * Order that means nothing is removed: of extra attributes, of aliases, and of the members of JSON
 * objects in attributes and defaults. Numbers keep their spelling: 1 and 1.0 differ.
 */

import type { Json, JsonObject, NamedSchema, RecordField, Schema } from "../avro/index.ts";
import { printSchema } from "../avro/index.ts";
import { byUnits } from "../base/index.ts";

/** The text by which a schema is compared with others. */
export function equalText(schema: Schema): string {
  return printSchema(ordered(schema, new Map()));
}

function ordered(schema: Schema, done: Map<NamedSchema, NamedSchema>): Schema {
  if (schema.kind === "union") {
    return { kind: "union", branches: schema.branches.map((branch) => ordered(branch, done)) };
  }
  if ("name" in schema) return orderedNamed(schema, done);
  const attributes = orderedMembers(schema.attributes);
  if (schema.kind === "array") return { ...schema, attributes, items: ordered(schema.items, done) };
  if (schema.kind === "map") return { ...schema, attributes, values: ordered(schema.values, done) };
  return { ...schema, attributes };
}

function orderedNamed(schema: NamedSchema, done: Map<NamedSchema, NamedSchema>): NamedSchema {
  const known = done.get(schema);
  if (known !== undefined) return known;
  const fields: RecordField[] = [];
  const node: NamedSchema = {
    ...schema,
    ...(schema.kind === "record" && { fields }),
    aliases: [...schema.aliases].sort(byUnits),
    attributes: orderedMembers(schema.attributes),
  };
  done.set(schema, node);
  if (schema.kind === "record") {
    for (const field of schema.fields) fields.push(orderedField(field, done));
  }
  return node;
}

function orderedField(field: RecordField, done: Map<NamedSchema, NamedSchema>): RecordField {
  const value = field.default;
  return {
    ...field,
    schema: ordered(field.schema, done),
    aliases: [...field.aliases].sort(byUnits),
    attributes: orderedMembers(field.attributes),
    ...(value !== undefined && { default: orderedJson(value) }),
  };
}

function orderedMembers(members: JsonObject): JsonObject {
  if (members.size === 0) return members;
  const sorted = [...members].sort(([left], [right]) => byUnits(left, right));
  return new Map(sorted.map(([key, member]) => [key, orderedJson(member)]));
}

function orderedJson(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(orderedJson);
  return value instanceof Map ? orderedMembers(value) : value;
}
