/**
 * Zig-zag varints on a Buffer.
 *
 * Invariants:
 * - A writer returns the position after the value. Past the end of the buffer it only counts, so the
 *   final position is the size that is needed and no byte outside is touched.
 * - A reader never looks at or past `end`. It leaves the position after the value in `cursor.pos`.
 * - Longs are two 32-bit halves until the last step: exact over the full range, at the cost of
 *   small integers.
 */
import { malformed, truncated } from "./codec-fault.ts";

/** Where the last reader stopped; readers run to completion, so one is enough. */
export const cursor = { pos: 0, low: 0, mid: 0, top: 0 };

const TWO_27 = 2 ** 27;
const TWO_26 = 2 ** 26;
const TWO_32 = 2 ** 32;

const int64 = new BigInt64Array(1);
const halves = new Int32Array(int64.buffer);
/** Where the low half lies: 0 on little-endian machines. */
const LOW = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Writes a 32-bit integer as a zig-zag varint. */
export function writeInt(b: Buffer, p: number, value: number): number {
  let z = (value << 1) ^ (value >> 31);
  let at = p;
  while ((z & ~0x7f) !== 0) {
    b[at++] = z | 0x80;
    z >>>= 7;
  }
  b[at++] = z;
  return at;
}

/** Writes a safe integer as a zig-zag varint. */
export function writeLong(b: Buffer, p: number, value: number): number {
  if ((value | 0) === value) return writeInt(b, p, value);
  return writeHalves(b, p, value >>> 0, Math.floor(value / TWO_32) | 0);
}

/** Whether a bigint is a 64-bit integer. */
export function isLong(value: bigint): boolean {
  int64[0] = value;
  return int64[0] === value;
}

/** Writes a 64-bit bigint as a zig-zag varint. */
export function writeBigLong(b: Buffer, p: number, value: bigint): number {
  int64[0] = value;
  return writeHalves(b, p, halves[LOW] as number, halves[HIGH] as number);
}

function writeHalves(b: Buffer, p: number, low: number, high: number): number {
  const sign = high >> 31;
  let zLow = ((low << 1) ^ sign) >>> 0;
  let zHigh = (((high << 1) | (low >>> 31)) ^ sign) >>> 0;
  let at = p;
  while (zHigh !== 0) {
    b[at++] = zLow | 0x80;
    zLow = ((zLow >>> 7) | (zHigh << 25)) >>> 0;
    zHigh >>>= 7;
  }
  while (zLow > 0x7f) {
    b[at++] = zLow | 0x80;
    zLow >>>= 7;
  }
  b[at++] = zLow;
  return at;
}

/** Reads an int: at most five bytes, 32 bits. */
export function readInt(b: Buffer, p: number, end: number): number {
  let at = p;
  let z = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= end) throw truncated();
    const byte = b[at++] as number;
    z |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (shift === 28 && byte > 0x0f) break;
      cursor.pos = at;
      return (z >>> 1) ^ -(z & 1);
    }
  }
  throw malformed("an int of more than 32 bits");
}

/**
 * Reads a long. Answers NaN when it is beyond ±(2^53 − 1); {@link wideLong} then has it, until the
 * next read.
 */
export function readLong(b: Buffer, p: number, end: number): number {
  let at = p;
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= end) throw truncated();
    const byte = b[at++] as number;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor.pos = at;
      return (low >>> 1) ^ -(low & 1);
    }
  }
  readMiddle(b, at, end);
  const { mid, top } = cursor;
  cursor.low = low;
  const half = mid * TWO_27 + (low >>> 1);
  if (top !== 0 || mid >= TWO_26 || (half === Number.MAX_SAFE_INTEGER && (low & 1) === 1)) {
    return Number.NaN;
  }
  return (low & 1) === 0 ? half : -half - 1;
}

/** Reads a long as a bigint, over the full range. */
export function readBigLong(b: Buffer, p: number, end: number): bigint {
  let at = p;
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= end) throw truncated();
    const byte = b[at++] as number;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor.pos = at;
      const small = (low >>> 1) ^ -(low & 1);
      halves[LOW] = small;
      halves[HIGH] = small >> 31;
      return int64[0] as bigint;
    }
  }
  readMiddle(b, at, end);
  cursor.low = low;
  return wideLong();
}

/** The long that was read last, when it took more than four bytes. */
export function wideLong(): bigint {
  const { low, mid, top } = cursor;
  const zLow = low | (mid << 28);
  const zHigh = (mid >>> 4) | (top << 24);
  const sign = -(low & 1);
  halves[LOW] = ((zLow >>> 1) | (zHigh << 31)) ^ sign;
  halves[HIGH] = (zHigh >>> 1) ^ sign;
  return int64[0] as bigint;
}

/** Bits 28 to 63 of a long: `mid` has 28 of them, `top` the last 8. */
function readMiddle(b: Buffer, p: number, end: number): void {
  let at = p;
  let mid = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= end) throw truncated();
    const byte = b[at++] as number;
    mid |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor.pos = at;
      cursor.mid = mid;
      cursor.top = 0;
      return;
    }
  }
  readTop(b, at, end);
  cursor.mid = mid;
}

function readTop(b: Buffer, p: number, end: number): void {
  if (p >= end) throw truncated();
  const ninth = b[p] as number;
  if (ninth < 0x80) {
    cursor.top = ninth;
    cursor.pos = p + 1;
    return;
  }
  if (p + 1 >= end) throw truncated();
  const tenth = b[p + 1] as number;
  if (tenth > 1) throw malformed("a long of more than 64 bits");
  cursor.top = (ninth & 0x7f) | (tenth << 7);
  cursor.pos = p + 2;
}
