/**
 * The reader and the writer of each scalar: what the mapping table names, executed. Interpreter and
 * compiled code both end here, so they cannot differ.
 */
import { malformed, misfit } from "./codec-fault.ts";
import {
  bigDecimalParts,
  bigDecimalText,
  bytesToDecimal,
  bytesToDuration,
  bytesToUuid,
  dateToDays,
  dateToMillis,
  daysToDate,
  decimalToBytes,
  durationToBytes,
  localToUnits,
  millisToDate,
  textToUuid,
  unitsToLocal,
  uuidToBytes,
  uuidToText,
} from "./conversions.ts";
import type { ScalarShape } from "./mapping.ts";
import { FRACTION_DIGITS } from "./mapping.ts";
import type { FixedSchema, PrimitiveSchema } from "./model.ts";
import {
  copyBytes,
  isBytes,
  readBoolean,
  readBytes,
  readDouble,
  readFloat,
  readLength,
  readLongAsDouble,
  readLongAsFloat,
  readString,
  skipRaw,
  writeBytes,
  writeDouble,
  writeFloat,
  writeRaw,
} from "./primitives.ts";
import { writeString } from "./text.ts";
import {
  cursor,
  isLong,
  readBigLong,
  readInt,
  readLong,
  wideLong,
  writeBigLong,
  writeInt,
  writeLong,
} from "./varint.ts";

/** Writes a value at a position; answers the position after it. */
export type ScalarWriter = (b: Buffer, p: number, value: unknown) => number;
/** Reads a value; the position after it is in `cursor.pos`. */
export type ScalarReader = (b: Buffer, p: number, end: number) => unknown;

/** The writer of a scalar. It throws a misfit for every value that the type does not hold. */
export function scalarWriter(shape: ScalarShape): ScalarWriter {
  const { schema } = shape;
  switch (shape.conversion) {
    case "date-text":
      return (b, p, value) => writeInt(b, p, dateToDays(value));
    case "timestamp-date":
      return (b, p, value) => writeLong(b, p, dateToMillis(value));
    case "local-timestamp-text": {
      const digits = fractionDigits(schema);
      return (b, p, value) => writeBigLong(b, p, localToUnits(value, digits));
    }
    case "decimal-text":
      return decimalWriter(schema);
    case "big-decimal-text":
      return writeBigDecimal;
    case "uuid-text":
      return schema.kind === "fixed"
        ? (b, p, value) => writeRaw(b, p, uuidToBytes(value))
        : (b, p, value) => writeString(b, p, uuidToText(value));
    case "duration-object":
      return (b, p, value) => writeRaw(b, p, durationToBytes(value));
    default:
      return PLAIN_WRITERS[shape.conversion];
  }
}

const PLAIN_WRITERS = {
  null: (_b, p, value) => {
    if (value !== null) throw misfit("null", value);
    return p;
  },
  boolean: (b, p, value) => {
    if (typeof value !== "boolean") throw misfit("boolean", value);
    b[p] = value ? 1 : 0;
    return p + 1;
  },
  int: (b, p, value) => {
    if (typeof value !== "number" || (value | 0) !== value) throw misfit("int", value);
    return writeInt(b, p, value);
  },
  "long-bigint": writeLongValue,
  "long-number": writeLongValue,
  float: (b, p, value) => {
    if (typeof value !== "number") throw misfit("float", value);
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
      throw misfit("float", value);
    }
    return writeFloat(b, p, value);
  },
  double: (b, p, value) => {
    if (typeof value !== "number") throw misfit("double", value);
    return writeDouble(b, p, value);
  },
  bytes: (b, p, value) => {
    if (!isBytes(value)) throw misfit("bytes", value);
    return writeBytes(b, p, value);
  },
  string: (b, p, value) => {
    if (typeof value !== "string") throw misfit("string", value);
    return writeString(b, p, value);
  },
} as const satisfies Record<string, ScalarWriter>;

/** Writes a long that is given as a bigint or a safe integer. */
export function writeLongValue(b: Buffer, p: number, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return writeLong(b, p, value);
  if (typeof value === "bigint" && isLong(value)) return writeBigLong(b, p, value);
  throw misfit("long", value);
}

function decimalWriter(schema: PrimitiveSchema | FixedSchema): ScalarWriter {
  const { precision, scale } = decimalOf(schema);
  if (schema.kind === "fixed") {
    const { size } = schema;
    return (b, p, value) => writeRaw(b, p, decimalToBytes(value, precision, scale, size));
  }
  return (b, p, value) => writeBytes(b, p, decimalToBytes(value, precision, scale));
}

function writeBigDecimal(b: Buffer, p: number, value: unknown): number {
  const { unscaled, scale } = bigDecimalParts(value);
  const body = Buffer.alloc(unscaled.length + 10);
  const end = writeInt(body, writeBytes(body, 0, unscaled), scale);
  return writeBytes(b, p, body.subarray(0, end));
}

/** What the writer's schema has on the wire. */
export type Wire = PrimitiveSchema | FixedSchema;

/** The reader of a scalar that the writer wrote as `wire`, promoted where the two differ. */
export function scalarReader(wire: Wire, shape: ScalarShape): ScalarReader {
  const { schema } = shape;
  switch (shape.conversion) {
    case "date-text":
      return (b, p, end) => daysToDate(readInt(b, p, end));
    case "timestamp-date":
      return (b, p, end) => millisToDate(readLong(b, p, end));
    case "local-timestamp-text": {
      const digits = fractionDigits(schema);
      return (b, p, end) => unitsToLocal(readBigLong(b, p, end), digits);
    }
    case "decimal-text": {
      const { scale } = decimalOf(schema);
      const content = contentReader(wire);
      return (b, p, end) => bytesToDecimal(content(b, p, end), scale);
    }
    case "big-decimal-text":
      return readBigDecimal;
    case "uuid-text":
      return schema.kind === "fixed"
        ? (b, p, end) => bytesToUuid(readFixed(b, p, end, 16))
        : (b, p, end) => textToUuid(readString(b, p, end));
    case "duration-object":
      return (b, p, end) => bytesToDuration(readFixed(b, p, end, 12));
    default:
      return plainReader(wire.kind, shape.conversion);
  }
}

function plainReader(wire: Wire["kind"], conversion: keyof typeof PLAIN_WRITERS): ScalarReader {
  switch (conversion) {
    case "null":
      return (_b, p) => {
        cursor.pos = p;
        return null;
      };
    case "boolean":
      return readBoolean;
    case "int":
      return readInt;
    case "long-bigint":
      return readBigLong;
    case "long-number":
      return readSafeLong;
    case "float":
      return floatReader(wire);
    case "double":
      return doubleReader(wire);
    case "bytes":
      return readBytes;
    case "string":
      return readString;
  }
}

/** A long that must fit a number. */
export function readSafeLong(b: Buffer, p: number, end: number): number {
  const value = readLong(b, p, end);
  if (Number.isNaN(value)) throw malformed(`the long ${wideLong()}, which no number holds exactly`);
  return value;
}

function floatReader(wire: Wire["kind"]): ScalarReader {
  if (wire === "float") return readFloat;
  return wire === "int" ? (b, p, end) => Math.fround(readInt(b, p, end)) : readLongAsFloat;
}

function doubleReader(wire: Wire["kind"]): ScalarReader {
  if (wire === "double") return readDouble;
  if (wire === "float") return readFloat;
  return wire === "int" ? readInt : readLongAsDouble;
}

/** The content of bytes, of a string read as bytes, or of a fixed; not a copy. */
function contentReader(wire: Wire): (b: Buffer, p: number, end: number) => Uint8Array {
  if (wire.kind === "fixed") {
    const { size } = wire;
    return (b, p, end) => readFixed(b, p, end, size);
  }
  return (b, p, end) => {
    const length = readLength(b, p, end);
    const start = cursor.pos;
    cursor.pos = start + length;
    return b.subarray(start, start + length);
  };
}

function readFixed(b: Buffer, p: number, end: number, size: number): Uint8Array {
  cursor.pos = skipRaw(p, end, size);
  return b.subarray(p, p + size);
}

function readBigDecimal(b: Buffer, p: number, end: number): string {
  const length = readLength(b, p, end);
  const inner = cursor.pos + length;
  const unscaled = readBytes(b, cursor.pos, inner);
  const scale = readInt(b, cursor.pos, inner);
  if (cursor.pos !== inner) throw malformed("a big-decimal with bytes left over");
  return bigDecimalText(unscaled, scale);
}

/** Reads the bytes of a fixed type, as a copy. */
export function readFixedCopy(b: Buffer, p: number, end: number, size: number): Uint8Array {
  cursor.pos = skipRaw(p, end, size);
  return copyBytes(b, p, size);
}

function fractionDigits(schema: Wire): 3 | 6 | 9 {
  const kind = schema.logicalType?.kind as keyof typeof FRACTION_DIGITS;
  return FRACTION_DIGITS[kind];
}

function decimalOf(schema: Wire): { precision: number; scale: number } {
  const { logicalType } = schema;
  return logicalType?.kind === "decimal" ? logicalType : { precision: 0, scale: 0 };
}
