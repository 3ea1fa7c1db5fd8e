/**
 * `registry.sqlite-head`: how far the log went, in a small file of its own, because the newest
 * records and the file's own count of them lie in the write-ahead log and are lost together with it.
 *
 * Invariants:
 * - It is written after the commit, so it never names a record that may not be there: a head that the
 *   database does not reach means that records were lost.
 * - It is written in place, without a sync: after a power cut (not after a kill) it may name an older
 *   head. It is a lower bound.
 * - Who closes the file so that it needs no write-ahead log says `closed` here, whoever takes it into
 *   use again takes that back: a file in use beside a head that is closed has lost its log.
 * - It carries a checksum: half a write, or a damaged one, is unreadable and never another head.
 */
import { hash } from "node:crypto";
import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Head } from "./chain.ts";

/** All lines have one length, so that a new one covers the old one. */
const LINE_BYTES = 192;
const LINE =
  /^(typewire head 1 (\d{1,16}) (\d{1,16}) ([0-9a-f]{64})( closed)?) ([0-9a-f]{16}) *\n$/;
/** Another process may be writing. */
const READS = 5;

/** What the file says; `absent` or `unreadable` when it says nothing. */
export type HeadFound = FoundHead | "absent" | "unreadable";

/** A head, and whether the file was closed with it. */
export interface FoundHead extends Head {
  readonly isClosed: boolean;
}

/**
 * Reads the file.
 *
 * @throws the system's error when it is there and can't be read
 */
export function readHeadFile(path: string): HeadFound {
  for (let reads = 0; reads < READS; reads++) {
    const text = readText(path);
    if (text === undefined) return "absent";
    const [, body = "", records, end, last = "", closed, sum] = LINE.exec(text) ?? [];
    if (sum !== sumOf(body)) continue;
    const isClosed = closed !== undefined;
    return { records: Number(records), end: Number(end), hash: last, isClosed };
  }
  return "unreadable";
}

/** The file, open for writing. */
export interface HeadFile {
  /** Names a head, of a file that is in use or closed. Not synced. */
  write(head: Head, state?: "in-use" | "closed"): void;
  close(): void;
}

/**
 * Opens the file; one that is absent is made, and is on disk with what `head` says. What it said is
 * for {@link readHeadFile}, before.
 *
 * @throws the system's error
 */
export function openHeadFile(path: string, head: Head): HeadFile {
  // Never a new file for an old one: another process may have it open, and goes on writing to it.
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  const write: HeadFile["write"] = (next, state = "in-use") => {
    writeSync(file, lineOf(next, state), 0, "latin1");
  };
  try {
    write(head);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return { write, close: () => closeSync(file) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function lineOf({ records, end, hash: last }: Head, state: "in-use" | "closed"): string {
  const body = `typewire head 1 ${records} ${end} ${last}${state === "closed" ? " closed" : ""}`;
  return `${`${body} ${sumOf(body)}`.padEnd(LINE_BYTES - 1)}\n`;
}

function sumOf(body: string): string {
  return hash("sha256", body, "hex").slice(0, 16);
}
