/**
 * The chain of hashes through a log: what makes a changed, missing or moved record visible.
 *
 * Invariants:
 * - The hash of a record is the SHA-256 of the hash before it and of everything that is stored of the
 *   record. Lengths stand before texts and a number never borders on another one without a space, so
 *   two different records are never the same bytes; `null` and the empty text differ.
 * - The hash before the first record is 64 zeros.
 * - A {@link Head} names the last record: whoever knows it sees that a tail is gone.
 */
import { hash } from "node:crypto";
import type { StoredRecord } from "../registry/index.ts";

/** How far a log goes. */
export interface Head {
  /** Number of records. */
  readonly records: number;
  /** Offset after the last record; 0 for an empty log. */
  readonly end: number;
  /** Hash of the last record, 64 hexadecimal digits. */
  readonly hash: string;
}

/** A record as it is stored: with its hash. */
export interface ChainedRecord extends StoredRecord {
  readonly hash: string;
}

/** The head of a log without records. */
export const EMPTY_HEAD: Head = { records: 0, end: 0, hash: "0".repeat(64) };

/** The hash of a record that follows the one with the hash `previous`. */
export function chainHash(previous: string, { offset, timestamp, key, value }: StoredRecord) {
  const keyBytes = Buffer.byteLength(key);
  const valueBytes = value === null ? "-" : Buffer.byteLength(value);
  const frame = `${previous}\n${offset} ${timestamp} ${keyBytes} ${valueBytes}\n`;
  return hash("sha256", frame + key + (value ?? ""), "hex");
}

/** The head after one record more. */
export function headAfter(head: Head, { offset, hash: own }: ChainedRecord): Head {
  return { records: head.records + 1, end: offset + 1, hash: own };
}

/** Whether two heads are the same. */
export function isSameHead(left: Head, right: Head): boolean {
  return left.records === right.records && left.end === right.end && left.hash === right.hash;
}

/** What is wrong with a record after the one that `before` names; `undefined` when nothing is. */
export function chainFault(before: Head, record: ChainedRecord): string | undefined {
  const { offset } = record;
  if (offset >= before.end && chainHash(before.hash, record) === record.hash) return undefined;
  return offset > before.end
    ? `${spanText(before.end, offset)} missing`
    : `the record at offset ${offset} does not fit its hash: it, or the one before it, is not what was written`;
}

/** What is wrong with a log that should have ended at `expected`; `undefined` when nothing is. */
export function endFault(found: Head, expected: Head): string | undefined {
  if (isSameHead(found, expected)) return undefined;
  if (found.end < expected.end) return `${spanText(found.end, expected.end)} missing at the end`;
  return found.records === expected.records
    ? `the record at offset ${expected.end - 1} is not the one that was written last`
    : `${expected.records} records should be there, and ${found.records} are`;
}

function spanText(from: number, to: number): string {
  return to - from === 1 ? `the record at offset ${from} is` : `records ${from} to ${to - 1} are`;
}
