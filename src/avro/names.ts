/**
 * Names: what is valid, and how a name and a namespace make a full name.
 *
 * Invariants: a dot in a name makes it a full name and the namespace beside it is ignored; a leading
 * dot is dropped (as Java does); `""` is the null namespace.
 */
import type { Name, PrimitiveKind } from "./model.ts";

/**
 * Which names are valid: the specification's; letters of any script (Java's default), of namespaces
 * and aliases nothing; or all.
 */
export type NameRule = "ascii" | "unicode" | "any";

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveKind>([
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
]);

const TYPE_NAMES: ReadonlySet<string> = new Set([
  ...PRIMITIVES,
  "record",
  "enum",
  "array",
  "map",
  "union",
  "fixed",
]);

/** Whether a text names a primitive type. */
export function isPrimitiveName(text: string): text is PrimitiveKind {
  return PRIMITIVES.has(text);
}

/** Whether a text is the name of a primitive or complex type. */
export function isTypeName(text: string): boolean {
  return TYPE_NAMES.has(text);
}

/** Splits a name as it is written in a type's definition. */
export function makeName(text: string, namespace: string): Name {
  const dot = text.lastIndexOf(".");
  const name = dot < 0 ? text : text.slice(dot + 1);
  const space = dot < 0 ? namespace : text.slice(0, dot);
  return { name, namespace: space, fullName: space === "" ? name : `${space}.${name}` };
}

/** Whether one part of a name is valid under a rule. */
export function isValidNamePart(part: string, rule: NameRule): boolean {
  if (rule === "any") return true;
  if (part === "") return false;
  for (let at = 0; at < part.length; at++) {
    const unit = part.charCodeAt(at);
    const isLetter = (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a);
    if (isLetter || unit === 0x5f) continue;
    if (at > 0 && unit >= 0x30 && unit <= 0x39) continue;
    if (rule === "ascii" || unit < 0x80) return false;
    if (!(at === 0 ? /^\p{L}$/u : /^[\p{L}\p{Nd}]$/u).test(part.charAt(at))) return false;
  }
  return true;
}

/** What to write instead of an invalid name. */
export function nameExpectation(rule: NameRule): string {
  return rule === "ascii"
    ? "a letter A-Z, a-z or _, then letters, digits or _"
    : "a letter or _, then letters, digits or _";
}
