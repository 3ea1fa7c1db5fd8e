/**
 * SQLite, through an interface that we wrote: better-sqlite3 where it is installed and built, else
 * Node's own `node:sqlite` (Node 22.13 or newer).
 *
 * Invariants:
 * - Both are the same SQLite behind the same calls; one suite of tests runs over either.
 * - Values are numbers, strings, `null` and bytes; integers beyond 2^53 are never stored.
 * - Whoever opens a database learns why it can't be opened: what is missing is told apart from what is
 *   wrong with the file ({@link sqliteCodeOf}).
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { nativeProblem, reasonOf } from "../base/index.ts";
import { BETTER, storeErrors } from "./errors.ts";

type Value = string | number | null | Uint8Array;

/** A prepared statement; `P` are its parameters, `R` a row of its result. */
export interface Statement<P extends readonly Value[] | readonly [object], R> {
  get(...parameters: P): R | undefined;
  all(...parameters: P): R[];
  /** Nothing else can be done with the connection until the walk has ended. */
  iterate(...parameters: P): IterableIterator<R>;
  run(...parameters: P): unknown;
}

/** An open connection. */
export interface SqliteDatabase {
  readonly isOpen: boolean;
  /** Named parameters (`@name`) come as one object. */
  prepare<P extends readonly Value[] | readonly [object], R = unknown>(
    sql: string,
  ): Statement<P, R>;
  exec(sql: string): void;
  /** The first value that a pragma gives; `undefined` when it gives none. */
  pragma(text: string): unknown;
  /** Runs a function in one transaction, which takes the write lock at once or when it writes. */
  transaction<R>(lock: "immediate" | "deferred", body: () => R): R;
  /** Rolls the open transaction back, if there is one: SQLite itself does so on some errors. */
  rollBack(): void;
  close(): void;
}

/** How to open a database. */
export interface OpenOptions {
  readonly readonly?: boolean;
  /** Fails where there is no file instead of making one. */
  readonly fileMustExist?: boolean;
  /** How long SQLite waits for a lock, in ms. */
  readonly timeoutMs: number;
}

/** The names of the engines, best first. */
export const SQLITE_ENGINES = ["better-sqlite3", "node:sqlite"] as const;
export type SqliteEngineName = (typeof SQLITE_ENGINES)[number];

export interface Engine {
  readonly name: SqliteEngineName;
  open(path: string, options: OpenOptions): SqliteDatabase;
}

let chosen: Engine | undefined;

/**
 * Opens a database with the best engine that is there.
 *
 * @throws STORE_ENGINE_MISSING, and the engine's own errors
 */
export function openDatabase(path: string, options: OpenOptions): SqliteDatabase {
  return engine().open(path, options);
}

/**
 * Which engine is used.
 *
 * @throws STORE_ENGINE_MISSING
 */
export function sqliteEngine(): SqliteEngineName {
  return engine().name;
}

/**
 * Uses another engine from now on, for databases that are opened then.
 *
 * @throws STORE_ENGINE_MISSING
 */
export function useEngine(name: SqliteEngineName): void {
  chosen = findEngine(name);
}

function engine(): Engine {
  chosen ??= findEngine();
  return chosen;
}

/** SQLite's name of an error, such as `SQLITE_BUSY`; empty text for errors of others. */
export function sqliteCodeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  const { code } = error;
  if (code === "ERR_SQLITE_ERROR" && "errcode" in error) {
    return CODES.get(Number(error.errcode) & 0xff) ?? "SQLITE_ERROR";
  }
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : "";
}

/** Primary result codes (sqlite.org/rescode.html) that decisions here turn on. */
const CODES: ReadonlyMap<number, string> = new Map([
  [5, "SQLITE_BUSY"],
  [8, "SQLITE_READONLY"],
  [10, "SQLITE_IOERR"],
  [11, "SQLITE_CORRUPT"],
  [13, "SQLITE_FULL"],
  [14, "SQLITE_CANTOPEN"],
  [26, "SQLITE_NOTADB"],
]);

const require = createRequire(import.meta.url);

/**
 * Finds the engine to use: the wanted one, or the best that is there.
 *
 * @throws STORE_ENGINE_MISSING
 */
export function findEngine(wanted?: SqliteEngineName): Engine {
  const reasons: string[] = [];
  for (const name of SQLITE_ENGINES) {
    if (wanted !== undefined && name !== wanted) continue;
    try {
      return name === "better-sqlite3" ? betterEngine() : nodeEngine();
    } catch (error) {
      reasons.push(absenceOf(name, error));
    }
  }
  throw missing(reasons.join("; "));
}

function missing(reason: string): Error {
  return storeErrors.create("STORE_ENGINE_MISSING", { reason, node: process.version });
}

function absenceOf(name: SqliteEngineName, error: unknown): string {
  if (name === "node:sqlite") return `Node ${process.version} has no node:sqlite of its own`;
  const [text] = reasonOf(error).split("\n");
  const problem = {
    absent: "not installed",
    "not built": "installed, but not built",
    "other Node": "built for another release of Node",
    unloadable: `not loadable (${text})`,
  }[nativeProblem(BETTER.name, error)];
  return `better-sqlite3 is ${problem}`;
}

// better-sqlite3 -----------------------------------------------------------------------------------

type BetterDatabase = import("better-sqlite3").Database;
type BetterConstructor = new (
  path: string,
  options: { readonly?: boolean; fileMustExist?: boolean; timeout: number },
) => BetterDatabase;

function betterEngine(): Engine {
  const Database = require("better-sqlite3") as BetterConstructor;
  // The native part is loaded with the first database.
  new Database(":memory:", { timeout: 0 }).close();
  return {
    name: "better-sqlite3",
    open: (path, { readonly = false, fileMustExist = false, timeoutMs }) =>
      betterDatabase(new Database(path, { readonly, fileMustExist, timeout: timeoutMs })),
  };
}

function betterDatabase(database: BetterDatabase): SqliteDatabase {
  return {
    get isOpen() {
      return database.open;
    },
    prepare: (sql) => database.prepare(sql) as never,
    exec: (sql) => void database.exec(sql),
    pragma: (text) => database.pragma(text, { simple: true }),
    transaction: (lock, body) => inTransaction((sql) => database.exec(sql), lock, body),
    rollBack: () => {
      if (database.inTransaction) database.exec("ROLLBACK");
    },
    close: () => void database.close(),
  };
}

// node:sqlite --------------------------------------------------------------------------------------

interface NodeStatement {
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
  iterate(...parameters: unknown[]): IterableIterator<unknown>;
  run(...parameters: unknown[]): unknown;
}

interface NodeDatabase {
  prepare(sql: string): NodeStatement;
  exec(sql: string): void;
  close(): void;
}

interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options: { readOnly: boolean }) => NodeDatabase;
}

/** Without the warning that it is experimental, which would be the first line that a user sees. */
function requireQuietly(): NodeSqlite {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return require("node:sqlite") as NodeSqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function nodeEngine(): Engine {
  const { DatabaseSync } = requireQuietly();
  return {
    name: "node:sqlite",
    open(path, { readonly = false, fileMustExist = false, timeoutMs }) {
      if (fileMustExist && !existsSync(path)) throw new Error("unable to open database file");
      const database = new DatabaseSync(path, { readOnly: readonly });
      // An option of newer releases only.
      database.exec(`PRAGMA busy_timeout = ${timeoutMs}`);
      return nodeDatabase(database);
    },
  };
}

function nodeDatabase(database: NodeDatabase): SqliteDatabase {
  let isOpen = true;
  return {
    get isOpen() {
      return isOpen;
    },
    prepare: (sql) => database.prepare(sql) as never,
    exec: (sql) => database.exec(sql),
    pragma: (text) => {
      const row = database.prepare(`PRAGMA ${text}`).get() as Record<string, unknown> | undefined;
      return row === undefined ? undefined : Object.values(row)[0];
    },
    transaction: (lock, body) => inTransaction((sql) => database.exec(sql), lock, body),
    rollBack: () => {
      try {
        database.exec("ROLLBACK");
      } catch (error) {
        if (!(error instanceof Error) || !/no transaction is active/.test(error.message))
          throw error;
      }
    },
    close: () => {
      if (isOpen) database.close();
      isOpen = false;
    },
  };
}

function inTransaction<R>(
  exec: (sql: string) => unknown,
  lock: "immediate" | "deferred",
  body: () => R,
): R {
  exec(lock === "immediate" ? "BEGIN IMMEDIATE" : "BEGIN");
  try {
    const result = body();
    exec("COMMIT");
    return result;
  } catch (error) {
    try {
      exec("ROLLBACK");
    } catch {
      // SQLite rolled it back already; the first error says why.
    }
    throw error;
  }
}
