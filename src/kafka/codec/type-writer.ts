/** Bytes of typed keys and values: frame and body, straight into the caller's buffer. */
import { createEncoder, parseSchema } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { WireType } from "../../schema/index.ts";
import { writeFrameHeader } from "../../wire/index.ts";
import type { SchemaLookup } from "../contract/index.ts";
import { kafkaErrors } from "../contract/index.ts";

/** A UTF-16 unit takes at most three bytes. */
const UNIT_BYTES_MAX = 3;

/** Writes a value at `start`, returns the end; an end past the buffer means that it did not fit. */
export type ValueWriter = (value: unknown, buffer: Buffer, start: number) => number;

/** Which part of which topic is written; appears in errors. */
export interface Part {
  readonly topic: string;
  readonly part: "key" | "value";
}

/**
 * The writer of a type. An Avro type's schema id is looked up by the very text that the code was
 * generated from: a program never writes with an id whose schema it does not have.
 *
 * @throws KAFKA_SCHEMA_NOT_REGISTERED; CLIENT_UNREACHABLE (retriable)
 */
export async function createTypeWriter(
  type: WireType<unknown, unknown>,
  registry: SchemaLookup,
  part: Part,
): Promise<ValueWriter> {
  if (type.kind !== "avro") return plainWriter(type.kind, part);
  const { subject, schema, references = [] } = type;
  const encoder = createEncoder(parseSchema(type.closedSchema ?? schema, { mode: "stored" }), {
    mapping: type.mapping ?? {},
  });
  const schemaId = await registry.idOf(subject, { schema, references }).catch((error: unknown) => {
    if (!isTypewireError(error, "CLIENT_SCHEMA_NOT_REGISTERED")) throw error;
    throw kafkaErrors.create("KAFKA_SCHEMA_NOT_REGISTERED", { ...part, subject }, error);
  });
  return (value, buffer, start) => {
    const body = writeFrameHeader(buffer, start, schemaId);
    // A body that begins past the end would be written nowhere: ask for more room first.
    return body > buffer.length ? body : encoder.encode(value, buffer, body);
  };
}

function plainWriter(kind: "string" | "bytes" | "raw" | "none", part: Part): ValueWriter {
  switch (kind) {
    case "string":
      return (value, buffer, start) => writeText(value, buffer, start, part);
    case "bytes":
    case "raw":
      return (value, buffer, start) => writeBytes(value, buffer, start, part);
    case "none":
      return () => {
        throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason: "its type is none" });
      };
  }
}

function writeText(value: unknown, buffer: Buffer, start: number, part: Part): number {
  if (typeof value !== "string") {
    throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason: "it is not a string" });
  }
  // Half a surrogate pair has no UTF-8: it would become another character.
  if (!value.isWellFormed()) {
    const reason = "it has half a surrogate pair";
    throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason });
  }
  // Where there is room for the worst case, the text need not be measured first.
  if (start + value.length * UNIT_BYTES_MAX <= buffer.length) {
    return start + buffer.write(value, start);
  }
  const end = start + Buffer.byteLength(value);
  if (end <= buffer.length) buffer.write(value, start);
  return end;
}

function writeBytes(value: unknown, buffer: Buffer, start: number, part: Part): number {
  if (!(value instanceof Uint8Array)) {
    throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason: "it is not a Uint8Array" });
  }
  const end = start + value.length;
  if (end <= buffer.length) buffer.set(value, start);
  return end;
}
