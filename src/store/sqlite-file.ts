/**
 * The registry's SQLite file: opening, checking, and errors in our words.
 *
 * Invariants:
 * - WAL and `synchronous=FULL`: a commit that returned survives a power cut.
 * - The file says what it is (`application_id`) and which format it has (`user_version`); a file that
 *   is something else is left alone.
 */
import { join } from "node:path";
import Database from "better-sqlite3";
import { isTypewireError } from "../errors.ts";
import { storeErrors } from "./errors.ts";
import { makeFolder } from "./make-folder.ts";

/** `twre` in ASCII. */
const APPLICATION_ID = 0x74777265;
const FORMAT = 1;
const FILE_NAME = "registry.sqlite";
/** How long opening waits for another process that is opening, too. */
const OPEN_WAIT_MS = 5000;

/** Everything is read once and kept as state: a large page cache would only be memory. */
const CACHE_KIB = 2048;
/** Pages of 4 KiB in the write-ahead log before they move to the file: fewer syncs on the way. */
const CHECKPOINT_PAGES = 4000;

const TABLE = `
  CREATE TABLE records (
    offset INTEGER PRIMARY KEY,
    timestamp INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT
  ) STRICT`;

/** How to open the file. */
export interface SqliteFileOptions {
  readonly folder: string;
  readonly access: "read-write" | "read";
  /** Largest size of the file in bytes; `undefined` for no limit. */
  readonly bytesMax: number | undefined;
}

/** An open file. */
export interface SqliteFile {
  readonly path: string;
  readonly database: Database.Database;
}

/**
 * Opens the file, and makes it when it is new.
 *
 * @throws STORE_FOLDER_UNUSABLE, STORE_FILE_INVALID, STORE_FILE_NEWER, STORE_BUSY, STORE_FAILED
 */
export function openSqliteFile({ folder, access, bytesMax }: SqliteFileOptions): SqliteFile {
  const path = join(folder, FILE_NAME);
  const database = openDatabase(folder, path, access);
  try {
    prepareFile(database, path, access);
    database.pragma(`cache_size = -${CACHE_KIB}`);
    if (bytesMax !== undefined) {
      const pageBytes = Number(database.pragma("page_size", { simple: true }));
      database.pragma(`max_page_count = ${Math.max(1, Math.floor(bytesMax / pageBytes))}`);
    }
    return { path, database };
  } catch (error) {
    database.close();
    throw storeError(path, error);
  }
}

/**
 * What SQLite finds wrong in the pages of the file; nothing when it is whole.
 *
 * @throws what {@link openSqliteFile} throws
 */
export function checkSqliteFile(folder: string): readonly string[] {
  const { database, path } = openSqliteFile({ folder, access: "read", bytesMax: undefined });
  try {
    const lines = database.prepare<[], string>("PRAGMA integrity_check").pluck().all();
    return lines.filter((line) => line !== "ok");
  } catch (error) {
    throw storeError(path, error);
  } finally {
    database.close();
  }
}

function openDatabase(folder: string, path: string, access: "read-write" | "read") {
  try {
    if (access === "read-write") makeFolder(folder);
    return new Database(path, { readonly: access === "read", timeout: OPEN_WAIT_MS });
  } catch (error) {
    throw storeErrors.create("STORE_FOLDER_UNUSABLE", { folder, reason: reasonOf(error) }, error);
  }
}

function prepareFile(
  database: Database.Database,
  path: string,
  access: "read-write" | "read",
): void {
  checkFile(database, path);
  if (access === "read") return;
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  const isNew = Number(database.pragma("user_version", { simple: true })) === 0;
  if (isNew) database.transaction(() => createFormat(database, path)).immediate();
}

function createFormat(database: Database.Database, path: string): void {
  // Another process may have made the format while this one waited for the lock.
  checkFile(database, path);
  if (Number(database.pragma("user_version", { simple: true })) !== 0) return;
  database.exec(TABLE);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${FORMAT}`);
}

function checkFile(database: Database.Database, path: string): void {
  const application = Number(database.pragma("application_id", { simple: true }));
  const found = Number(database.pragma("user_version", { simple: true }));
  const tables = Number(database.prepare("SELECT count(*) FROM sqlite_schema").pluck().get());
  if (application !== APPLICATION_ID && (application !== 0 || found !== 0 || tables !== 0)) {
    throw storeErrors.create("STORE_FILE_INVALID", {
      file: path,
      reason: "it belongs to another program",
    });
  }
  if (found > FORMAT) {
    throw storeErrors.create("STORE_FILE_NEWER", { file: path, found, known: FORMAT });
  }
}

/** Whether an error says that another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith("SQLITE_BUSY");
}

/** An error of SQLite or the disk as one of ours. */
export function storeError(file: string, error: unknown, waitMs = OPEN_WAIT_MS): Error {
  if (isTypewireError(error)) return error;
  const code = codeOf(error);
  const details = { file, reason: reasonOf(error) };
  if (code === "SQLITE_FULL") return storeErrors.create("STORE_FULL", details, error);
  if (code.startsWith("SQLITE_READONLY")) {
    return storeErrors.create("STORE_READ_ONLY", details, error);
  }
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return storeErrors.create("STORE_FILE_INVALID", details, error);
  }
  if (isBusy(error)) {
    return storeErrors.create("STORE_BUSY", { file, waitMs }, error);
  }
  return storeErrors.create("STORE_FAILED", details, error);
}

function codeOf(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : "";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
