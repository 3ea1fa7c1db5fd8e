/**
 * Untrusted text in generated code.
 *
 * Invariant: text of a schema enters as a string literal, as the name of a property or as the inside
 * of a comment, and only through these functions; none of them lets it end the literal or comment early.
 */
import { printable } from "../src/base/index.ts";

/**
 * Text as a string literal that cannot end early: JSON's escapes, and also for line separators,
 * control and direction characters. Takes the quotes that need fewer escapes, as formatters do.
 */
export function literal(text: string): string {
  const singles = count(text, "'");
  const quote = count(text, '"') > singles ? "'" : '"';
  if (isPlain(text) && !text.includes("\\")) {
    return `${quote}${text.replaceAll(quote, `\\${quote}`)}${quote}`;
  }
  const inside = escapeInvisible(JSON.stringify(text).slice(1, -1));
  if (quote === '"') return `"${inside}"`;
  // A quote always follows an odd number of backslashes here, of which the last is its own.
  return `'${inside.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Whether text is printable ASCII only. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}

/** A property name: as it is when it is an identifier, else as a string literal. */
export function propertyName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : literal(name);
}

/** A property of an object literal; `__proto__` is computed, so that it becomes a property. */
export function literalPropertyName(name: string): string {
  return name === "__proto__" ? '["__proto__"]' : propertyName(name);
}

/**
 * Untrusted text as the inside of a comment, split into lines: it cannot end the comment, hide in
 * it by direction characters, or give orders to the compiler.
 */
export function commentLines(text: string): string[] {
  if (isPlain(text) && !/\*\/|@ts-/i.test(text)) return [text.trim()];
  const safe = text
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, "\n")
    .replace(/\t/g, "  ")
    .replace(/\*\//g, "*\\/")
    .replace(/@(?=ts-)/gi, "\\@");
  return safe
    .trim()
    .split("\n")
    .map((part) => escapeInvisible(part).trimEnd());
}

function escapeInvisible(text: string): string {
  return isPlain(text) ? text : printable(text);
}

/** Text of a file without the byte order mark that some editors put before it. */
export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
