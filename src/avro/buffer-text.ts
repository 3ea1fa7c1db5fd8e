/**
 * Text in buffers by the calls behind `toString` and `write`, which are faster, which every Node so far
 * has, and which are not documented.
 *
 * Invariant: where one of them is gone, or does something else, the documented calls step in with the
 * same results.
 */

/** Reading and writing text at positions that the caller has checked. */
export interface BufferText {
  /** Writes as much as fits into `room` bytes, whole characters only; returns the bytes written. */
  writeUtf8(b: Buffer, text: string, at: number, room: number): number;
  readUtf8(b: Buffer, start: number, end: number): string;
  readLatin1(b: Buffer, start: number, end: number): string;
}

interface Undocumented {
  utf8Write(text: string, offset: number, length: number): number;
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

const undocumented = (b: Buffer): Undocumented => b as unknown as Undocumented;

/** By the calls that have no documentation. */
export const directText: BufferText = {
  writeUtf8: (b, text, at, room) => undocumented(b).utf8Write(text, at, room),
  readUtf8: (b, start, end) => undocumented(b).utf8Slice(start, end),
  readLatin1: (b, start, end) => undocumented(b).latin1Slice(start, end),
};

/** By the calls that have one. */
export const documentedText: BufferText = {
  writeUtf8: (b, text, at, room) => b.write(text, at, room, "utf8"),
  readUtf8: (b, start, end) => b.toString("utf8", start, end),
  readLatin1: (b, start, end) => b.toString("latin1", start, end),
};

/** One, two, three and four bytes, and half a surrogate pair. */
const PROBE = "aé€😀\ud800";
const PROBE_BYTES = 13;

/** The direct calls where they do what the documented ones do. */
export function chooseText(direct: BufferText): BufferText {
  try {
    const same = [PROBE_BYTES, PROBE_BYTES - 1].every((room) => {
      return trial(direct, room) === trial(documentedText, room);
    });
    return same ? direct : documentedText;
  } catch {
    return documentedText;
  }
}

function trial(text: BufferText, room: number): string {
  const b = Buffer.alloc(PROBE_BYTES + 2);
  const size = text.writeUtf8(b, PROBE, 1, room);
  const end = 1 + size;
  return `${size} ${b.toString("hex")} ${text.readUtf8(b, 1, end)} ${text.readLatin1(b, 1, end)}`;
}

/** What this Node has. */
export const bufferText: BufferText = chooseText(directText);
