/**
 * `typewire.lock.json`: which version of each subject the code was generated from. It is sorted and
 * holds nothing that differs from machine to machine, so it is committed beside the code.
 */

import { createHash } from "node:crypto";
import { fingerprintHex } from "../src/avro/index.ts";
import { byUnits, reasonOf } from "../src/base/index.ts";
import { codegenErrors } from "./errors.ts";
import type { ParsedSchema } from "./generate.ts";
import type { Reference } from "./subjects.ts";
import { withoutMark } from "./text.ts";

/** The name of the lock file; it lies beside `typewire.json`. */
export const LOCK_FILE = "typewire.lock.json";

/** One pinned schema. */
export interface LockEntry {
  readonly subject: string;
  /** Absent when the schema came from a file and no registry was asked yet. */
  readonly version?: number;
  readonly id?: number;
  /** CRC-64-AVRO of the Parsing Canonical Form. */
  readonly fingerprint: string;
  /** SHA-256 of the schema's text: tells texts apart that differ only in documentation. */
  readonly sha256: string;
  readonly references?: readonly Reference[];
  /** True for the version that topics use; absent for one that only other schemas refer to. */
  readonly root?: boolean;
}

const FORMAT = 1;

/** The entries of a lock file's text; none when there is no file yet. */
export function parseLock(text: string | undefined, file: string = LOCK_FILE): LockEntry[] {
  if (text === undefined) return [];
  const invalid = (reason: string, cause?: unknown): Error =>
    codegenErrors.create("CODEGEN_LOCK_INVALID", { file, reason }, cause);
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(text));
  } catch (error) {
    throw invalid(reasonOf(error), error);
  }
  const { format, schemas } = (value ?? {}) as { format?: unknown; schemas?: unknown };
  if (format !== FORMAT) throw invalid(`its format is ${JSON.stringify(format)}, not ${FORMAT}`);
  if (!Array.isArray(schemas) || !schemas.every(isEntry)) throw invalid("its entries are damaged");
  return schemas;
}

function isEntry(value: unknown): value is LockEntry {
  const entry = (value ?? {}) as Partial<Record<keyof LockEntry, unknown>>;
  const isNumber = (number: unknown): boolean =>
    number === undefined || Number.isSafeInteger(number);
  return (
    typeof entry.subject === "string" &&
    typeof entry.fingerprint === "string" &&
    typeof entry.sha256 === "string" &&
    isNumber(entry.version) &&
    isNumber(entry.id) &&
    (entry.references === undefined || Array.isArray(entry.references))
  );
}

/** The text of a lock file. */
export function printLock(entries: readonly LockEntry[]): string {
  return `${JSON.stringify({ format: FORMAT, schemas: entries }, undefined, 2)}\n`;
}

/**
 * The entries that pin schemas, sorted by subject and version. A schema from a file keeps the
 * version and the id of its old entry as long as its text is the same.
 */
export function lockEntries(
  parsed: readonly ParsedSchema[],
  old: readonly LockEntry[],
): LockEntry[] {
  const known = new Map(old.map((entry) => [`${entry.subject}\n${entry.sha256}`, entry]));
  const entries = parsed.map(({ source, root, text, isRoot }) => {
    const sha256 = createHash("sha256").update(text).digest("hex");
    const before = known.get(`${source.subject}\n${sha256}`);
    const { version, id } = source.version === undefined ? (before ?? source) : source;
    return {
      subject: source.subject,
      ...(version === undefined ? {} : { version }),
      ...(id === undefined ? {} : { id }),
      fingerprint: fingerprintHex(root),
      sha256,
      ...(source.references.length === 0 ? {} : { references: source.references }),
      ...(isRoot ? { root: true } : {}),
    };
  });
  return entries.sort(
    (a, b) => byUnits(a.subject, b.subject) || (a.version ?? 0) - (b.version ?? 0),
  );
}

/** A lock file's text without what differs from registry to registry: versions and ids. */
export function withoutNumbers(text: string): string {
  const entries = parseLock(text).map(({ version: _, id: __, ...entry }) => entry);
  return printLock(entries);
}
