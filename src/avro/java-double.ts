/** Text as a number, as Java's `Double.parseDouble` reads it (without hexadecimal forms). */

import { javaDouble } from "./json-print.ts";
import type { Json } from "./model.ts";
import { JsonNumber } from "./model.ts";

const CHARS_MAX = 400;

/**
 * The JSON that Java keeps for the text of a float or double default: a number, or for NaN and the
 * infinities their names as text; `undefined` for what is no number.
 */
export function parseJavaDouble(text: string): Json | undefined {
  const trimmed = text.length > CHARS_MAX ? "" : text.trim();
  const special = /^([+-]?)(NaN|Infinity)$/.exec(trimmed);
  if (special !== null) {
    return special[1] === "-" && special[2] === "Infinity" ? "-Infinity" : special[2];
  }
  if (!/^[+-]?(?:\d+\.?|(?=\.\d))\d*(?:\.\d*)?(?:[eE][+-]?\d+)?[fFdD]?$/.test(trimmed))
    return undefined;
  const value = Number(trimmed.replace(/[fFdD]$/, ""));
  if (Number.isNaN(value)) return undefined;
  return Number.isFinite(value) ? new JsonNumber(javaDouble(value)) : String(value);
}
