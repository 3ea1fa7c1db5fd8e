/**
 * A registry as lines of text, and back.
 *
 * Invariants:
 * - The first line says what it is, one line follows per record, the last holds the number of
 *   records and the SHA-256 of all lines before it. Nothing is restored from a backup whose hash or
 *   number is wrong.
 * - Records keep their order and become independent of their old offsets: a record that its offset
 *   made void (Redpanda's lost races) is left out, keys get the one spelling of this registry.
 * - A restore is one append, and only into an empty log.
 */

import type { Hash } from "node:crypto";
import { createHash } from "node:crypto";
import { isObject } from "../base/index.ts";
import type { Log, LogRecord } from "../registry/index.ts";
import { portableRecords } from "../registry/index.ts";
import { storeErrors } from "./errors.ts";

const HEADER = { typewire: "backup", format: 1 };

/** The lines of a backup, each without its line break. */
export async function* writeBackup(log: Log): AsyncGenerator<string, void, undefined> {
  const hash = createHash("sha256");
  yield hashed(hash, JSON.stringify(HEADER));
  let records = 0;
  for await (const record of portableRecords(log)) {
    records++;
    yield hashed(hash, JSON.stringify([record.key, record.value]));
  }
  yield JSON.stringify({ records, sha256: hash.digest("hex") });
}

/**
 * Appends the records of a backup ({@link readBackup}) to an open, empty log; answers their number.
 *
 * @throws STORE_NOT_EMPTY, and what the log throws
 */
export async function restoreBackup(log: Log, records: readonly LogRecord[]): Promise<number> {
  await log.barrier();
  return log.transact(() => {
    if (log.end > 0) throw storeErrors.create("STORE_NOT_EMPTY", { end: log.end });
    return { records, result: records.length };
  });
}

/**
 * The records of a backup, verified.
 *
 * @throws STORE_BACKUP_INVALID
 */
export async function readBackup(
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<LogRecord[]> {
  const hash = createHash("sha256");
  const records: LogRecord[] = [];
  let number = 0;
  let footer: Footer | undefined;
  for await (const line of lines) {
    if (line === "" && footer !== undefined) continue;
    number++;
    if (footer !== undefined) throw invalid(number, "a line after the last one");
    const value = parseLine(line, number);
    if (number === 1) checkHeader(value);
    else if (isRecord(value)) records.push({ key: value[0], value: value[1] });
    else footer = footerOf(value, number);
    if (footer === undefined) hashed(hash, line);
  }
  if (footer === undefined) throw invalid(number, "the last line is missing");
  if (footer.records !== records.length || footer.sha256 !== hash.digest("hex")) {
    throw invalid(number, "the hash does not fit the lines");
  }
  return records;
}

interface Footer {
  readonly records: unknown;
  readonly sha256: unknown;
}

function hashed(hash: Hash, line: string): string {
  hash.update(line).update("\n");
  return line;
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw invalid(number, "not JSON", error);
  }
}

function checkHeader(value: unknown): void {
  if (JSON.stringify(value) !== JSON.stringify(HEADER)) {
    throw invalid(1, `the first line is not ${JSON.stringify(HEADER)}`);
  }
}

function isRecord(value: unknown): value is [string, string | null] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === "string" &&
    (typeof value[1] === "string" || value[1] === null)
  );
}

function footerOf(value: unknown, number: number): Footer {
  if (isObject(value) && "records" in value && "sha256" in value) {
    return { records: value["records"], sha256: value["sha256"] };
  }
  throw invalid(number, "neither a record nor the last line");
}

function invalid(line: number, reason: string, cause?: unknown): Error {
  return storeErrors.create("STORE_BACKUP_INVALID", { line, reason }, cause);
}
