/**
 * The one table from Avro types to JavaScript values. Code generation prints its types and the codec
 * executes its conversions, so a generated type cannot lie.
 *
 * Invariants:
 * - A shape is data about one schema node; records, enums and fixed types are met by name, so the
 *   shape of a recursive type is finite.
 * - `input` is at least as wide as `output`: what was read can be written again unchanged.
 * - A union is tagged exactly when two of its branches other than null accept a JavaScript value of
 *   the same kind; whether a value needs a tag never depends on the value.
 */
import type {
  EnumSchema,
  FixedSchema,
  LogicalType,
  PrimitiveSchema,
  RecordField,
  RecordSchema,
  Schema,
} from "./model.ts";

/** How Avro values are shown in JavaScript; the same members as `Mapping` of `typewire/schema`. */
export interface MappingOptions {
  /**
   * `long` without a logical type. Default `"bigint"`. With `"number"`, values beyond ±(2^53 − 1)
   * are refused on both ways.
   */
  readonly long?: "bigint" | "number";
  /** `"safe"` (default): lossless with built-in types. `"raw"`: the value of the base type. */
  readonly logical?: "safe" | "raw";
  /**
   * `logical` for single fields, by the full name of the record and the name of the field:
   * `{ "com.example.Order.expiresAt": "raw" }`. It holds for the whole type of the field, in unions,
   * arrays and maps too, down to the next record.
   */
  readonly fields?: Readonly<Record<string, "safe" | "raw">>;
}

/** How one scalar is turned into its JavaScript value and back. */
export type Conversion =
  | "null"
  | "boolean"
  | "int"
  | "long-bigint"
  | "long-number"
  | "float"
  | "double"
  | "bytes"
  | "string"
  | "date-text"
  | "timestamp-date"
  | "local-timestamp-text"
  | "decimal-text"
  | "big-decimal-text"
  | "uuid-text"
  | "duration-object";

/** The classes of JavaScript values that the codec can tell apart without looking inside. */
export type JsKind =
  | "null"
  | "boolean"
  | "number"
  | "bigint"
  | "string"
  | "date"
  | "bytes"
  | "array"
  | "object";

/** A value without named parts: its type is printed in place. */
export interface ScalarShape {
  readonly kind: "scalar";
  readonly conversion: Conversion;
  readonly schema: PrimitiveSchema | FixedSchema;
  /** What reading yields, as TypeScript. */
  readonly output: string;
  /** What writing accepts, as TypeScript. */
  readonly input: string;
  /** The kinds of JavaScript value that writing accepts. */
  readonly accepts: readonly JsKind[];
  /** What the type cannot say (unit, format), as half a sentence. */
  readonly note?: string;
}

/** A record; ask {@link fieldShape} for each of its fields. */
export interface RecordShape {
  readonly kind: "record";
  readonly schema: RecordSchema;
  readonly accepts: readonly JsKind[];
}

/** An enum: one of its symbols, as a string literal. */
export interface EnumShape {
  readonly kind: "enum";
  readonly schema: EnumSchema;
  readonly accepts: readonly JsKind[];
}

/** A fixed type without a logical type of its own: a `Uint8Array` of `schema.size` bytes. */
export interface FixedShape {
  readonly kind: "fixed";
  readonly schema: FixedSchema;
  readonly accepts: readonly JsKind[];
}

/** An array: `T[]` on output, `readonly T[]` on input. */
export interface ArrayShape {
  readonly kind: "array";
  readonly items: ValueShape;
  readonly accepts: readonly JsKind[];
}

/** A map: `Record<string, T>`; keys such as `__proto__` are ordinary. */
export interface MapShape {
  readonly kind: "map";
  readonly values: ValueShape;
  readonly accepts: readonly JsKind[];
}

/** One branch of a union. */
export interface UnionBranchShape {
  /** The `$type` of the branch: its full name, or the type's name when it has none. */
  readonly tag: string;
  /**
   * How the branch looks when the union is tagged. False: `$type` is the first property of the
   * record itself. True: `{ $type, value }`. Null is never tagged.
   */
  readonly boxed: boolean;
  readonly shape: ValueShape;
}

/** A union; its branches are in schema order, null included. */
export interface UnionShape {
  readonly kind: "union";
  /** When true, every branch other than null carries `$type`. */
  readonly tagged: boolean;
  readonly branches: readonly UnionBranchShape[];
  readonly accepts: readonly JsKind[];
}

/** What the value of a schema looks like in JavaScript. */
export type ValueShape =
  | ScalarShape
  | RecordShape
  | EnumShape
  | FixedShape
  | ArrayShape
  | MapShape
  | UnionShape;

/** The property that tells the branches of a tagged union apart. */
export const TAG_PROPERTY = "$type";

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: TypeScript template types as text
const DATE_TEXT = "`${number}-${number}-${number}`";
const UUID_TEXT = "`${string}-${string}-${string}-${string}-${string}`";
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: end of the template types
const DURATION_OBJECT =
  "{ readonly months: number; readonly days: number; readonly millis: number }";

type ScalarSchema = PrimitiveSchema | FixedSchema;
type ScalarRow = Omit<ScalarShape, "kind" | "schema" | "input"> & { readonly input?: string };

const ROWS = {
  null: { conversion: "null", output: "null", accepts: ["null"] },
  boolean: { conversion: "boolean", output: "boolean", accepts: ["boolean"] },
  int: { conversion: "int", output: "number", accepts: ["number"] },
  longBigint: {
    conversion: "long-bigint",
    output: "bigint",
    input: "bigint | number",
    accepts: ["bigint", "number"],
  },
  longNumber: {
    conversion: "long-number",
    output: "number",
    input: "number | bigint",
    accepts: ["number", "bigint"],
  },
  float: { conversion: "float", output: "number", accepts: ["number"] },
  double: { conversion: "double", output: "number", accepts: ["number"] },
  bytes: { conversion: "bytes", output: "Uint8Array", accepts: ["bytes"] },
  string: { conversion: "string", output: "string", accepts: ["string"] },
  uuid: {
    conversion: "uuid-text",
    output: UUID_TEXT,
    accepts: ["string"],
    note: "a UUID in lower case",
  },
  duration: {
    conversion: "duration-object",
    output: DURATION_OBJECT,
    accepts: ["object"],
    note: "unsigned 32-bit numbers",
  },
  decimal: {
    conversion: "decimal-text",
    output: "string",
    input: "string | bigint",
    accepts: ["string", "bigint"],
  },
  bigDecimal: {
    conversion: "big-decimal-text",
    output: "string",
    input: "string | bigint",
    accepts: ["string", "bigint"],
    note: "a decimal number, its fraction digits are kept",
  },
  date: { conversion: "date-text", output: DATE_TEXT, accepts: ["string"], note: "YYYY-MM-DD" },
  instant: { conversion: "timestamp-date", output: "Date", accepts: ["date"] },
  local: { conversion: "local-timestamp-text", output: "string", accepts: ["string"] },
} as const satisfies Readonly<Record<string, ScalarRow>>;

function scalar(schema: ScalarSchema, row: ScalarRow, note = row.note): ScalarShape {
  const shape: ScalarShape = { kind: "scalar", schema, input: row.output, ...row };
  return note === undefined ? shape : { ...shape, note };
}

/** What the value of a schema looks like, by the given mapping. */
export function shapeOf(schema: Schema, mapping: MappingOptions = {}): ValueShape {
  switch (schema.kind) {
    case "record":
      return { kind: "record", schema, accepts: ["object"] };
    case "enum":
      return { kind: "enum", schema, accepts: ["string"] };
    case "array":
      return { kind: "array", items: shapeOf(schema.items, mapping), accepts: ["array"] };
    case "map":
      return { kind: "map", values: shapeOf(schema.values, mapping), accepts: ["object"] };
    case "union":
      return unionShape(schema.branches, mapping);
    case "fixed":
      return (
        logicalShape(schema, mapping) ?? { kind: "fixed", schema, accepts: ["bytes"] as const }
      );
    default:
      return logicalShape(schema, mapping) ?? primitiveShape(schema, mapping);
  }
}

/**
 * What a record's field looks like. The custom property `"js-type": "number"` of a field shows the
 * longs of its type as `number`, in unions, arrays and maps too, down to the next record. On a
 * `long` schema itself the same property does so for that long. An entry of the mapping's `fields`
 * reaches as far.
 */
export function fieldShape(
  record: RecordSchema,
  field: RecordField,
  mapping: MappingOptions = {},
): ValueShape {
  return shapeOf(field.schema, fieldMapping(record, field, mapping));
}

/** The tag of a union branch: the full name, or the type's name when it has none. */
export function branchTag(schema: Schema): string {
  return "name" in schema ? schema.name.fullName : schema.kind;
}

/** A mapping with the overrides of a field in it; internal to the module. */
interface FieldMapping extends MappingOptions {
  readonly numberLongs?: boolean;
}

/** The path of a field as `MappingOptions.fields` and messages name it. */
export function fieldPath(record: RecordSchema, field: RecordField): string {
  return `${record.name.fullName}.${field.name}`;
}

/**
 * The mapping that holds inside a field; for the codec, which walks the type itself. Equal overrides
 * give the same object, so that what is derived from a mapping can be kept by its identity.
 */
export function fieldMapping(
  record: RecordSchema,
  field: RecordField,
  mapping: MappingOptions,
): MappingOptions {
  const numberLongs = wantsNumber(field.attributes);
  const logical = ownLogical(record, field, mapping);
  if (!numberLongs && logical === undefined) return mapping;
  const known = variants.get(mapping) ?? new Map<string, MappingOptions>();
  variants.set(mapping, known);
  const key = `${numberLongs} ${logical}`;
  const variant: FieldMapping = known.get(key) ?? {
    ...mapping,
    numberLongs,
    ...(logical !== undefined && { logical }),
  };
  known.set(key, variant);
  return variant;
}

const variants = new WeakMap<MappingOptions, Map<string, MappingOptions>>();

function ownLogical(
  record: RecordSchema,
  field: RecordField,
  { fields }: MappingOptions,
): "safe" | "raw" | undefined {
  if (fields === undefined) return undefined;
  const path = fieldPath(record, field);
  return Object.hasOwn(fields, path) ? fields[path] : undefined;
}

function wantsNumber(attributes: ReadonlyMap<string, unknown>): boolean {
  return attributes.get("js-type") === "number";
}

function primitiveShape(schema: PrimitiveSchema, mapping: MappingOptions): ScalarShape {
  return schema.kind === "long"
    ? scalar(schema, longRow(schema, mapping))
    : scalar(schema, ROWS[schema.kind]);
}

function longRow(schema: ScalarSchema, mapping: FieldMapping): ScalarRow {
  return mapping.long === "number" ? ROWS.longNumber : instantRow(schema, mapping);
}

/** Micros and nanos outgrow 2^53, so only an explicit `js-type` makes them numbers. */
function instantRow(schema: ScalarSchema, mapping: FieldMapping): ScalarRow {
  const asNumber = mapping.numberLongs === true || wantsNumber(schema.attributes);
  return asNumber ? ROWS.longNumber : ROWS.longBigint;
}

function logicalShape(schema: ScalarSchema, mapping: MappingOptions): ScalarShape | undefined {
  const { logicalType } = schema;
  if (logicalType === undefined || mapping.logical === "raw") return undefined;
  switch (logicalType.kind) {
    case "uuid":
      return scalar(schema, ROWS.uuid);
    case "duration":
      return scalar(schema, ROWS.duration);
    case "decimal":
      return scalar(schema, ROWS.decimal, decimalNote(logicalType.precision, logicalType.scale));
    case "big-decimal":
      return scalar(schema, ROWS.bigDecimal);
    default:
      return temporalShape(schema, logicalType.kind, mapping);
  }
}

function decimalNote(precision: number, scale: number): string {
  return `a decimal number of at most ${precision} digits, ${scale} of them after the point`;
}

type TemporalKind = Exclude<LogicalType["kind"], "decimal" | "big-decimal" | "uuid" | "duration">;

function temporalShape(
  schema: ScalarSchema,
  kind: TemporalKind,
  mapping: MappingOptions,
): ScalarShape {
  switch (kind) {
    case "date":
      return scalar(schema, ROWS.date);
    case "time-millis":
      return scalar(schema, ROWS.int, "milliseconds since midnight");
    case "time-micros":
      return scalar(schema, ROWS.longNumber, "microseconds since midnight");
    case "timestamp-millis":
      return scalar(schema, ROWS.instant);
    case "timestamp-micros":
      return scalar(schema, instantRow(schema, mapping), "microseconds since 1970");
    case "timestamp-nanos":
      return scalar(schema, instantRow(schema, mapping), "nanoseconds since 1970");
    default:
      return scalar(schema, ROWS.local, localNote(FRACTION_DIGITS[kind]));
  }
}

/** Fraction digits of each local timestamp. */
export const FRACTION_DIGITS = {
  "local-timestamp-millis": 3,
  "local-timestamp-micros": 6,
  "local-timestamp-nanos": 9,
} as const;

function localNote(digits: number): string {
  return `YYYY-MM-DDTHH:MM:SS with ${digits} fraction digits and no zone`;
}

function unionShape(schemas: readonly Schema[], mapping: MappingOptions): UnionShape {
  const branches = schemas.map((schema) => ({
    tag: branchTag(schema),
    boxed: !isInlineTagged(schema),
    shape: shapeOf(schema, mapping),
  }));
  const kinds = branches.flatMap(({ shape }) => shape.accepts).filter((kind) => kind !== "null");
  const accepts = [...new Set(branches.flatMap(({ shape }) => shape.accepts))];
  return { kind: "union", tagged: new Set(kinds).size !== kinds.length, branches, accepts };
}

/** Only names that lenient parsing admits can clash with the tag; such a record goes in a box. */
function isInlineTagged(schema: Schema): boolean {
  return schema.kind === "record" && schema.fields.every((field) => field.name !== TAG_PROPERTY);
}
