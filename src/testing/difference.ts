/** Where two values differ first, in words. */
import { isDeepStrictEqual } from "node:util";
import { show } from "../base/index.ts";

/**
 * The first difference, as `payments: 2 entries instead of 1`; undefined when there is none.
 *
 * @param path how the value is called
 */
export function differenceOf(found: unknown, wanted: unknown, path: string): string | undefined {
  if (isDeepStrictEqual(found, wanted)) return undefined;
  const [one, other] = [partsOf(found), partsOf(wanted)];
  if (one === undefined || other === undefined || !isSameKind(found, wanted)) {
    return `${path}: ${shown(found)} instead of ${shown(wanted)}`;
  }
  if (hasOrder(found) && one.size !== other.size) {
    return `${path}: ${entries(one.size)} instead of ${other.size}`;
  }
  for (const key of new Set([...other.keys(), ...one.keys()])) {
    const inner = path === "" || path === ROOT ? String(key) : `${path}.${String(key)}`;
    if (!one.has(key)) return `${inner}: missing`;
    if (!other.has(key)) return `${inner}: ${shown(one.get(key))}, which should not be there`;
    const deeper = differenceOf(one.get(key), other.get(key), inner);
    if (deeper !== undefined) return deeper;
  }
  return `${path}: ${shown(found)} instead of ${shown(wanted)}`;
}

/** How a world as a whole is called. */
export const ROOT = "the world";

function partsOf(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  if (value instanceof Set) return new Map([...value].map((item, i) => [i, item]));
  if (Array.isArray(value)) return new Map(value.map((item, i) => [i, item]));
  const isPlain = typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
  return isPlain && !(value instanceof Date) ? new Map(Object.entries(value)) : undefined;
}

function hasOrder(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set;
}

function isSameKind(one: unknown, other: unknown): boolean {
  return Object.getPrototypeOf(one) === Object.getPrototypeOf(other);
}

function entries(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}

function shown(value: unknown): string {
  if (value instanceof Map || value instanceof Set) return show([...value]);
  return typeof value === "string" ? `"${show(value)}"` : show(value);
}
