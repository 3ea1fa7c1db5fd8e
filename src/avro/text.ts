/**
 * Text on the wire: short ASCII by hand, because a call into the runtime costs more than the walk;
 * everything else through the runtime's UTF-8.
 *
 * Invariants:
 * - Written text is always valid UTF-8; a lone surrogate becomes U+FFFD.
 * - Nothing is written behind the returned position.
 * - Malformed bytes read as U+FFFD, as many of them as Java's decoder makes.
 */
import { bufferText } from "./buffer-text.ts";
import { evalAllowed } from "./eval-allowed.ts";
import { writeInt } from "./varint.ts";

/** The longest text that is written character by character; measured on Node 20. */
const WRITE_BY_HAND_MAX = 24;
/** The longest text that is read byte by byte; measured on Node 20. */
const READ_BY_HAND_MAX = 24;
/** A UTF-16 unit takes at most three bytes. */
const UNIT_BYTES_MAX = 3;
const LENGTH_BYTES_MAX = 5;

/** Writes a string with its length in front; returns the position after it. */
export function writeString(b: Buffer, p: number, value: string): number {
  const units = value.length;
  if (units <= WRITE_BY_HAND_MAX && p + 1 + units <= b.length) {
    let at = p + 1;
    for (let i = 0; i < units; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return writeAnyString(b, p, value);
      b[at++] = unit;
    }
    b[p] = units << 1;
    return at;
  }
  return writeAnyString(b, p, value);
}

function writeAnyString(b: Buffer, p: number, value: string): number {
  if (p + LENGTH_BYTES_MAX + value.length * UNIT_BYTES_MAX > b.length) {
    return writeTightString(b, p, value);
  }
  const guess = lengthBytes(value.length);
  const size = bufferText.writeUtf8(b, value, p + guess, value.length * UNIT_BYTES_MAX);
  const needed = lengthBytes(size);
  if (needed !== guess) b.copyWithin(p + needed, p + guess, p + guess + size);
  writeInt(b, p, size);
  return p + needed + size;
}

/** Near the end of the buffer the exact size is worth counting. */
function writeTightString(b: Buffer, p: number, value: string): number {
  const size = Buffer.byteLength(value);
  const at = p + lengthBytes(size);
  if (at + size <= b.length) {
    writeInt(b, p, size);
    if (size > 0) bufferText.writeUtf8(b, value, at, size);
  }
  return at + size;
}

function lengthBytes(size: number): number {
  if (size < 0x40) return 1;
  if (size < 0x2000) return 2;
  if (size < 0x100000) return 3;
  return size < 0x8000000 ? 4 : 5;
}

type AsciiReader = (b: Buffer, start: number, length: number) => string;

/** One call with all characters makes a flat string at once, which no loop does. */
function makeAsciiReader(): AsciiReader {
  if (!evalAllowed()) return (b, start, length) => bufferText.readLatin1(b, start, start + length);
  const cases = Array.from({ length: READ_BY_HAND_MAX }, (_, last) => {
    const units = Array.from({ length: last + 1 }, (_unused, i) => `b[p+${i}]`);
    return `case ${last + 1}: return f(${units.join(",")});`;
  });
  const body = `switch (n) { ${cases.join("")} default: return ""; }`;
  const make = new Function("f", `return function readAscii(b, p, n) { ${body} }`);
  return make(String.fromCharCode) as AsciiReader;
}

const readAscii = makeAsciiReader();

/** The text of `length` bytes. */
export function readText(b: Buffer, start: number, length: number): string {
  if (length > READ_BY_HAND_MAX) return readLongText(b, start, length);
  let bits = 0;
  for (let i = start; i < start + length; i++) bits |= b[i] as number;
  return bits > 0x7f ? readLongText(b, start, length) : readAscii(b, start, length);
}

function readLongText(b: Buffer, start: number, length: number): string {
  const text = bufferText.readUtf8(b, start, start + length);
  return text.includes("\ufffd") ? readReplaced(b, start, start + length) : text;
}

/** Java replaces an encoded surrogate (ED A0..BF xx) once, where others count its three bytes. */
function readReplaced(b: Buffer, start: number, end: number): string {
  let text = "";
  let from = start;
  for (let at = start; at + 2 < end; at++) {
    if (b[at] === 0xed && isContinuation(b[at + 1], 0xa0) && isContinuation(b[at + 2], 0x80)) {
      text += `${bufferText.readUtf8(b, from, at)}\ufffd`;
      from = at + 3;
      at += 2;
    }
  }
  return text + bufferText.readUtf8(b, from, end);
}

function isContinuation(byte: number | undefined, min: number): boolean {
  return byte !== undefined && byte >= min && byte <= 0xbf;
}
