/**
 * How a record says which schema its body was written with. Confluent knows two forms, each in one of
 * two places:
 *
 * | byte | after it | since |
 * |---|---|---|
 * | 0 | the schema id, a signed 32-bit integer, big-endian | the beginning |
 * | 1 | the schema's GUID, the 16 bytes of a UUID, big-endian | Confluent 8.0 |
 *
 * They stand in front of the body, or in the header `__value_schema_id` (`__key_schema_id`); then the
 * whole payload is the body. The last header of that name counts, and one that is null does not.
 *
 * Invariants: reading an id allocates nothing but errors; a `null` payload (tombstone) never reaches
 * this module, and a framed payload of zero bytes is an error, not a tombstone.
 */
import { wireErrors } from "./errors.ts";

/** Bytes before the body of a frame with a schema id. */
export const FRAME_HEADER_BYTES = 5;

/** Bytes before the body of a frame with a GUID. */
const GUID_FRAME_BYTES = 17;

/** The first byte of a frame that carries a schema id. */
const MAGIC_SCHEMA_ID = 0;

/** The first byte of a frame that carries a GUID. */
const MAGIC_GUID = 1;

/** The largest schema id that the frame carries. */
export const SCHEMA_ID_MAX = 0x7fffffff;

/** The record headers that can hold the writer's schema. */
export const SCHEMA_HEADERS = { key: "__key_schema_id", value: "__value_schema_id" } as const;

/** The writer's schema: an id, which is a registry's (and a context's) own, or a GUID in lower case. */
export type SchemaRef = number | string;

/** How many bytes of an unreadable payload an error shows. */
const HEAD_BYTES = 8;

/**
 * Writes the frame's header at `start` and returns where the body begins. When it does not fit,
 * nothing is written and the result is past the buffer's end, as with every writer of bytes here.
 *
 * @throws WIRE_SCHEMA_ID_INVALID when the id is not an integer from 0 to 2^31 − 1.
 */
export function writeFrameHeader(buffer: Buffer, start: number, schemaId: number): number {
  if ((schemaId | 0) !== schemaId || schemaId < 0) {
    throw wireErrors.create("WIRE_SCHEMA_ID_INVALID", { id: schemaId });
  }
  const bodyStart = start + FRAME_HEADER_BYTES;
  if (bodyStart > buffer.length) return bodyStart;
  buffer[start] = MAGIC_SCHEMA_ID;
  buffer[start + 1] = schemaId >>> 24;
  buffer[start + 2] = schemaId >>> 16;
  buffer[start + 3] = schemaId >>> 8;
  buffer[start + 4] = schemaId;
  return bodyStart;
}

/**
 * The writer's schema of the frame in `buffer[start, end)`; the body begins {@link frameBytes} after
 * `start`.
 *
 * @throws WIRE_TOO_SHORT, WIRE_WRONG_MAGIC, WIRE_SCHEMA_ID_INVALID when the bytes are no frame.
 */
export function readSchemaRef(buffer: Buffer, start: number, end: number): SchemaRef {
  const bytes = end - start;
  const magic = buffer[start];
  if (bytes > 0 && magic !== MAGIC_SCHEMA_ID && magic !== MAGIC_GUID) {
    throw wireErrors.create("WIRE_WRONG_MAGIC", { magic, head: headOf(buffer, start, end) });
  }
  const needed = bytes > 0 && magic === MAGIC_GUID ? GUID_FRAME_BYTES : FRAME_HEADER_BYTES;
  if (bytes < needed) throw wireErrors.create("WIRE_TOO_SHORT", { bytes, needed });
  return readRef(buffer, start);
}

/**
 * The writer's schema in the value of a header of {@link SCHEMA_HEADERS}.
 *
 * @throws WIRE_HEADER_INVALID, WIRE_SCHEMA_ID_INVALID
 */
export function readSchemaHeader(header: string, value: Buffer): SchemaRef {
  const { length } = value;
  const isId = length === FRAME_HEADER_BYTES && value[0] === MAGIC_SCHEMA_ID;
  if (isId || (length === GUID_FRAME_BYTES && value[0] === MAGIC_GUID)) return readRef(value, 0);
  const details = { header, bytes: length, head: headOf(value, 0, length) };
  throw wireErrors.create("WIRE_HEADER_INVALID", details);
}

/** How many bytes stand before the body in a frame with this schema. */
export function frameBytes(ref: SchemaRef): number {
  return typeof ref === "number" ? FRAME_HEADER_BYTES : GUID_FRAME_BYTES;
}

/** Reads a form whose first byte and length were checked. */
function readRef(buffer: Buffer, start: number): SchemaRef {
  if (buffer[start] === MAGIC_GUID) return readGuid(buffer, start + 1);
  const id = buffer.readInt32BE(start + 1);
  if (id < 0) throw wireErrors.create("WIRE_SCHEMA_ID_INVALID", { id });
  return id;
}

function readGuid(buffer: Buffer, start: number): string {
  const hex = buffer.toString("hex", start, start + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function headOf(buffer: Buffer, start: number, end: number): string {
  return buffer.toString("hex", start, Math.min(end, start + HEAD_BYTES));
}
