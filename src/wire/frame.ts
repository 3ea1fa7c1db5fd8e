/**
 * The Confluent frame in front of an Avro body: one magic byte 0, then the schema id as a signed
 * 32-bit integer, big-endian. The body follows without a length.
 *
 * Invariants: nothing here allocates except errors; a `null` payload (tombstone) never reaches this
 * module, and a payload of zero bytes is an error, not a tombstone.
 */
import { wireErrors } from "./errors.ts";

/** Bytes before the body. */
export const FRAME_HEADER_BYTES = 5;

/** The first byte of a frame that carries a schema id. */
export const MAGIC_SCHEMA_ID = 0;

/** The largest schema id that the frame carries. */
export const SCHEMA_ID_MAX = 0x7fffffff;

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
 * The schema id of the frame in `buffer[start, end)`; the body begins {@link FRAME_HEADER_BYTES}
 * after `start`.
 *
 * @throws WIRE_TOO_SHORT, WIRE_WRONG_MAGIC when the bytes are no frame.
 */
export function readSchemaId(buffer: Buffer, start: number, end: number): number {
  if (end - start < FRAME_HEADER_BYTES) {
    throw wireErrors.create("WIRE_TOO_SHORT", { bytes: end - start });
  }
  if (buffer[start] !== MAGIC_SCHEMA_ID) {
    const head = buffer.toString("hex", start, Math.min(end, start + HEAD_BYTES));
    throw wireErrors.create("WIRE_WRONG_MAGIC", { magic: buffer[start], head });
  }
  const id = buffer.readInt32BE(start + 1);
  if (id < 0) throw wireErrors.create("WIRE_SCHEMA_ID_INVALID", { id });
  return id;
}
