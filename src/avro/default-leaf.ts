/**
 * Defaults of types without parts: from the JSON of the schema to the encoding, and whether the
 * mapping can show what was encoded.
 */
import { CodecFault } from "./codec-fault.ts";
import { parseJavaDouble } from "./java-double.ts";
import type { MappingOptions } from "./mapping.ts";
import { shapeOf } from "./mapping.ts";
import type { EnumSchema, FixedSchema, Json, PrimitiveSchema } from "./model.ts";
import { JsonNumber } from "./model.ts";
import { writeBytes, writeDouble, writeFloat, writeRaw } from "./primitives.ts";
import { scalarReader } from "./scalar-codec.ts";
import { writeString } from "./text.ts";
import { isLong, writeBigLong, writeInt } from "./varint.ts";

/** Why a value is no value of its type; final where the type is right and only the mapping refuses. */
interface LeafProblem {
  readonly problem: string;
  readonly isFinal: boolean;
}

type LeafSchema = PrimitiveSchema | FixedSchema | EnumSchema;
interface LeafSink {
  readonly buffer: Buffer;
  readonly pos: number;
}

const INTEGER = /^-?\d+$/;
const LONG_CHARS_MAX = 20;

/**
 * Writes a value; past the end of the buffer it only counts. Answers the position after it, or what
 * is wrong with it.
 */
export function putLeaf(
  { buffer, pos }: LeafSink,
  schema: LeafSchema,
  json: Json,
  mapping: MappingOptions,
): number | LeafProblem {
  const end = putPlain(buffer, pos, schema, json);
  if (typeof end !== "number") return { problem: end, isFinal: false };
  if (schema.kind === "enum" || (schema.logicalType === undefined && schema.kind !== "long")) {
    return end;
  }
  const refused = mappingProblem(schema, json, mapping, end - pos);
  return refused === undefined ? end : { problem: refused, isFinal: true };
}

function mappingProblem(
  schema: PrimitiveSchema | FixedSchema,
  json: Json,
  mapping: MappingOptions,
  size: number,
): string | undefined {
  const shape = shapeOf(schema, mapping);
  if (shape.kind !== "scalar" || shape.conversion === "long-bigint") return undefined;
  const scratch = Buffer.alloc(size);
  putPlain(scratch, 0, schema, json);
  try {
    scalarReader(schema, shape)(scratch, 0, size);
    return undefined;
  } catch (error) {
    if (error instanceof CodecFault) return `it is ${error.details["problem"] ?? "too short"}`;
    throw error;
  }
}

function putPlain(b: Buffer, p: number, schema: LeafSchema, json: Json): number | string {
  switch (schema.kind) {
    case "null":
      return json === null ? p : "it is not null";
    case "boolean":
      if (typeof json !== "boolean") return "it is no boolean";
      b[p] = json ? 1 : 0;
      return p + 1;
    case "int":
    case "long": {
      const value = integerOf(json);
      const fits = value !== undefined && (schema.kind === "long" ? isLong(value) : isInt(value));
      return fits ? writeBigLong(b, p, value) : `it is no ${schema.kind}`;
    }
    case "float":
    case "double": {
      const value = doubleOf(json);
      if (value === undefined) return "it is no number";
      return schema.kind === "float" ? writeFloat(b, p, value) : writeDouble(b, p, value);
    }
    default:
      return typeof json === "string" ? putText(b, p, schema, json) : "it is no text";
  }
}

function integerOf(json: Json): bigint | undefined {
  const text = json instanceof JsonNumber ? json.text : "";
  return INTEGER.test(text) && text.length <= LONG_CHARS_MAX ? BigInt(text) : undefined;
}

function isInt(value: bigint): boolean {
  return BigInt.asIntN(32, value) === value;
}

/** Java also takes text that reads as a double; JSON has no other way to say NaN. */
function doubleOf(json: Json): number | undefined {
  if (json instanceof JsonNumber) return Number(json.text);
  const value = typeof json === "string" ? parseJavaDouble(json) : undefined;
  if (value === undefined) return undefined;
  return Number(value instanceof JsonNumber ? value.text : value);
}

function putText(b: Buffer, p: number, schema: LeafSchema, text: string): number | string {
  if (schema.kind === "enum") {
    const index = schema.symbols.indexOf(text);
    return index < 0 ? "it is none of the symbols" : writeInt(b, p, index);
  }
  if (schema.kind === "string") return writeString(b, p, text);
  const bytes = Buffer.from(text, "latin1");
  if (bytes.toString("latin1") !== text) return "it has code points over 255";
  if (schema.kind !== "fixed") return writeBytes(b, p, bytes);
  return bytes.length === schema.size
    ? writeRaw(b, p, bytes)
    : `it has ${bytes.length} bytes, not ${schema.size}`;
}
