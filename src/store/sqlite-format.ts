/**
 * What is in the registry's SQLite file.
 *
 * Invariants:
 * - The file says what it is (`application_id`) and which format it has (`user_version`); a file that
 *   is something else is left alone.
 * - Format 2: every record has the hash of the chain ({@link chainHash}), and `head` the number of
 *   records and the last hash, written in the same transaction.
 * - Format 1, of typewire 0.1.0's first builds, has no hashes. It is read as it is, and chained in one
 *   transaction when it is opened for writing. A process of that time that still has the file open
 *   can't write any more (a hash is missing), and a new one refuses the format.
 * - A file appears under its name with its format in it: nobody ever sees an empty one.
 */
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { makeFolder } from "../files/index.ts";
import type { StoredRecord } from "../registry/index.ts";
import type { Head } from "./chain.ts";
import { chainHash, EMPTY_HEAD, headAfter } from "./chain.ts";
import { registryPath } from "./data-folder.ts";
import { storeErrors } from "./errors.ts";
import type { SqliteDatabase } from "./sqlite-engine.ts";
import { openDatabase } from "./sqlite-engine.ts";

/** `twre` in ASCII. */
const APPLICATION_ID = 0x74777265;
/** The newest format that this version knows. */
export const FORMAT = 2;
const PAGE_ROWS = 1000;

const RECORDS = `
  CREATE TABLE records (
    offset INTEGER PRIMARY KEY,
    timestamp INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT,
    hash TEXT NOT NULL
  ) STRICT`;

/** `opened` and `room` are written to see whether anything can be. */
const HEAD = `
  CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    records INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    hash TEXT NOT NULL,
    opened INTEGER NOT NULL,
    room BLOB
  ) STRICT`;

/** The row of `head`. */
export const SELECT_HEAD = 'SELECT records, next_offset AS "end", hash FROM head';

/**
 * The format of an open database.
 *
 * @throws STORE_FILE_INVALID, STORE_FILE_NEWER
 */
export function formatOf(database: SqliteDatabase, file: string): 1 | 2 {
  const application = Number(database.pragma("application_id"));
  const found = Number(database.pragma("user_version"));
  const invalid = (reason: string) => storeErrors.create("STORE_FILE_INVALID", { file, reason });
  if (application === 0 && found === 0) {
    throw invalid(
      "nothing in it is a registry's: it is a copy without its -wal, or another program's",
    );
  }
  if (application !== APPLICATION_ID) throw invalid("it belongs to another program");
  if (found > FORMAT) {
    throw storeErrors.create("STORE_FILE_NEWER", { file, found, known: FORMAT });
  }
  if (found !== 1 && found !== 2) throw invalid(`it says that its format is ${found}`);
  return found;
}

/**
 * Makes the file of a new registry; answers false when another process was faster.
 *
 * @throws the system's error, or SQLite's
 */
export function createRegistryFile(folder: string): boolean {
  makeFolder(folder);
  const path = registryPath(folder);
  const temporary = `${path}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  try {
    const database = openDatabase(temporary, { timeoutMs: 0 });
    try {
      // What is not whole is thrown away, so there is nothing to roll back to.
      database.pragma("journal_mode = OFF");
      database.transaction("deferred", () => {
        database.exec(RECORDS);
        createHead(database, EMPTY_HEAD);
      });
    } finally {
      database.close();
    }
    return placeNew(temporary, path, folder);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A link fails when the name is taken; a file system without links gets a rename. */
function placeNew(temporary: string, path: string, folder: string): boolean {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    renameSync(temporary, path);
  }
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return true;
}

function createHead(database: SqliteDatabase, { records, end, hash }: Head): void {
  database.exec(HEAD);
  database
    .prepare<[number, number, string]>("INSERT INTO head VALUES (1, ?, ?, ?, 0, NULL)")
    .run(records, end, hash);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${FORMAT}`);
}

/**
 * Chains the records of a file of format 1, in one transaction.
 *
 * @throws STORE_DAMAGED when records are missing, and SQLite's errors
 */
export function upgradeFormat(database: SqliteDatabase, file: string): void {
  database.transaction("immediate", () => {
    // Another process may have done it while this one waited for the lock.
    if (formatOf(database, file) === FORMAT) return;
    chainAll(database, (gapAt) => {
      throw storeErrors.create("STORE_DAMAGED", {
        file,
        problem: `the record at offset ${gapAt} is missing`,
      });
    });
  });
  // The file itself says its format at once, so that a lost -wal is never taken for format 1.
  database.pragma("wal_checkpoint(TRUNCATE)");
}

/**
 * Writes the records as they are into a new chain; to be called in a transaction. Each gap in the
 * offsets is told: a file of format 1 never has one.
 */
export function chainAll(database: SqliteDatabase, onGap: (offset: number) => void): Head {
  database.exec("ALTER TABLE records RENAME TO records_before");
  database.exec(RECORDS);
  const page = database.prepare<[number, number], StoredRecord>(
    "SELECT offset, timestamp, key, value FROM records_before WHERE offset >= ? ORDER BY offset LIMIT ?",
  );
  const insert = database.prepare<[number, number, string, string | null, string]>(
    "INSERT INTO records VALUES (?, ?, ?, ?, ?)",
  );
  let head = EMPTY_HEAD;
  for (;;) {
    const rows = page.all(head.end, PAGE_ROWS);
    for (const row of rows) {
      if (row.offset > head.end) onGap(head.end);
      const hash = chainHash(head.hash, row);
      insert.run(row.offset, row.timestamp, row.key, row.value, hash);
      head = headAfter(head, { ...row, hash });
    }
    if (rows.length < PAGE_ROWS) break;
  }
  database.exec("DROP TABLE records_before; DROP TABLE IF EXISTS head");
  createHead(database, head);
  return head;
}
