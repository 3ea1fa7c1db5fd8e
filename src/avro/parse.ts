/**
 * Parsing schemas.
 *
 * Invariants:
 * - Strict mode accepts exactly what Java 1.12.2 accepts with its strict name validator and default
 *   validation (what Confluent runs on new schemas); lenient mode what Java's default parser accepts
 *   without validation of defaults, namespaces and aliases (what Confluent runs on all others);
 *   stored mode checks no names at all, for schemas of old registries.
 * - Java's leniencies are kept in every mode: forward references, a reference in an object, an
 *   identical second definition, the null namespace as a fallback for names without a dot.
 * - Where Java fails by accident we follow the specification: a default may need the record that
 *   holds it, and a name without a dot means the enclosing record before one of the null namespace.
 * - Named types of other schemas (`types`) are used as they are, never copied.
 * - Recursion is bounded: the depth of the JSON bounds parsing, and the final tree, forward
 *   references and foreign types included, is at most {@link SCHEMA_DEPTH_MAX} levels deep.
 */

import {
  attributesOf,
  ENUM_RESERVED,
  FIELD_RESERVED,
  NO_ATTRIBUTES,
  primitive,
  TYPE_RESERVED,
} from "./attributes.ts";
import { DefaultChecker, defaultExpectation } from "./defaults.ts";
import { avroErrors } from "./errors.ts";
import { parseJavaDouble } from "./java-double.ts";
import { JSON_DEPTH_MAX, parseJson } from "./json.ts";
import { printJson } from "./json-print.ts";
import { logicalTypeOf } from "./logical-types.ts";
import type {
  ArraySchema,
  EnumSchema,
  FixedSchema,
  Json,
  JsonObject,
  MapSchema,
  NamedSchema,
  RecordField,
  RecordSchema,
  Schema,
  UnionSchema,
} from "./model.ts";
import { isPrimitiveName } from "./names.ts";
import { checkAvro, PARSE, SOURCE } from "./options.ts";
import {
  checkDepth,
  finishTree,
  isForward,
  makeForward,
  typeLabel,
  UNION_EXPECTATION,
  unionProblem,
} from "./parse-finish.ts";
import type { PathNode } from "./parse-members.ts";
import { MemberReader, NO_ALIASES, pointerOf } from "./parse-members.ts";
import type { SamePairs } from "./same-definition.ts";
import { isSameDefinition } from "./same-definition.ts";

/** How {@link parseSchema} parses. */
export interface ParseOptions {
  /**
   * `"strict"` for new schemas; `"lenient"` for what a registry is asked for; `"stored"` as lenient,
   * and any text is a name, for what a registry holds: it may have been built on old Avro, and data
   * was written with its schemas.
   */
  readonly mode: "strict" | "lenient" | "stored";
  /** Whether defaults must fit their types. Default: true in strict mode only. */
  readonly validateDefaults?: boolean;
  /** Named types that the schema may refer to by full name, from {@link namedTypes}. */
  readonly types?: ReadonlyMap<string, NamedSchema>;
}

/**
 * Parses a schema from its text, or from JSON that is already read. A string is always text: the
 * JSON string `int` is no schema text, `"int"` is.
 *
 * @throws AVRO_JSON_INVALID, AVRO_JSON_TOO_DEEP for what is not JSON
 * @throws AVRO_SCHEMA_INVALID, AVRO_SCHEMA_TOO_DEEP, AVRO_NAME_INVALID, AVRO_NAME_UNKNOWN,
 *   AVRO_TYPE_INLINE, AVRO_NAME_REDEFINED, AVRO_DEFAULT_INVALID, AVRO_DEFAULTS_TOO_LARGE, each with a JSON
 *   pointer in `details.pointer`
 *
 * @example
 * ```ts
 * import { namedTypes, parseSchema } from "typewire/avro";
 *
 * const money = parseSchema(
 *   '{"type":"record","name":"shop.Money","fields":[{"name":"cents","type":"long"}]}',
 *   { mode: "strict" },
 * );
 * const order = parseSchema(
 *   '{"type":"record","name":"shop.Order","fields":[{"name":"total","type":"Money"}]}',
 *   { mode: "strict", types: namedTypes(money) },
 * );
 * ```
 */
export function parseSchema(source: string | Json, options: ParseOptions): Schema {
  if (typeof source !== "string") checkAvro(SOURCE, { source });
  checkAvro(PARSE, options);
  const { schema, isBounded } = readSchema(source, options);
  if (!isBounded) checkDepth(schema);
  return schema;
}

/** What one text brings, and what it took from the types that were there before it. */
export interface ReadText {
  readonly schema: Schema;
  /** The named types that the text defines, by full name. */
  readonly own: ReadonlyMap<string, NamedSchema>;
  /**
   * What the text asked of the types that it was given, with the answers: with equal answers, the
   * same text means the same nodes.
   */
  readonly asked: ReadonlyMap<string, NamedSchema | undefined>;
  /** Whether the depth of the whole tree is known to be legal. */
  readonly isBounded: boolean;
}

/**
 * Reads one text of several; the depth of the whole tree is for the caller to check, once.
 *
 * @throws as {@link parseSchema}
 */
export function readSchema(source: string | Json, options: ParseOptions): ReadText {
  return new SchemaReader(options).read(typeof source === "string" ? parseJson(source) : source);
}

/** The names in a text, as the parser takes them. */
export interface SchemaNames {
  /** Full names of the types that the text defines; the outermost is the first. */
  readonly defined: ReadonlySet<string>;
  /** Of each use of a name that the text does not define: what it can mean, likeliest first. */
  readonly used: readonly (readonly string[])[];
}

/**
 * Finds the names in a text whose other types are not known yet.
 *
 * @throws as {@link parseSchema}, but not for names that are unknown or defined twice
 */
export function schemaNames(
  source: string | Json,
  options: Pick<ParseOptions, "mode">,
): SchemaNames {
  const json = typeof source === "string" ? parseJson(source) : source;
  return new SchemaReader({ ...options, validateDefaults: false }).names(json);
}

const NO_TYPES: ReadonlyMap<string, NamedSchema> = new Map();
type Building<T> = { -readonly [K in keyof T]: T[K] };
type BuildingNamed = Building<RecordSchema> | Building<EnumSchema> | Building<FixedSchema>;

/** Kinds of types that are objects of their own; as the name of a type they were meant to be one. */
const COMPLEX_KINDS = new Set(["record", "error", "enum", "fixed", "array", "map", "union"]);

class SchemaReader {
  readonly #members: MemberReader;
  readonly #validateDefaults: boolean;
  readonly #foreign: ReadonlyMap<string, NamedSchema>;
  readonly #asked = new Map<string, NamedSchema | undefined>();
  readonly #own = new Map<string, NamedSchema>();
  /** Records whose fields are being read, and those that were referred to meanwhile. */
  readonly #open = new Set<Schema>();
  readonly #recursive = new Set<Schema>();
  /** Definitions that were found to be the same. */
  readonly #same: SamePairs = new Map();
  readonly #withDefault: { readonly field: RecordField; readonly path: PathNode }[] = [];
  #hasForward = false;
  #isScan = false;
  /** While scanning: what each name that was not known yet can mean. */
  readonly #unknown: (readonly string[])[] = [];
  #depth = 0;

  constructor(options: ParseOptions) {
    const { mode } = options;
    const nameRule = mode === "strict" ? "ascii" : mode === "lenient" ? "unicode" : "any";
    this.#members = new MemberReader(nameRule);
    this.#validateDefaults = options.validateDefaults ?? mode === "strict";
    this.#foreign = options.types ?? NO_TYPES;
  }

  read(json: Json): ReadText {
    const schema = this.#schema(json, "");
    if (isForward(schema)) throw this.#unknownName(schema.forward, "");
    const own = this.#own;
    const asked = this.#asked;
    const hasForward = this.#hasForward;
    if (hasForward) {
      finishTree(schema, {
        resolve: (name, pointer) => this.#resolveForward(name, pointer),
        isOwn: (record) => own.get(record.name.fullName) === record,
      });
    }
    if (this.#withDefault.length > 0) this.#checkDefaults();
    return { schema, own, asked, isBounded: this.#foreign.size === 0 };
  }

  names(json: Json): SchemaNames {
    this.#isScan = true;
    this.#schema(json, "");
    const isForeign = (names: readonly string[]) => !names.some((name) => this.#own.has(name));
    return { defined: new Set(this.#own.keys()), used: this.#unknown.filter(isForeign) };
  }

  #schema(json: Json, namespace: string): Schema {
    if (typeof json === "string") return this.#reference(json, namespace);
    if (json instanceof Map) return this.#object(json, namespace);
    if (Array.isArray(json)) return this.#union(json, namespace);
    return this.#members.fail(
      "this is no schema",
      "a type name, an object with a type, or a union",
      json,
    );
  }

  #nested(json: Json, namespace: string, ...step: readonly (string | number)[]): Schema {
    if (++this.#depth > JSON_DEPTH_MAX) {
      throw avroErrors.create("AVRO_SCHEMA_TOO_DEEP", { limit: JSON_DEPTH_MAX });
    }
    const outer = this.#members.path;
    this.#members.enter(...step);
    const schema = this.#schema(json, namespace);
    this.#members.path = outer;
    this.#depth--;
    return schema;
  }

  #object(json: JsonObject, namespace: string): Schema {
    const type = json.get("type");
    if (typeof type !== "string") {
      return this.#members.fail(
        "an object without a type name",
        'a "type" that is text',
        type,
        "type",
      );
    }
    switch (type) {
      case "record":
      case "error":
        return this.#record(json, namespace, type === "error");
      case "enum":
        return this.#enum(json, namespace);
      case "fixed":
        return this.#fixed(json, namespace);
      case "array":
        return this.#array(json, namespace);
      case "map":
        return this.#map(json, namespace);
      default:
        if (isPrimitiveName(type)) return primitive(type, attributesOf(json, TYPE_RESERVED));
        return this.#reference(type, namespace);
    }
  }

  /** A name without a dot is looked up in the enclosing namespace, then in the null namespace. */
  #reference(text: string, namespace: string): Schema {
    if (isPrimitiveName(text)) return primitive(text, NO_ATTRIBUTES);
    const isShort = namespace !== "" && !text.includes(".");
    const fullName = isShort ? this.#members.inherited(namespace, text) : text;
    this.#members.checkLength(fullName, "type name");
    const found = this.#lookUp(fullName);
    if (found !== undefined) {
      if (this.#open.has(found)) this.#recursive.add(found);
      return found;
    }
    const fallback = isShort ? this.#lookUp(text) : undefined;
    if (fallback !== undefined && !this.#open.has(fallback)) return fallback;
    this.#hasForward = true;
    if (this.#isScan) this.#unknown.push(isShort ? [fullName, text] : [fullName]);
    return makeForward(fullName);
  }

  #lookUp(fullName: string): NamedSchema | undefined {
    return this.#own.get(fullName) ?? this.#foreignType(fullName);
  }

  #foreignType(fullName: string): NamedSchema | undefined {
    const found = this.#foreign.get(fullName);
    this.#asked.set(fullName, found);
    return found;
  }

  #resolveForward(fullName: string, pointer: string): NamedSchema {
    const found = this.#own.get(fullName);
    if (found === undefined) throw this.#unknownName(fullName, pointer);
    return found;
  }

  #unknownName(name: string, pointer: string): Error {
    const kind = name.slice(name.lastIndexOf(".") + 1);
    if (COMPLEX_KINDS.has(kind)) return avroErrors.create("AVRO_TYPE_INLINE", { kind, pointer });
    return avroErrors.create("AVRO_NAME_UNKNOWN", { name, pointer });
  }

  #union(json: readonly Json[], namespace: string): UnionSchema {
    const branches = json.map((branch, index) => this.#nested(branch, namespace, index));
    const problem = unionProblem(branches);
    if (problem !== undefined) this.#members.fail(problem, UNION_EXPECTATION, json);
    return { kind: "union", branches };
  }

  #array(json: JsonObject, namespace: string): ArraySchema {
    const items = json.get("items");
    if (items === undefined) this.#members.fail("an array without items", '"items"', undefined);
    const schema = this.#nested(items as Json, namespace, "items");
    return { kind: "array", items: schema, attributes: attributesOf(json, TYPE_RESERVED) };
  }

  #map(json: JsonObject, namespace: string): MapSchema {
    const values = json.get("values");
    if (values === undefined) this.#members.fail("a map without values", '"values"', undefined);
    const schema = this.#nested(values as Json, namespace, "values");
    return { kind: "map", values: schema, attributes: attributesOf(json, TYPE_RESERVED) };
  }

  #record(json: JsonObject, namespace: string, isError: boolean): NamedSchema {
    const fields: RecordField[] = [];
    const node: Building<RecordSchema> = {
      kind: "record",
      name: this.#members.typeName(json, namespace),
      aliases: NO_ALIASES,
      attributes: attributesOf(json, TYPE_RESERVED),
      isError,
      fields,
    };
    const earlier = this.#own.get(node.name.fullName);
    if (earlier === undefined) this.#own.set(node.name.fullName, node);
    this.#open.add(node);
    this.#readFields(json.get("fields"), node, fields);
    this.#open.delete(node);
    return this.#defined(node, json, earlier);
  }

  #readFields(json: Json | undefined, node: RecordSchema, fields: RecordField[]): void {
    if (!Array.isArray(json)) {
      this.#members.fail("a record without fields", 'an array as "fields"', json, "fields");
      return;
    }
    const list: readonly Json[] = json;
    const names = new Set<string>();
    const outer = this.#members.path;
    for (let index = 0; index < list.length; index++) {
      this.#members.path = outer;
      this.#members.enter("fields", index);
      const field = this.#field(list[index] as Json, node.name.namespace, index);
      if (names.has(field.name)) {
        this.#members.fail("a second field of this name", "another name", field.name, "name");
      }
      names.add(field.name);
      fields.push(field);
    }
    this.#members.path = outer;
  }

  #field(json: Json, namespace: string, index: number): RecordField {
    const members = json instanceof Map ? (json as JsonObject) : NO_ATTRIBUTES;
    const name = members.get("name");
    if (typeof name !== "string") {
      return this.#members.fail("a field without a name", 'a "name" that is text', json);
    }
    this.#members.checkName(name, "field name", "name");
    const type = members.get("type");
    if (type === undefined) return this.#members.fail("a field without a type", 'a "type"', json);
    const schema = this.#nested(type, namespace, "type");
    const field: Building<RecordField> = {
      name,
      schema,
      index,
      aliases: this.#members.aliases(members),
      order: this.#members.order(members.get("order")),
      attributes: attributesOf(members, FIELD_RESERVED),
    };
    const doc = members.get("doc");
    if (typeof doc === "string") field.doc = doc;
    const value = members.get("default");
    if (value !== undefined) {
      field.default = this.#fieldDefault(schema, value);
      if (this.#validateDefaults) {
        this.#withDefault.push({ field, path: { parent: this.#members.path, step: "default" } });
      }
    }
    return field;
  }

  /** Java takes text as the default of a float or double, and keeps the number. */
  #fieldDefault(schema: Schema, value: Json): Json {
    if (typeof value !== "string" || (schema.kind !== "float" && schema.kind !== "double")) {
      return value;
    }
    const number = parseJavaDouble(value);
    return (
      number ?? this.#members.fail("a default that is not a number", "a number", value, "default")
    );
  }

  #enum(json: JsonObject, namespace: string): NamedSchema {
    const name = this.#members.typeName(json, namespace);
    const symbols = this.#members.symbols(json.get("symbols"));
    const node: Building<EnumSchema> = {
      kind: "enum",
      name,
      aliases: NO_ALIASES,
      attributes: attributesOf(json, ENUM_RESERVED),
      symbols,
    };
    const fallback = json.get("default");
    if (typeof fallback === "string") {
      if (!symbols.includes(fallback)) {
        this.#members.fail(
          "an enum default that is no symbol",
          "one of the symbols",
          fallback,
          "default",
        );
      }
      node.default = fallback;
    }
    return this.#defined(node, json, this.#own.get(name.fullName));
  }

  #fixed(json: JsonObject, namespace: string): NamedSchema {
    const name = this.#members.typeName(json, namespace);
    const size = this.#members.size(json.get("size"));
    const node: Building<FixedSchema> = {
      kind: "fixed",
      name,
      aliases: NO_ALIASES,
      attributes: attributesOf(json, TYPE_RESERVED),
      size,
    };
    return this.#defined(node, json, this.#own.get(name.fullName));
  }

  /** What all definitions share: doc, aliases, logical type, and the check for a second one. */
  #defined(node: BuildingNamed, json: JsonObject, earlier: NamedSchema | undefined): NamedSchema {
    const doc = json.get("doc");
    if (typeof doc === "string") node.doc = doc;
    node.aliases = this.#members.typeAliases(json, node.name);
    const size = node.kind === "fixed" ? node.size : undefined;
    const logicalType = logicalTypeOf(node.kind, node.attributes, size);
    if (logicalType !== undefined) node.logicalType = logicalType;
    const { fullName } = node.name;
    if (earlier === undefined) this.#own.set(fullName, node);
    const known = earlier ?? this.#foreignType(fullName);
    if (known === undefined || this.#isScan) return earlier ?? node;
    if (
      this.#open.has(known) ||
      this.#recursive.has(known) ||
      !isSameDefinition(node, known, this.#same)
    ) {
      throw avroErrors.create("AVRO_NAME_REDEFINED", {
        name: fullName,
        pointer: this.#members.pointer(),
      });
    }
    return earlier ?? node;
  }

  #checkDefaults(): void {
    const checker = new DefaultChecker();
    for (const { field, path } of this.#withDefault) {
      if (checker.isFieldValid(field)) continue;
      throw avroErrors.create("AVRO_DEFAULT_INVALID", {
        found: printJson(field.default ?? null),
        field: field.name,
        pointer: pointerOf(path),
        type: typeLabel(field.schema),
        expected: defaultExpectation(field.schema),
      });
    }
  }
}
