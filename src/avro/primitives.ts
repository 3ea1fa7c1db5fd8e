/**
 * Reading and writing of the other primitive encodings on a Buffer; the invariants of `varint.ts`
 * hold here too.
 */
import { malformed, truncated } from "./codec-fault.ts";
import { readText } from "./text.ts";
import { cursor, readInt, readLong, wideLong, writeInt } from "./varint.ts";

/** Whether a value is bytes, and not only an object with their prototype. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && ArrayBuffer.isView(value);
}

/** Writes a float; a buffer that is too short is left alone. */
export function writeFloat(b: Buffer, p: number, value: number): number {
  if (p + 4 <= b.length) b.writeFloatLE(value, p);
  return p + 4;
}

/** Writes a double; a buffer that is too short is left alone. */
export function writeDouble(b: Buffer, p: number, value: number): number {
  if (p + 8 <= b.length) b.writeDoubleLE(value, p);
  return p + 8;
}

/** Copies bytes; a buffer that is too short is left alone. */
export function writeRaw(b: Buffer, p: number, value: Uint8Array): number {
  const end = p + value.length;
  if (end > b.length) return end;
  if (value.length > 32) {
    b.set(value, p);
    return end;
  }
  for (let i = 0; i < value.length; i++) b[p + i] = value[i] as number;
  return end;
}

/** Writes bytes with their length in front. */
export function writeBytes(b: Buffer, p: number, value: Uint8Array): number {
  return writeRaw(b, writeInt(b, p, value.length), value);
}

/** Reads the length of bytes or a string; `cursor.pos` is then where the content starts. */
export function readLength(b: Buffer, p: number, end: number): number {
  const length = readLong(b, p, end);
  if (length < 0) throw malformed(`the negative length ${length}`);
  if (!(length <= end - cursor.pos)) throw truncated();
  return length;
}

/** Reads a string. Bytes that are no UTF-8 become U+FFFD, as in Java. */
export function readString(b: Buffer, p: number, end: number): string {
  const length = readLength(b, p, end);
  const start = cursor.pos;
  cursor.pos = start + length;
  return readText(b, start, length);
}

/** Reads bytes, as a copy that does not keep the buffer alive. */
export function readBytes(b: Buffer, p: number, end: number): Uint8Array {
  const length = readLength(b, p, end);
  const start = cursor.pos;
  cursor.pos = start + length;
  return copyBytes(b, start, length);
}

/** A copy of part of a buffer, as a plain `Uint8Array`. */
export function copyBytes(b: Buffer, start: number, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  if (length > 48) {
    copy.set(b.subarray(start, start + length));
    return copy;
  }
  for (let i = 0; i < length; i++) copy[i] = b[start + i] as number;
  return copy;
}

/** Skips bytes or a string; answers the position after it. */
export function skipBytes(b: Buffer, p: number, end: number): number {
  const length = readLength(b, p, end);
  return cursor.pos + length;
}

/** Skips a long; answers the position after it. */
export function skipLong(b: Buffer, p: number, end: number): number {
  readLong(b, p, end);
  return cursor.pos;
}

/** Skips an int; answers the position after it. */
export function skipInt(b: Buffer, p: number, end: number): number {
  readInt(b, p, end);
  return cursor.pos;
}

/** Skips a number of bytes; answers the position after them. */
export function skipRaw(p: number, end: number, length: number): number {
  if (end - p < length) throw truncated();
  return p + length;
}

/** Reads a boolean; a byte other than 0 and 1 is no boolean. */
export function readBoolean(b: Buffer, p: number, end: number): boolean {
  if (p >= end) throw truncated();
  const byte = b[p] as number;
  if (byte > 1) throw malformed(`the boolean byte ${byte}`);
  cursor.pos = p + 1;
  return byte === 1;
}

/** Reads a float. */
export function readFloat(b: Buffer, p: number, end: number): number {
  cursor.pos = skipRaw(p, end, 4);
  return b.readFloatLE(p);
}

/** Reads a double. */
export function readDouble(b: Buffer, p: number, end: number): number {
  cursor.pos = skipRaw(p, end, 8);
  return b.readDoubleLE(p);
}

/** A long as the nearest double. */
export function readLongAsDouble(b: Buffer, p: number, end: number): number {
  const value = readLong(b, p, end);
  return Number.isNaN(value) ? Number(wideLong()) : value;
}

/**
 * A long as the nearest float. Rounding to a double first could round twice, so the bits that a
 * double cannot hold are folded into the last one that decides nothing but ties.
 */
export function readLongAsFloat(b: Buffer, p: number, end: number): number {
  const value = readLong(b, p, end);
  if (!Number.isNaN(value)) return Math.fround(value);
  const wide = wideLong();
  const size = wide < 0n ? -wide : wide;
  const sticky = (size & 0x3ffn) === 0n ? 0n : 1n;
  const rounded = Math.fround(Number((size >> 10n) | sticky) * 1024);
  return wide < 0n ? -rounded : rounded;
}
