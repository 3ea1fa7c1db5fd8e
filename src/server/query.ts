/**
 * Query parameters and numeric path segments, read as JAX-RS does: a boolean is true only when it
 * says so in any case; a malformed number is a 404; of a repeated parameter the first counts; an
 * empty number counts as absent.
 */
import type { QueryKind } from "../api/index.ts";
import { notFound } from "./http-error.ts";

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

/** Raw parameters as the framework splits them. */
export type RawQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The parameters of a route that the request has, by their kinds. */
export function readQuery(
  kinds: Readonly<Record<string, QueryKind>> | undefined,
  raw: RawQuery,
): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  if (kinds === undefined || !hasMembers(raw)) return query;
  for (const name of Object.keys(kinds)) {
    const value = raw[name];
    const kind = kinds[name];
    if (value === undefined || kind === undefined) continue;
    const parsed = readValue(kind, value);
    if (parsed !== undefined) query[name] = parsed;
  }
  return query;
}

function hasMembers(raw: RawQuery): boolean {
  for (const _name in raw) return true;
  return false;
}

function readValue(kind: QueryKind, value: string | readonly string[]): unknown {
  if (kind === "strings") return typeof value === "string" ? [value] : value;
  const first = typeof value === "string" ? value : (value[0] ?? "");
  switch (kind) {
    case "string":
      return first;
    case "boolean":
      return first.toLowerCase() === "true";
    case "integer":
      return first.trim() === "" ? undefined : readInt32(first);
  }
}

/** A 32-bit signed decimal. @throws 404 for anything else. */
export function readInt32(text: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= INT32_MIN && value <= INT32_MAX) return value;
  throw notFound();
}
