/**
 * A field's default, from the JSON of the schema to its binary encoding. As in Java, defaults become
 * values by being encoded and read again, so every reader gets a fresh copy and one set of rules
 * holds for all values.
 *
 * Invariants: a union default takes the first branch that it fits (specification 1.12); work is
 * bounded, because defaults of nested records multiply.
 */
import { CodecFault } from "./codec-fault.ts";
import type {
  EnumSchema,
  FixedSchema,
  Json,
  JsonObject,
  PrimitiveSchema,
  RecordField,
  RecordSchema,
  Schema,
} from "./model.ts";
import { JsonNumber } from "./model.ts";
import { writeBytes, writeDouble, writeFloat, writeRaw } from "./primitives.ts";
import { writeString } from "./text.ts";
import { isLong, writeBigLong, writeInt } from "./varint.ts";

const STEPS_MAX = 100_000;
const BYTES_START = 256;
const INTEGER = /^-?\d+$/;

interface Sink {
  buffer: Buffer;
  pos: number;
  steps: number;
  /** Fields whose own default is being written; one that needs itself has no end. */
  readonly open: Set<RecordField>;
}

/** The encoding of a field's default. Throws a fault when it is no value of the field's type. */
export function encodeDefault(field: RecordField): Buffer {
  for (let size = BYTES_START; ; size *= 4) {
    const sink: Sink = { buffer: Buffer.alloc(size), pos: 0, steps: 0, open: new Set() };
    putOwnDefault(sink, field);
    if (sink.pos <= size) return Buffer.from(sink.buffer.subarray(0, sink.pos));
    size = Math.max(size, sink.pos);
  }
}

function unusable(problem: string): CodecFault {
  return new CodecFault("AVRO_DEFAULT_UNUSABLE", { problem });
}

function put(sink: Sink, schema: Schema, json: Json): void {
  sink.steps += 1;
  if (sink.steps > STEPS_MAX) throw unusable(`it has more than ${STEPS_MAX} values`);
  switch (schema.kind) {
    case "union":
      putUnion(sink, schema.branches, json);
      return;
    case "record":
      putRecord(sink, schema, json);
      return;
    case "array":
      putArray(sink, schema.items, json);
      return;
    case "map":
      putMap(sink, schema.values, json);
      return;
    case "null":
      if (json !== null) throw unusable("it is not null");
      return;
    case "boolean":
      if (typeof json !== "boolean") throw unusable("it is no boolean");
      sink.buffer[sink.pos++] = json ? 1 : 0;
      return;
    case "int":
    case "long":
    case "float":
    case "double":
      putNumber(sink, schema.kind, json);
      return;
    default:
      putText(sink, schema, json);
      return;
  }
}

function putNumber(sink: Sink, kind: "int" | "long" | "float" | "double", json: Json): void {
  const { buffer, pos } = sink;
  if (kind === "float" || kind === "double") {
    const value = toDouble(json);
    sink.pos = kind === "float" ? writeFloat(buffer, pos, value) : writeDouble(buffer, pos, value);
    return;
  }
  const text = json instanceof JsonNumber ? json.text : "";
  const value = INTEGER.test(text) && text.length <= 20 ? BigInt(text) : undefined;
  const fits = value !== undefined && (kind === "long" ? isLong(value) : isInt(value));
  if (!fits) throw unusable(`it is no ${kind}`);
  sink.pos = writeBigLong(buffer, pos, value);
}

function isInt(value: bigint): boolean {
  return BigInt.asIntN(32, value) === value;
}

/** Java also takes text that reads as a double; JSON has no other way to say NaN. */
function toDouble(json: Json): number {
  if (json instanceof JsonNumber) return Number(json.text);
  const value = typeof json === "string" && json.trim() !== "" ? Number(json) : undefined;
  if (value === undefined || (Number.isNaN(value) && json !== "NaN")) {
    throw unusable("it is no number");
  }
  return value;
}

function putText(sink: Sink, schema: PrimitiveSchema | FixedSchema | EnumSchema, json: Json): void {
  if (typeof json !== "string") throw unusable("it is no text");
  const { buffer, pos } = sink;
  if (schema.kind === "enum") {
    const index = schema.symbols.indexOf(json);
    if (index < 0) throw unusable("it is none of the symbols");
    sink.pos = writeInt(buffer, pos, index);
  } else if (schema.kind === "string") {
    sink.pos = writeString(buffer, pos, json);
  } else {
    putBytes(sink, schema, json);
  }
}

function putBytes(sink: Sink, schema: PrimitiveSchema | FixedSchema, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.toString("latin1") !== text) throw unusable("it has code points over 255");
  if (schema.kind !== "fixed") {
    sink.pos = writeBytes(sink.buffer, sink.pos, bytes);
  } else {
    if (bytes.length !== schema.size) throw unusable(`it has not ${schema.size} bytes`);
    sink.pos = writeRaw(sink.buffer, sink.pos, bytes);
  }
}

function putArray(sink: Sink, items: Schema, json: Json): void {
  if (!Array.isArray(json)) throw unusable("it is no array");
  if (json.length > 0) sink.pos = writeInt(sink.buffer, sink.pos, json.length);
  for (const item of json as readonly Json[]) put(sink, items, item);
  sink.pos = writeInt(sink.buffer, sink.pos, 0);
}

function putMap(sink: Sink, values: Schema, json: Json): void {
  if (!(json instanceof Map)) throw unusable("it is no object");
  const members: JsonObject = json;
  if (members.size > 0) sink.pos = writeInt(sink.buffer, sink.pos, members.size);
  for (const [key, member] of members) {
    sink.pos = writeString(sink.buffer, sink.pos, key);
    put(sink, values, member);
  }
  sink.pos = writeInt(sink.buffer, sink.pos, 0);
}

function putRecord(sink: Sink, schema: RecordSchema, json: Json): void {
  if (!(json instanceof Map)) throw unusable("it is no object");
  const members: JsonObject = json;
  for (const field of schema.fields) {
    const member = members.get(field.name);
    if (member === undefined) putOwnDefault(sink, field);
    else put(sink, field.schema, member);
  }
}

function putOwnDefault(sink: Sink, field: RecordField): void {
  if (field.default === undefined) throw unusable(`its field ${field.name} is missing`);
  if (sink.open.has(field)) throw unusable("it contains itself");
  sink.open.add(field);
  try {
    put(sink, field.schema, field.default);
  } finally {
    sink.open.delete(field);
  }
}

function putUnion(sink: Sink, branches: readonly Schema[], json: Json): void {
  const start = sink.pos;
  for (const [index, branch] of branches.entries()) {
    try {
      sink.pos = writeInt(sink.buffer, start, index);
      put(sink, branch, json);
      return;
    } catch (error) {
      if (!(error instanceof CodecFault) || sink.steps > STEPS_MAX) throw error;
    }
  }
  throw unusable("it fits no branch of the union");
}
