/**
 * The schema model: what a parsed Avro schema is.
 *
 * Invariants:
 * - A named type is one node, however often it is referenced (compatibility memoises by identity).
 * - `attributes` keeps every attribute that the specification does not define for that place, in
 *   source order and losslessly; `logicalType`, `precision` and `scale` are among them.
 * - Names are full names split once; nothing downstream looks at enclosing namespaces again.
 * - Nodes are immutable after parsing (fields of a record are filled once, to allow recursion).
 */

/** A JSON number as it was written; Avro's rules turn on its text (`1` against `1.0`, 2^53 and up). */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** JSON without loss: number text, member order. Duplicate members keep the last value (as Java). */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
/** Members in source order. */
export type JsonObject = ReadonlyMap<string, Json>;

/** A name and its namespace (`""` is the null namespace). */
export interface Name {
  readonly name: string;
  readonly namespace: string;
  /** `namespace.name`, or the name alone in the null namespace. */
  readonly fullName: string;
}

/** A logical type that applies (known, on a legal base, with legal attributes); others are ignored. */
export type LogicalType =
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | {
      readonly kind:
        | "big-decimal"
        | "uuid"
        | "date"
        | "time-millis"
        | "time-micros"
        | "timestamp-millis"
        | "timestamp-micros"
        | "timestamp-nanos"
        | "local-timestamp-millis"
        | "local-timestamp-micros"
        | "local-timestamp-nanos"
        | "duration";
    };

/** The eight types without parts. */
export type PrimitiveKind =
  | "null"
  | "boolean"
  | "int"
  | "long"
  | "float"
  | "double"
  | "bytes"
  | "string";

interface NodeBase {
  readonly attributes: JsonObject;
  /** The logical type that applies, if any. */
  readonly logicalType?: LogicalType;
}

interface NamedBase extends NodeBase {
  readonly name: Name;
  /** Aliases as full names, in source order. */
  readonly aliases: readonly string[];
  readonly doc?: string;
}

/** A primitive type, with its attributes and logical type. */
export interface PrimitiveSchema extends NodeBase {
  readonly kind: PrimitiveKind;
}

/** A field of a record. */
export interface RecordField {
  readonly name: string;
  readonly schema: Schema;
  /** Position in the record, from 0. */
  readonly index: number;
  readonly doc?: string;
  readonly aliases: readonly string[];
  readonly order: "ascending" | "descending" | "ignore";
  /** The default as JSON; `undefined` means that there is none (`null` is a default). */
  readonly default?: Json;
  readonly attributes: JsonObject;
}

/** A record, or an error: records with another keyword. */
export interface RecordSchema extends NamedBase {
  readonly kind: "record";
  /** True for `"type": "error"`. */
  readonly isError: boolean;
  readonly fields: readonly RecordField[];
}

/** An enum; its symbols in the order of their numbers. */
export interface EnumSchema extends NamedBase {
  readonly kind: "enum";
  readonly symbols: readonly string[];
  /** The symbol that a reader uses for unknown ones. */
  readonly default?: string;
}

/** A fixed type: `size` bytes. */
export interface FixedSchema extends NamedBase {
  readonly kind: "fixed";
  readonly size: number;
}

/** An array. */
export interface ArraySchema extends NodeBase {
  readonly kind: "array";
  readonly items: Schema;
}

/** A map; its keys are strings. */
export interface MapSchema extends NodeBase {
  readonly kind: "map";
  readonly values: Schema;
}

/** A union; data names a branch by its index. */
export interface UnionSchema {
  readonly kind: "union";
  readonly branches: readonly Schema[];
}

/** The types that have a name, and can be referred to by it. */
export type NamedSchema = RecordSchema | EnumSchema | FixedSchema;

/** A parsed Avro schema. */
export type Schema = PrimitiveSchema | NamedSchema | ArraySchema | MapSchema | UnionSchema;
