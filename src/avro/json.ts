/**
 * Reading JSON without loss.
 *
 * Invariants:
 * - The source text of every number is kept (`1.0`, `1e3`, integers past 2^53), and so is the order
 *   of members. A repeated member keeps its first place and its last value, as in Java.
 * - What Java's parser accepts is accepted: RFC 8259 plus comments between tokens; lone surrogates.
 *   What it refuses is refused: trailing text (even a comment), numbers of more than 1,000
 *   characters, nesting deeper than 1,000 levels.
 * - Every position is visited a bounded number of times; there are no regular expressions here.
 */

import { avroErrors } from "./errors.ts";
import type { Json, JsonObject } from "./model.ts";
import { JsonNumber } from "./model.ts";

/** Deepest nesting of arrays and objects that is read. */
export const JSON_DEPTH_MAX = 1000;
const NUMBER_CHARS_MAX = 1000;
const FOUND_CHARS_MAX = 24;

/** How {@link parseJson} reads. */
export interface JsonOptions {
  /** What to do with a member that appears twice. Default `"last-wins"`. */
  readonly duplicateKeys?: "last-wins" | "reject";
}

/**
 * Reads one JSON document.
 *
 * @throws AVRO_JSON_INVALID with `offset`, `line` and `column` (from 1) in its details
 * @throws AVRO_JSON_TOO_DEEP
 */
export function parseJson(text: string, options: JsonOptions = {}): Json {
  return new JsonReader(text, options.duplicateKeys === "reject").document();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const STAR = 0x2a;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

class JsonReader {
  readonly #text: string;
  readonly #rejectDuplicates: boolean;
  #pos = 0;
  #depth = 0;

  constructor(text: string, rejectDuplicates: boolean) {
    this.#text = text;
    this.#rejectDuplicates = rejectDuplicates;
  }

  document(): Json {
    const value = this.#value();
    for (let at = this.#pos; at < this.#text.length; at++) {
      if (this.#text.charCodeAt(at) > 0x20) {
        this.#fail("text after the end of the document", "nothing", at);
      }
    }
    return value;
  }

  #value(): Json {
    const unit = this.#token();
    if (unit === QUOTE) return this.#string();
    if (unit === OPEN_BRACE) return this.#object();
    if (unit === OPEN_BRACKET) return this.#array();
    if (unit === MINUS || isDigit(unit)) return this.#number();
    if (unit === 0x74) return this.#literal("true", true);
    if (unit === 0x66) return this.#literal("false", false);
    if (unit === 0x6e) return this.#literal("null", null);
    return this.#fail("a value is missing", "a JSON value");
  }

  #object(): JsonObject {
    const members = new Map<string, Json>();
    this.#enter();
    if (this.#token() === CLOSE_BRACE) return this.#leave(members);
    for (;;) {
      if (this.#token() !== QUOTE)
        this.#fail("a member name is missing", "a name in double quotes");
      const start = this.#pos;
      const key = this.#string();
      if (this.#rejectDuplicates && members.has(key)) {
        this.#fail("a repeated member", "each name once", start);
      }
      if (this.#token() !== COLON) this.#fail("no colon after a member name", '":"');
      this.#pos++;
      members.set(key, this.#value());
      const unit = this.#token();
      if (unit === CLOSE_BRACE) return this.#leave(members);
      if (unit !== COMMA) this.#fail("an object that is not closed", '"," or "}"');
      this.#pos++;
    }
  }

  #array(): readonly Json[] {
    const items: Json[] = [];
    this.#enter();
    if (this.#token() === CLOSE_BRACKET) return this.#leave(items);
    for (;;) {
      items.push(this.#value());
      const unit = this.#token();
      if (unit === CLOSE_BRACKET) return this.#leave(items);
      if (unit !== COMMA) this.#fail("an array that is not closed", '"," or "]"');
      this.#pos++;
    }
  }

  #enter(): void {
    this.#pos++;
    if (++this.#depth > JSON_DEPTH_MAX) {
      throw avroErrors.create("AVRO_JSON_TOO_DEEP", { limit: JSON_DEPTH_MAX, offset: this.#pos });
    }
  }

  #leave<T>(value: T): T {
    this.#pos++;
    this.#depth--;
    return value;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#pos + 1;
    for (let at = start; ; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.#pos = at + 1;
        return text.slice(start, at);
      }
      if (unit === BACKSLASH) return this.#escapedString(start, at);
      if (!(unit >= 0x20)) this.#failInString(at);
    }
  }

  #escapedString(start: number, firstEscape: number): string {
    const text = this.#text;
    let out = text.slice(start, firstEscape);
    let at = firstEscape;
    for (let copied = firstEscape; ; ) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.#pos = at + 1;
        return out + text.slice(copied, at);
      }
      if (unit === BACKSLASH) {
        out += text.slice(copied, at) + this.#escape(at + 1);
        at += text.charCodeAt(at + 1) === 0x75 ? 6 : 2;
        copied = at;
      } else if (unit >= 0x20) {
        at++;
      } else {
        this.#failInString(at);
      }
    }
  }

  #escape(at: number): string {
    switch (this.#text.charAt(at)) {
      case '"':
        return '"';
      case "\\":
        return "\\";
      case "/":
        return "/";
      case "b":
        return "\b";
      case "f":
        return "\f";
      case "n":
        return "\n";
      case "r":
        return "\r";
      case "t":
        return "\t";
      case "u":
        return String.fromCharCode(this.#hex4(at + 1));
      default:
        return this.#fail(
          "an unknown escape",
          'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000',
          at - 1,
        );
    }
  }

  #hex4(start: number): number {
    let value = 0;
    for (let at = start; at < start + 4; at++) {
      const digit = hexDigit(this.#text.charCodeAt(at));
      if (digit < 0) this.#fail("an incomplete \\u escape", "four hexadecimal digits", at);
      value = value * 16 + digit;
    }
    return value;
  }

  #number(): JsonNumber {
    const start = this.#pos;
    if (this.#text.charCodeAt(this.#pos) === MINUS) this.#pos++;
    if (this.#text.charCodeAt(this.#pos) === 0x30) this.#pos++;
    else this.#digits();
    if (this.#text.charCodeAt(this.#pos) === DOT) {
      this.#pos++;
      this.#digits();
    }
    const exponent = this.#text.charCodeAt(this.#pos);
    if (exponent === 0x65 || exponent === 0x45) {
      this.#pos++;
      const sign = this.#text.charCodeAt(this.#pos);
      if (sign === PLUS || sign === MINUS) this.#pos++;
      this.#digits();
    }
    if (isWordUnit(this.#text.charCodeAt(this.#pos))) {
      this.#fail("a malformed number", "a number as in 0, -1.5 or 2e3", start);
    }
    if (this.#pos - start > NUMBER_CHARS_MAX) {
      this.#fail("a number that is too long", `at most ${NUMBER_CHARS_MAX} characters`, start);
    }
    return new JsonNumber(this.#text.slice(start, this.#pos));
  }

  #digits(): void {
    const start = this.#pos;
    while (isDigit(this.#text.charCodeAt(this.#pos))) this.#pos++;
    if (this.#pos === start) this.#fail("an incomplete number", "a digit");
  }

  #literal<T>(word: string, value: T): T {
    const end = this.#pos + word.length;
    if (!this.#text.startsWith(word, this.#pos) || isWordUnit(this.#text.charCodeAt(end))) {
      this.#fail("an unknown word", "true, false, null, or text in double quotes");
    }
    this.#pos = end;
    return value;
  }

  /** Skips white space and comments; the code unit of the next token, NaN at the end. */
  #token(): number {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#pos);
      if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) this.#pos++;
      else if (unit === SLASH) this.#comment();
      else return unit;
    }
  }

  #comment(): void {
    const next = this.#text.charCodeAt(this.#pos + 1);
    if (next === SLASH) {
      let at = this.#pos + 2;
      while (at < this.#text.length && !isLineEnd(this.#text.charCodeAt(at))) at++;
      this.#pos = at;
    } else if (next === STAR) {
      const end = this.#text.indexOf("*/", this.#pos + 2);
      if (end < 0) this.#fail("a comment that is not closed", '"*/" at its end');
      this.#pos = end + 2;
    } else {
      this.#fail("a lone slash", "a JSON value or a comment");
    }
  }

  #failInString(at: number): never {
    if (at >= this.#text.length) this.#fail("a string that is not closed", "a closing quote", at);
    this.#fail("a control character in a string", "an escape such as \\n", at);
  }

  #fail(problem: string, expected: string, offset = this.#pos): never {
    const { line, column } = positionAt(this.#text, offset);
    const found =
      offset < this.#text.length
        ? this.#text.slice(offset, offset + FOUND_CHARS_MAX)
        : "the end of the text";
    const details = { problem, expected, found, offset, line, column };
    throw avroErrors.create("AVRO_JSON_INVALID", details);
  }
}

/** Line and column, both from 1 and in UTF-16 units, of an offset in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isLineEnd(unit: number): boolean {
  return unit === 0x0a || unit === 0x0d;
}

/** Letters, digits, `.`, `_`, `+`, `-`: what may not follow a literal or a number directly. */
function isWordUnit(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    isDigit(unit) ||
    unit === 0x5f ||
    unit === DOT ||
    unit === PLUS ||
    unit === MINUS
  );
}

function hexDigit(unit: number): number {
  if (isDigit(unit)) return unit - 0x30;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
