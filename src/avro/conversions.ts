/**
 * Logical values: text, dates and objects to what the base type holds, and back.
 *
 * Invariants: a `toX` function throws a misfit for a value that the type cannot hold exactly (nothing
 * is rounded or cut); a `fromX` function throws for a datum that the JavaScript type cannot hold.
 */
import { formatDate, formatLocal, parseDate, parseLocal } from "./calendar.ts";
import { malformed, misfit } from "./codec-fault.ts";
import { BIG_DECIMAL_DIGITS_MAX, BIG_DECIMAL_SCALE_MAX, DECIMAL_BYTES_MAX } from "./limits.ts";
import { wideLong } from "./varint.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;
const DATE_MILLIS_MAX = 8_640_000_000_000_000;
const UINT32_MAX = 0xffff_ffff;
const LONG_MAX = 2n ** 63n - 1n;

/** A date as days since 1970-01-01. */
export function dateToDays(value: unknown): number {
  const days = typeof value === "string" ? parseDate(value) : undefined;
  if (days === undefined || (days | 0) !== days) throw misfit("a date as YYYY-MM-DD", value);
  return days;
}

/** Days since 1970-01-01 as a date. */
export function daysToDate(days: number): string {
  return formatDate(days);
}

/** Whether a value is a date, and not only an object with the prototype of dates. */
function isDate(value: unknown): value is Date {
  return value instanceof Date && Object.prototype.toString.call(value) === "[object Date]";
}

/** A `Date` as milliseconds since 1970. */
export function dateToMillis(value: unknown): number {
  const millis = isDate(value) ? value.getTime() : Number.NaN;
  if (Number.isNaN(millis)) throw misfit("a valid Date", value);
  return millis;
}

/**
 * Milliseconds since 1970 as a `Date`; NaN stands for the long beyond 2^53 that was read last.
 * Databases know instants that no `Date` holds: PostgreSQL's `infinity` arrives as such a long.
 */
export function millisToDate(millis: number): Date {
  if (!(millis <= DATE_MILLIS_MAX && millis >= -DATE_MILLIS_MAX)) {
    const found = Number.isNaN(millis) ? wideLong() : millis;
    throw malformed(
      `the instant ${found} ms, beyond the range of Date (the mapping "raw" of the field reads it as a long)`,
    );
  }
  return new Date(millis);
}

/** A local timestamp as a count of its unit since 1970. */
export function localToUnits(value: unknown, digits: 3 | 6 | 9): bigint {
  const units = typeof value === "string" ? parseLocal(value, digits) : undefined;
  if (units === undefined || units > LONG_MAX || units < -LONG_MAX - 1n) {
    throw misfit(`a local timestamp of at most ${digits} fraction digits`, value);
  }
  return units;
}

/** A count of `10^-digits` seconds since 1970 as a local timestamp. */
export function unitsToLocal(units: bigint, digits: 3 | 6 | 9): string {
  return formatLocal(units, digits);
}

/** A UUID as its text in lower case. */
export function uuidToText(value: unknown): string {
  if (typeof value !== "string" || !UUID.test(value)) throw misfit("a UUID", value);
  return value.toLowerCase();
}

/** Text of a datum as a UUID in lower case. */
export function textToUuid(text: string): string {
  if (!UUID.test(text)) throw malformed("text that is no UUID");
  return text.toLowerCase();
}

/** A UUID as its 16 bytes. */
export function uuidToBytes(value: unknown): Uint8Array {
  return Buffer.from(uuidToText(value).replaceAll("-", ""), "hex");
}

/** Sixteen bytes as a UUID. */
export function bytesToUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  const ends = [0, 8, 12, 16, 20, 32];
  return ends
    .slice(1)
    .map((end, i) => hex.slice(ends[i], end))
    .join("-");
}

/** What a duration looks like in JavaScript. */
export interface Duration {
  readonly months: number;
  readonly days: number;
  readonly millis: number;
}

/** A duration as its 12 bytes. */
export function durationToBytes(value: unknown): Uint8Array {
  const bytes = Buffer.alloc(12);
  const parts = (value ?? {}) as Record<string, unknown>;
  for (const [i, name] of ["months", "days", "millis"].entries()) {
    const part = parts[name];
    if (typeof part !== "number" || !(part >= 0 && part <= UINT32_MAX) || !Number.isInteger(part)) {
      throw misfit("a duration { months, days, millis } of unsigned 32-bit numbers", value);
    }
    bytes.writeUInt32LE(part, i * 4);
  }
  return bytes;
}

/** Twelve bytes as a duration. */
export function bytesToDuration(bytes: Uint8Array): Duration {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    months: view.getUint32(0, true),
    days: view.getUint32(4, true),
    millis: view.getUint32(8, true),
  };
}

/** A decimal as the bytes of its unscaled value; `size` is that of a fixed type. */
export function decimalToBytes(
  value: unknown,
  precision: number,
  scale: number,
  size?: number,
): Uint8Array {
  const unscaled = unscale(value, scale, precision);
  if (unscaled === undefined) {
    throw misfit(`a decimal of at most ${precision} digits, ${scale} after the point`, value);
  }
  return integerToBytes(unscaled, size);
}

/** The bytes of an unscaled value as a decimal with exactly `scale` fraction digits. */
export function bytesToDecimal(bytes: Uint8Array, scale: number): string {
  return scaleText(bytesToInteger(bytes), scale);
}

/** A decimal of any scale as the bytes of Avro's big-decimal: unscaled bytes, then the scale. */
export function bigDecimalParts(value: unknown): { unscaled: Uint8Array; scale: number } {
  const text = typeof value === "bigint" ? String(value) : value;
  const match = typeof text === "string" ? DECIMAL.exec(text) : null;
  const scale = match?.[3]?.length ?? 0;
  const unscaled = match === null ? undefined : unscale(text, scale, BIG_DECIMAL_DIGITS_MAX);
  if (unscaled === undefined || scale > BIG_DECIMAL_SCALE_MAX) {
    throw misfit("a decimal number", value);
  }
  return { unscaled: integerToBytes(unscaled), scale };
}

/** Avro's big-decimal as text; its fraction digits are kept. */
export function bigDecimalText(unscaled: Uint8Array, scale: number): string {
  if (scale < 0 || scale > BIG_DECIMAL_SCALE_MAX) throw malformed(`the decimal scale ${scale}`);
  return scaleText(bytesToInteger(unscaled), scale);
}

/** The unscaled integer, or `undefined` when the value does not fit. */
function unscale(value: unknown, scale: number, digitsMax: number): bigint | undefined {
  const text = typeof value === "bigint" ? String(value) : value;
  const match = typeof text === "string" ? DECIMAL.exec(text) : null;
  if (match === null) return undefined;
  const [, sign, whole, fraction = ""] = match as unknown as [string, string, string, string?];
  const significant = fraction.slice(scale).replaceAll("0", "") === "" ? fraction : undefined;
  if (significant === undefined) return undefined;
  const digits = `${whole}${significant.slice(0, scale).padEnd(scale, "0")}`.replace(/^0+/, "");
  if (digits.length > digitsMax) return undefined;
  const size = BigInt(digits === "" ? "0" : digits);
  return sign === "-" ? -size : size;
}

function scaleText(value: bigint, scale: number): string {
  const negative = value < 0n;
  const digits = String(negative ? -value : value).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`;
  return negative ? `-${text}` : text;
}

/** Two's complement, big-endian: the fewest bytes, or `size` with the sign filled in front. */
export function integerToBytes(value: bigint, size?: number): Uint8Array {
  const magnitude = value < 0n ? ~value : value;
  const bits = magnitude === 0n ? 1 : bitLength(magnitude) + 1;
  const length = size ?? Math.ceil(bits / 8);
  const digits = BigInt.asUintN(length * 8, value).toString(16);
  return length === 0
    ? new Uint8Array()
    : new Uint8Array(Buffer.from(digits.padStart(length * 2, "0"), "hex"));
}

function bitLength(magnitude: bigint): number {
  const digits = magnitude.toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits.slice(0, 1), 16)) + 28;
}

/** Two's complement, big-endian; no bytes are zero. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  if (bytes.length > DECIMAL_BYTES_MAX) throw malformed(`a decimal of ${bytes.length} bytes`);
  const size = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return BigInt.asIntN(bytes.length * 8, size);
}
