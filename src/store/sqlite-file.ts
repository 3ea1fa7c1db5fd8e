/**
 * The registry's SQLite file: opening, keeping an eye on it, closing, and errors in our words.
 *
 * Invariants:
 * - WAL and `synchronous=FULL`: a commit that returned survives a power cut.
 * - A file that is lost is not a new registry: one is made only where nothing of ours is
 *   (`data-folder.ts`), and under its name it is never empty.
 * - The newest records lie in the write-ahead log, which a careless copy leaves behind. So the header
 *   says whether one is needed: a file is in WAL mode from before its first write until the last
 *   process closes it, and in between the log is never empty. And `registry.sqlite-head` says how far
 *   the records went (`head-file.ts`). A file that falls short of either is refused.
 * - The last connection that closes moves what is in the write-ahead log into the file and deletes the
 *   log, by its name. Where the names lead to other files by then, that would be somebody else's; and
 *   a file that was refused is to stay as it is. A second connection, which only reads and so does
 *   neither, is closed last then.
 * - Nothing but SQLite opens the database: a process that closes a file loses all of its locks on it.
 */
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { isTypewireError, reasonOf } from "../base/index.ts";
import type { Head } from "./chain.ts";
import { EMPTY_HEAD, endFault } from "./chain.ts";
import type { FileWatch } from "./data-folder.ts";
import { hasWal, isThere, namesIn, registryPath, sizeOf, watchFiles } from "./data-folder.ts";
import { storeErrors } from "./errors.ts";
import type { HeadFile, HeadFound } from "./head-file.ts";
import { openHeadFile, readHeadFile } from "./head-file.ts";
import type { SqliteDatabase } from "./sqlite-engine.ts";
import { openDatabase, sqliteCodeOf } from "./sqlite-engine.ts";
import {
  createRegistryFile,
  FORMAT,
  formatOf,
  SELECT_HEAD,
  upgradeFormat,
} from "./sqlite-format.ts";

/** How long opening waits for another process that is opening, too. */
const OPEN_WAIT_MS = 5000;
/** Everything is read once and kept as state: a large page cache would only be memory. */
const CACHE_KIB = 2048;
/** Pages of 4 KiB in the write-ahead log before they move to the file: fewer syncs on the way. */
const CHECKPOINT_PAGES = 4000;
/** SQLite's smallest page. */
const DATABASE_BYTES_MIN = 512;
/** What has to fit on the disk for it to be called usable again. */
const ROOM_BYTES = 1 << 16;

/** How to open the file. */
export interface SqliteFileOptions {
  readonly folder: string;
  readonly access: "read-write" | "read";
  /** Largest size of the file in bytes; `undefined` for no limit. */
  readonly bytesMax: number | undefined;
  /** Whether a file that has lost records is refused; else only what it `lost` is said. */
  readonly damage: "refuse" | "report";
}

/** What was found missing when the file was opened. */
export interface Loss {
  readonly file: string;
  readonly reason: string;
}

/**
 * Opens the file, and makes it when the registry is new.
 *
 * @throws STORE_ABSENT (for reading), STORE_FILE_MISSING, STORE_FOLDER_UNUSABLE, STORE_FILE_INVALID,
 *   STORE_FILE_NEWER, STORE_TAIL_LOST, STORE_DAMAGED, STORE_BUSY, STORE_FAILED
 */
export function openSqliteFile(options: SqliteFileOptions): SqliteFile {
  const { folder, access } = options;
  const path = registryPath(folder);
  const isNew = findOrCreate(folder, path, access);
  const seen = lookAt(folder, path);
  const reader = connect(folder, path, "read");
  let database = reader;
  try {
    let format = formatOf(reader, path);
    const lost = format === FORMAT ? lossOf(reader, path, seen) : undefined;
    if (lost !== undefined && options.damage === "refuse") {
      throw storeErrors.create("STORE_TAIL_LOST", { ...lost });
    }
    if (access === "read-write") {
      database = connect(folder, path, access);
      setLimits(database, options.bytesMax);
      if (format < FORMAT) upgradeFormat(database, path);
      format = FORMAT;
    }
    return new SqliteFile({ path, database, reader, isNew, format, lost, watched: seen.watch });
  } catch (error) {
    // In this order it stays as it is, see the invariants.
    if (database !== reader) database.close();
    reader.close();
    throw storeError(path, error);
  }
}

function setLimits(database: SqliteDatabase, bytesMax: number | undefined): void {
  database.pragma(`cache_size = -${CACHE_KIB}`);
  if (bytesMax === undefined) return;
  const pageBytes = Number(database.pragma("page_size"));
  database.pragma(`max_page_count = ${Math.max(1, Math.floor(bytesMax / pageBytes))}`);
}

interface Parts {
  readonly path: string;
  readonly database: SqliteDatabase;
  readonly reader: SqliteDatabase;
  readonly isNew: boolean;
  readonly format: 1 | 2;
  readonly lost: Loss | undefined;
  /** The database alone, as it was found. */
  readonly watched: FileWatch;
}

/** An open file. */
export class SqliteFile {
  readonly path: string;
  /** The connection that writes, or the only one. */
  readonly database: SqliteDatabase;
  /** A connection that only reads; usable until {@link close}. */
  readonly reader: SqliteDatabase;
  /** Whether this opening made it. */
  readonly isNew: boolean;
  readonly format: 1 | 2;
  /** What was missing when it was opened. */
  readonly lost: Loss | undefined;
  #watch: FileWatch;
  #headFile: HeadFile | undefined;

  constructor({ path, database, reader, isNew, format, lost, watched }: Parts) {
    this.path = path;
    this.database = database;
    this.reader = reader;
    this.isNew = isNew;
    this.format = format;
    this.lost = lost;
    this.#watch = watched;
  }

  get #isForReading(): boolean {
    return this.reader === this.database;
  }

  /** Whether it can be written, see {@link activate}. */
  get isActive(): boolean {
    return this.#headFile !== undefined || this.#isForReading;
  }

  /**
   * Takes the file into use: what has to be true before the first write. Idempotent.
   *
   * @throws the system's error, or SQLite's
   */
  activate(): void {
    if (this.isActive) return;
    const { database, path } = this;
    const head = database.prepare<[], Head>(SELECT_HEAD).get() ?? EMPTY_HEAD;
    const headFile = openHeadFile(`${path}-head`, head);
    try {
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = FULL");
      database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      if (!hasWal(path)) database.exec("UPDATE head SET opened = opened + 1");
      // From its first read on it holds the file, see the invariants.
      this.reader.prepare(SELECT_HEAD).get();
      this.#check();
      this.#watch = watchFiles([path, `${path}-wal`, `${path}-shm`, `${path}-head`]);
      this.#headFile = headFile;
    } catch (error) {
      headFile.close();
      if (!this.#isReplacedOrUnknown()) this.#leaveWal();
      throw error;
    }
  }

  /** Back to a file that needs no log, unless others have it open or there is no room. */
  #leaveWal(): boolean {
    try {
      return this.database.pragma("journal_mode = DELETE") === "delete";
    } catch {
      // Then it keeps its log.
      return false;
    }
  }

  /** Fails when the names do not lead to the open files any more. @throws STORE_FILE_REPLACED */
  #check(): void {
    const what = this.replaced();
    if (what !== undefined)
      throw storeErrors.create("STORE_FILE_REPLACED", { file: this.path, what });
  }

  /**
   * What the names do not lead to any more, see {@link FileWatch}.
   *
   * @throws the system's error
   */
  replaced(): string | undefined {
    return this.#isForReading ? undefined : this.#watch.lost();
  }

  /** Writes down how far the records go: after the commit. */
  noteHead(head: Head): void {
    try {
      this.#headFile?.write(head);
    } catch {
      // It stays a lower bound, of an older head.
    }
  }

  /**
   * Sees whether something can be written: to the database and to the disk.
   *
   * @throws the system's error, or SQLite's
   */
  tryRoom(): void {
    const { database, path } = this;
    database.transaction("immediate", () => {
      database.prepare<[number]>("UPDATE head SET room = zeroblob(?)").run(ROOM_BYTES);
      database.exec("UPDATE head SET room = NULL");
    });
    const room = `${path}-room`;
    try {
      writeFileSync(room, Buffer.alloc(ROOM_BYTES));
    } finally {
      void rm(room, { force: true }).catch(() => undefined);
    }
  }

  /** Lets go of what can't be found any more; only reading goes on. */
  abandon(): void {
    this.#headFile?.close();
    this.#headFile = undefined;
    this.database.close();
  }

  /**
   * Closes it, so that it needs no write-ahead log unless others have it open; `as-it-is` changes
   * nothing of a file that is damaged. Idempotent.
   */
  close(how: "tidy" | "as-it-is" = "tidy"): void {
    if (this.database.isOpen && !this.#isForReading) {
      if (how === "as-it-is" || this.#isReplacedOrUnknown()) this.abandon();
      else this.#closeTidily();
    }
    this.reader.close();
  }

  #noteClosed(headFile: HeadFile): void {
    try {
      const head = this.database.prepare<[], Head>(SELECT_HEAD).get();
      if (head !== undefined) headFile.write(head, "closed");
    } catch {
      // Then it stays a lower bound.
    }
  }

  #isReplacedOrUnknown(): boolean {
    try {
      return this.replaced() !== undefined;
    } catch {
      return true;
    }
  }

  #closeTidily(): void {
    const headFile = this.#headFile;
    this.#headFile = undefined;
    this.reader.close();
    if (headFile !== undefined && this.#leaveWal()) this.#noteClosed(headFile);
    headFile?.close();
    this.database.close();
  }
}

/**
 * What SQLite finds wrong in the pages of the file; nothing when it is whole.
 *
 * @throws what {@link openSqliteFile} throws
 */
export function checkSqliteFile(folder: string): readonly string[] {
  const file = openSqliteFile({ folder, access: "read", bytesMax: undefined, damage: "report" });
  try {
    const check = file.database.prepare<[], { readonly integrity_check: string }>(
      "PRAGMA integrity_check",
    );
    return check.all().flatMap(({ integrity_check: line }) => (line === "ok" ? [] : [line]));
  } catch (error) {
    throw storeError(file.path, error);
  } finally {
    file.close();
  }
}

/** Answers whether it was made. */
function findOrCreate(folder: string, path: string, access: "read-write" | "read"): boolean {
  try {
    const names = namesIn(folder);
    if (isThere(path)) return false;
    if (names.length > 0) {
      throw storeErrors.create("STORE_FILE_MISSING", { file: path, names: names.join(", ") });
    }
    if (access === "read") throw storeErrors.create("STORE_ABSENT", { folder });
    return createRegistryFile(folder);
  } catch (error) {
    if (isTypewireError(error)) throw error;
    throw storeErrors.create("STORE_FOLDER_UNUSABLE", { folder, reason: reasonOf(error) }, error);
  }
}

/** What is seen before SQLite touches anything: it makes files where it finds none. */
interface Seen {
  readonly watch: FileWatch;
  readonly head: HeadFound;
  readonly hadWal: boolean;
}

function lookAt(folder: string, path: string): Seen {
  try {
    const bytes = sizeOf(path);
    if (bytes !== undefined && bytes < DATABASE_BYTES_MIN) {
      const reason = `it has ${bytes} bytes, less than any database`;
      throw storeErrors.create("STORE_FILE_INVALID", { file: path, reason });
    }
    // The head before the database is read, so that it can only be older.
    const head = readHeadFile(`${path}-head`);
    return { watch: watchFiles([path]), head, hadWal: hasWal(path) };
  } catch (error) {
    if (isTypewireError(error)) throw error;
    throw storeErrors.create("STORE_FOLDER_UNUSABLE", { folder, reason: reasonOf(error) }, error);
  }
}

/** Whether a head says nothing of a use that goes on. */
function isNotInUse(head: HeadFound): boolean {
  return head === "absent" || head === "unreadable" || head.isClosed;
}

/** What an open file of today's format has lost, by what was seen before it was opened. */
function lossOf(database: SqliteDatabase, path: string, seen: Seen): Loss | undefined {
  const { head: expected, hadWal } = seen;
  const isUnknown = expected === "absent" || expected === "unreadable";
  // A head that is not closed may be of this use, and another program may have moved the log into the file.
  if (!hadWal && isNotInUse(expected)) {
    const isInUse = () => database.pragma("journal_mode") === "wal";
    // Another process may have taken it into use since it was looked at: then its head says so by now.
    if (isInUse() && isNotInUse(readHeadFile(`${path}-head`)) && isInUse())
      return { file: path, reason: "it was in use, and its registry.sqlite-wal is not there" };
  }
  if (isUnknown) return undefined;
  const head = database.prepare<[], Head>(SELECT_HEAD).get() ?? EMPTY_HEAD;
  if (expected.end === 0) return undefined;
  if (head.end < expected.end) {
    return { file: path, reason: `${endFault(head, expected)} (says registry.sqlite-head)` };
  }
  const last = database.prepare<[number], { readonly hash: string }>(
    "SELECT hash FROM records WHERE offset = ?",
  );
  const found = last.get(expected.end - 1)?.hash;
  if (found === expected.hash) return undefined;
  const what = found === undefined ? "missing" : "not the one that was written";
  const reason = `the record at offset ${expected.end - 1} is ${what} (says registry.sqlite-head)`;
  return { file: path, reason };
}

function connect(folder: string, path: string, access: "read-write" | "read") {
  try {
    const readonly = access === "read";
    return openDatabase(path, { readonly, fileMustExist: true, timeoutMs: OPEN_WAIT_MS });
  } catch (error) {
    if (isTypewireError(error)) throw error;
    throw storeErrors.create("STORE_FOLDER_UNUSABLE", { folder, reason: reasonOf(error) }, error);
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
  if (FULL.has(code)) return storeErrors.create("STORE_FULL", details, error);
  if (code.startsWith("SQLITE_READONLY") || READ_ONLY.has(code)) {
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

const FULL = new Set(["SQLITE_FULL", "ENOSPC", "EDQUOT", "EFBIG"]);
const READ_ONLY = new Set(["EROFS", "EACCES", "EPERM"]);

/** SQLite's code, or the system's. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return sqliteCodeOf(error) || String(error.code);
}
