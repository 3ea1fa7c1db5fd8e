/** A registry's file as the release before the chain made it (format 1), in plain SQL. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { LogRecord } from "../../src/registry/index.ts";

/** Milliseconds since the epoch of the first record; each later one is a second younger. */
const STARTED_AT = 1_795_000_000_000;

/** Opens (or makes) the file as that release did; closing it is the caller's. */
export function openOldFile(folder: string): Database.Database {
  mkdirSync(folder, { recursive: true });
  const database = new Database(join(folder, "registry.sqlite"));
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  if (Number(database.pragma("user_version", { simple: true })) > 0) return database;
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
export function appendOld(database: Database.Database, records: readonly LogRecord[]): void {
  const insert = database.prepare(
    "INSERT INTO records (offset, timestamp, key, value) VALUES (?, ?, ?, ?)",
  );
  const end = database
    .prepare<[], number>("SELECT ifnull(max(offset) + 1, 0) FROM records")
    .pluck();
  database.transaction(() => {
    for (const { key, value } of records) {
      const offset = end.get() ?? 0;
      insert.run(offset, STARTED_AT + 1000 * offset, key, value);
    }
  })();
}

/** A folder with such a file, closed. */
export function makeOldFile(folder: string, records: readonly LogRecord[]): void {
  const database = openOldFile(folder);
  appendOld(database, records);
  database.close();
}
