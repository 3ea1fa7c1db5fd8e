/**
 * Writing JSON as Java (Jackson) writes it, which is what registries store and hash.
 *
 * Invariants:
 * - Strings escape only `"`, `\` and control characters (short escapes, else `\u00XX` in capitals);
 *   everything else, lone surrogates included, is written as it is.
 * - Integers keep all their digits; a number with a fraction or an exponent is printed as the double
 *   that it reads as, in the form of Java's `Double.toString` (1e3 becomes 1000.0).
 */

import { avroErrors } from "./errors.ts";
import { JSON_DEPTH_MAX } from "./json.ts";
import type { Json } from "./model.ts";
import { JsonNumber } from "./model.ts";

/** Minified JSON, numbers in Java's form. */
export function printJson(value: Json): string {
  if (value === null) return "null";
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (value instanceof JsonNumber) return javaNumber(value.text);
  if (isArray(value)) return `[${value.map(printJson).join(",")}]`;
  let out = "";
  for (const [key, member] of value) {
    out += `${out === "" ? "{" : ","}${quote(key)}:${printJson(member)}`;
  }
  return out === "" ? "{}" : `${out}}`;
}

/** JSON for people: two spaces, one member a line, numbers exactly as they were written. */
export function prettyJson(value: Json, indent = ""): string {
  if (value instanceof JsonNumber) return value.text;
  if (value === null || typeof value !== "object") return printJson(value);
  const inner = `${indent}  `;
  const parts = isArray(value)
    ? value.map((item) => prettyJson(item, inner))
    : Array.from(value, ([key, member]) => `${quote(key)}: ${prettyJson(member, inner)}`);
  const [open, close] = isArray(value) ? ["[", "]"] : ["{", "}"];
  return parts.length === 0
    ? open + close
    : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** A JSON string literal as Jackson writes it. */
export function quote(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c) return quoteEscaped(text, at);
  }
  return `"${text}"`;
}

function quoteEscaped(text: string, firstEscape: number): string {
  let out = `"${text.slice(0, firstEscape)}`;
  let copied = firstEscape;
  for (let at = firstEscape; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x20 && unit !== 0x22 && unit !== 0x5c) continue;
    out += text.slice(copied, at) + escapeUnit(unit);
    copied = at + 1;
  }
  return `${out}${text.slice(copied)}"`;
}

function escapeUnit(unit: number): string {
  switch (unit) {
    case 0x22:
      return '\\"';
    case 0x5c:
      return "\\\\";
    case 0x08:
      return "\\b";
    case 0x09:
      return "\\t";
    case 0x0a:
      return "\\n";
    case 0x0c:
      return "\\f";
    case 0x0d:
      return "\\r";
    default:
      return `\\u${unit.toString(16).toUpperCase().padStart(4, "0")}`;
  }
}

/** Whether the text of a JSON number is an integer (no fraction, no exponent). */
export function isIntegerText(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x2e || unit === 0x65 || unit === 0x45) return false;
  }
  return true;
}

/** A JSON number as Java prints it after reading it. */
export function javaNumber(text: string): string {
  if (isIntegerText(text)) return text === "-0" ? "0" : text;
  return javaDouble(Number(text));
}

/** A double in the form of Java's `Double.toString`; what is not finite becomes a JSON string. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const sign = value < 0 ? "-" : "";
  const [mantissa = "", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  if (exponent >= 7 || exponent < -3) {
    return `${sign}${digits[0]}.${digits.slice(1) || "0"}E${exponent}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/**
 * Turns plain JavaScript data into {@link Json}: numbers as `String(n)`, bigints as integers,
 * members in `Object.entries` order; members that are `undefined` are left out.
 *
 * @throws AVRO_JSON_TOO_DEEP for data nested too deeply (or that contains itself)
 * @throws AVRO_OPTION_INVALID for values that JSON does not have (functions, symbols, NaN)
 */
export function toJson(plain: unknown, depth = 0): Json {
  if (depth > JSON_DEPTH_MAX) {
    throw avroErrors.create("AVRO_JSON_TOO_DEEP", { limit: JSON_DEPTH_MAX });
  }
  if (plain === null || typeof plain === "string" || typeof plain === "boolean") return plain;
  if (plain instanceof JsonNumber) return plain;
  if (typeof plain === "bigint") return new JsonNumber(String(plain));
  if (typeof plain === "number" && Number.isFinite(plain)) return new JsonNumber(String(plain));
  if (Array.isArray(plain)) return plain.map((item) => toJson(item, depth + 1));
  if (typeof plain !== "object") throw noJson(plain, "JSON has no such value");
  const entries: Iterable<[unknown, unknown]> =
    plain instanceof Map ? plain : Object.entries(plain);
  const members = new Map<string, Json>();
  for (const [key, member] of entries) {
    if (member !== undefined) members.set(String(key), toJson(member, depth + 1));
  }
  return members;
}

/**
 * Turns {@link Json} into plain data: objects without a prototype, integers past 2^53 as bigint,
 * other numbers as the nearest double.
 *
 * @throws AVRO_JSON_TOO_DEEP for data nested too deeply (or that contains itself)
 * @throws AVRO_OPTION_INVALID for what is neither from `toJson` nor from a parsed schema
 */
export function fromJson(value: Json, depth = 0): unknown {
  if (depth > JSON_DEPTH_MAX) {
    throw avroErrors.create("AVRO_JSON_TOO_DEEP", { limit: JSON_DEPTH_MAX });
  }
  if (value instanceof JsonNumber) {
    const number = Number(value.text);
    const isExact = Number.isSafeInteger(number) || !isIntegerText(value.text);
    return isExact ? number : BigInt(value.text);
  }
  if (value === null || typeof value !== "object") return value;
  if (isArray(value)) return value.map((item) => fromJson(item, depth + 1));
  if (!((value as unknown) instanceof Map)) throw noJson(value, "give what toJson made of it");
  const members: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of value) members[key] = fromJson(member, depth + 1);
  return members;
}

function noJson(value: unknown, reason: string) {
  const shown = typeof value === "object" ? value : String(value);
  return avroErrors.create("AVRO_OPTION_INVALID", { option: "value", value: shown, reason });
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
