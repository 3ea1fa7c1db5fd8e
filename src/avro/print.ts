/**
 * Schemas as text.
 *
 * Invariants:
 * - {@link printSchema} is Java's `Schema.toString(references, false)`, byte for byte: this is what
 *   a registry stores, returns and hashes.
 * - {@link parsingCanonicalForm} is the specification's form as Java makes it (`error` prints as
 *   `record`); only names that are invalid anyway are escaped, where Java would break the JSON.
 */

import { parseJson } from "./json.ts";
import { prettyJson, printJson, quote } from "./json-print.ts";
import type {
  EnumSchema,
  FixedSchema,
  JsonObject,
  Name,
  NamedSchema,
  RecordField,
  RecordSchema,
  Schema,
} from "./model.ts";
import { isTypeName, makeName } from "./names.ts";
import { assertSchema, checkAvro, PRINT } from "./options.ts";

/** How {@link printSchema} prints. */
export interface PrintOptions {
  /**
   * Full names of types that are only referred to, never written out. Java puts the root types of
   * the references here, not the types nested in them.
   */
  readonly external?: ReadonlySet<string> | ReadonlyMap<string, unknown>;
}

/**
 * The text of a schema as registries store it (`canonicalString` of Confluent).
 *
 * @example
 * ```ts
 * import { parseSchema, printSchema } from "typewire/avro";
 *
 * printSchema(parseSchema('{ "type": "string" }', { mode: "strict" })); // "string", with quotes
 * ```
 */
export function printSchema(schema: Schema, options: PrintOptions = {}): string {
  assertSchema(schema);
  checkAvro(PRINT, { options });
  return print(schema, new Set(options.external?.keys()), "");
}

/** The same schema for people: two spaces, one member a line. */
export function prettyPrint(schema: Schema, options: PrintOptions = {}): string {
  assertSchema(schema);
  checkAvro(PRINT, { options });
  return prettyJson(parseJson(printSchema(schema, options)));
}

function print(schema: Schema, known: Set<string>, namespace: string): string {
  if (schema.kind === "union") {
    let out = "[";
    for (const branch of schema.branches) {
      out += (out === "[" ? "" : ",") + print(branch, known, namespace);
    }
    return `${out}]`;
  }
  if ("name" in schema) return printNamed(schema, known, namespace);
  const rest = extras(schema.attributes);
  if (schema.kind === "array") {
    return `{"type":"array","items":${print(schema.items, known, namespace)}${rest}}`;
  }
  if (schema.kind === "map") {
    return `{"type":"map","values":${print(schema.values, known, namespace)}${rest}}`;
  }
  return rest === "" ? `"${schema.kind}"` : `{"type":"${schema.kind}"${rest}}`;
}

function printNamed(schema: NamedSchema, known: Set<string>, namespace: string): string {
  const { name } = schema;
  if (known.has(name.fullName)) return quote(shortName(name, namespace));
  known.add(name.fullName);
  const type = schema.kind === "record" && schema.isError ? "error" : schema.kind;
  let out = `{"type":"${type}","name":${quote(name.name)}`;
  if (name.namespace !== namespace) out += `,"namespace":${quote(name.namespace)}`;
  if (schema.doc !== undefined) out += `,"doc":${quote(schema.doc)}`;
  out += printBody(schema, known) + extras(schema.attributes);
  if (schema.aliases.length > 0) {
    out += `,"aliases":${printStrings(aliasTexts(schema))}`;
  }
  return `${out}}`;
}

function printBody(schema: RecordSchema | EnumSchema | FixedSchema, known: Set<string>): string {
  if (schema.kind === "fixed") return `,"size":${schema.size}`;
  if (schema.kind === "enum") {
    const symbols = `,"symbols":${printStrings(schema.symbols)}`;
    return schema.default === undefined ? symbols : `${symbols},"default":${quote(schema.default)}`;
  }
  let out = ',"fields":[';
  for (const field of schema.fields) {
    if (field.index > 0) out += ",";
    out += printField(field, known, schema.name.namespace);
  }
  return `${out}]`;
}

function printField(field: RecordField, known: Set<string>, namespace: string): string {
  let out = `{"name":${quote(field.name)},"type":${print(field.schema, known, namespace)}`;
  if (field.doc !== undefined) out += `,"doc":${quote(field.doc)}`;
  if (field.default !== undefined) out += `,"default":${printJson(field.default)}`;
  if (field.order !== "ascending") out += `,"order":"${field.order}"`;
  if (field.aliases.length > 0) out += `,"aliases":${printStrings(field.aliases)}`;
  return `${out}${extras(field.attributes)}}`;
}

/** The aliases of a type as they are printed: relative to its own namespace. */
export function aliasTexts({ aliases, name }: NamedSchema): readonly string[] {
  return aliases.map((alias) => shortName(makeName(alias, ""), name.namespace));
}

/** A name as a reference: short in its own namespace unless it would read as a type's name. */
function shortName(name: Name, namespace: string): string {
  const isShort = name.namespace === namespace && !(namespace !== "" && isTypeName(name.name));
  return isShort ? name.name : name.fullName;
}

function extras(attributes: JsonObject): string {
  if (attributes.size === 0) return "";
  let out = "";
  for (const [key, value] of attributes) out += `,${quote(key)}:${printJson(value)}`;
  return out;
}

function printStrings(texts: readonly string[]): string {
  return `[${texts.map(quote).join(",")}]`;
}

/** The Parsing Canonical Form, over which fingerprints are computed. */
export function parsingCanonicalForm(schema: Schema): string {
  assertSchema(schema);
  return canonical(schema, new Set());
}

function canonical(schema: Schema, known: Set<string>): string {
  if (schema.kind === "union") {
    return `[${schema.branches.map((branch) => canonical(branch, known)).join(",")}]`;
  }
  if ("name" in schema) return canonicalNamed(schema, known);
  if (schema.kind === "array") return `{"type":"array","items":${canonical(schema.items, known)}}`;
  if (schema.kind === "map") return `{"type":"map","values":${canonical(schema.values, known)}}`;
  return `"${schema.kind}"`;
}

function canonicalNamed(schema: NamedSchema, known: Set<string>): string {
  const name = quote(schema.name.fullName);
  if (known.has(schema.name.fullName)) return name;
  known.add(schema.name.fullName);
  const head = `{"name":${name},"type":"${schema.kind}"`;
  if (schema.kind === "fixed") return `${head},"size":${schema.size}}`;
  if (schema.kind === "enum") return `${head},"symbols":${printStrings(schema.symbols)}}`;
  const fields = schema.fields.map(
    (field) => `{"name":${quote(field.name)},"type":${canonical(field.schema, known)}}`,
  );
  return `${head},"fields":[${fields.join(",")}]}`;
}

/**
 * All named types that a schema holds or refers to, by full name, outermost first (depth first).
 * Pass it as `types` when parsing a schema that refers to this one.
 */
export function namedTypes(schema: Schema): Map<string, NamedSchema> {
  assertSchema(schema);
  const types = new Map<string, NamedSchema>();
  collect(schema, types);
  return types;
}

function collect(schema: Schema, types: Map<string, NamedSchema>): void {
  if (schema.kind === "union") {
    for (const branch of schema.branches) collect(branch, types);
  } else if (schema.kind === "array") {
    collect(schema.items, types);
  } else if (schema.kind === "map") {
    collect(schema.values, types);
  } else if ("name" in schema && !types.has(schema.name.fullName)) {
    types.set(schema.name.fullName, schema);
    if (schema.kind !== "record") return;
    for (const field of schema.fields) collect(field.schema, types);
  }
}
