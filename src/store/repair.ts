/**
 * Repairs a damaged file: its remaining records become a new chain.
 *
 * Invariants:
 * - Nothing is recovered, and nothing judges what was right: from now on, what is there counts.
 * - Ids that lost records may have held are never given out: each context continues above them.
 * - The files as they were are kept beside it, and no other process has them open meanwhile.
 */

import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../base/index.ts";
import type { StoredRecord } from "../registry/index.ts";
import { markIdsAbove } from "../registry/index.ts";
import type { Head } from "./chain.ts";
import { namesIn, REGISTRY_FILE, registryPath } from "./data-folder.ts";
import { storeErrors } from "./errors.ts";
import { readHeadFile } from "./head-file.ts";
import type { SqliteDatabase } from "./sqlite-engine.ts";
import { openDatabase } from "./sqlite-engine.ts";
import { storeError } from "./sqlite-file.ts";
import { chainAll, formatOf, SELECT_HEAD } from "./sqlite-format.ts";

/** Ids that are left out besides one for each record that is known to be lost. */
const IDS_SPARED = 1000;
/** As many where `registry.sqlite-head` does not say how far the records went. */
const IDS_SPARED_UNKNOWN = 100_000;

/** What {@link repairSqliteFile} did. */
export interface Repair {
  /** Records that were there. */
  readonly records: number;
  /** How many ids each context leaves out from here on. */
  readonly idsSkipped: number;
  /** Where the files are as they were. */
  readonly kept: readonly string[];
}

/**
 * Makes a new chain of the records that are there. `suffix` ends the names of the copies.
 *
 * @throws STORE_BUSY when another process has the file open, STORE_FOLDER_UNUSABLE when it can't be
 *   copied, STORE_FILE_INVALID and STORE_FAILED when it can't be read
 */
export function repairSqliteFile(folder: string, suffix: string): Repair {
  const path = registryPath(folder);
  // Before SQLite has it open: who closes a file loses its locks.
  const kept = keepCopies(folder, suffix);
  try {
    const database = openDatabase(path, { fileMustExist: true, timeoutMs: 0 });
    try {
      // Works for the only process that has it open.
      database.pragma("journal_mode = DELETE");
      const format = formatOf(database, path);
      const accepted = database.transaction("deferred", () => {
        const spared = spareIds(database, format, path);
        chainAll(database, () => undefined);
        return spared;
      });
      // What it knew is not there any more.
      rmSync(`${path}-head`, { force: true });
      return { ...accepted, kept };
    } finally {
      database.close();
    }
  } catch (error) {
    for (const copy of kept) rmSync(copy, { force: true });
    throw storeError(path, error, 0);
  }
}

/** Appends the records that keep ids from being given out again. */
function spareIds(database: SqliteDatabase, format: 1 | 2, path: string): Omit<Repair, "kept"> {
  const rows = database.prepare<[], StoredRecord>(
    "SELECT offset, timestamp, key, value FROM records ORDER BY offset",
  );
  const there = rows.all();
  const beside = readHeadFile(`${path}-head`);
  const own = format === 1 ? undefined : database.prepare<[], Head>(SELECT_HEAD).get();
  const isKnown = typeof beside === "object";
  const end = Math.max(own?.end ?? 0, isKnown ? beside.end : 0);
  const lost = Math.max(0, end - there.length);
  const skipped = lost + (isKnown ? IDS_SPARED : IDS_SPARED_UNKNOWN);
  const last = there.at(-1) ?? { offset: -1, timestamp: 0 };
  const append = database.prepare<[number, number, string, string | null]>(
    `INSERT INTO records (offset, timestamp, key, value${format === 1 ? "" : ", hash"})
     VALUES (?, ?, ?, ?${format === 1 ? "" : ", ''"})`,
  );
  for (const [index, { key, value }] of markIdsAbove(there, skipped).entries()) {
    append.run(last.offset + 1 + index, last.timestamp, key, value);
  }
  return { records: there.length, idsSkipped: skipped };
}

function keepCopies(folder: string, suffix: string): string[] {
  const kept: string[] = [];
  try {
    for (const name of namesIn(folder).filter((one) => one.startsWith(REGISTRY_FILE))) {
      const copy = join(folder, `${name}${suffix}`);
      copyFileSync(join(folder, name), copy);
      kept.push(copy);
    }
    return kept;
  } catch (error) {
    for (const copy of kept) rmSync(copy, { force: true });
    const reason = reasonOf(error);
    throw storeErrors.create("STORE_FOLDER_UNUSABLE", { folder, reason }, error);
  }
}
