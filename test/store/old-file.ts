/** A registry's file as the release before the chain made it (format 1), in plain SQL. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LogRecord } from "../../src/registry/index.ts";
import type { SqliteDatabase } from "../../src/store/sqlite-engine.ts";
import { openDatabase } from "../../src/store/sqlite-engine.ts";

/** Milliseconds since the epoch of the first record; each later one is a second younger. */
const STARTED_AT = 1_795_000_000_000;

/** Opens (or makes) the file as that release did; closing it is the caller's. */
export function openOldFile(folder: string): SqliteDatabase {
  mkdirSync(folder, { recursive: true });
  const database = openDatabase(join(folder, "registry.sqlite"), { timeoutMs: 5000 });
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  if (Number(database.pragma("user_version")) > 0) return database;
  database.exec(`
    CREATE TABLE records (
      offset INTEGER PRIMARY KEY,
      timestamp INTEGER NOT NULL,
      key TEXT NOT NULL,
      value TEXT
    ) STRICT`);
  database.pragma("application_id = 1953985125");
  database.pragma("user_version = 1");
  return database;
}

/** Appends records as that release did. */
export function appendOld(database: SqliteDatabase, records: readonly LogRecord[]): void {
  const insert = database.prepare(
    "INSERT INTO records (offset, timestamp, key, value) VALUES (?, ?, ?, ?)",
  );
  const end = database.prepare<[], { readonly end: number }>(
    'SELECT ifnull(max(offset) + 1, 0) AS "end" FROM records',
  );
  database.transaction("deferred", () => {
    for (const { key, value } of records) {
      const offset = end.get()?.end ?? 0;
      insert.run(offset, STARTED_AT + 1000 * offset, key, value);
    }
  });
}

/** A folder with such a file, closed. */
export function makeOldFile(folder: string, records: readonly LogRecord[]): void {
  const database = openOldFile(folder);
  appendOld(database, records);
  database.close();
}
