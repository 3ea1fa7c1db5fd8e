/**
 * Going on with a file that was damaged: its records, as they are, become a new chain.
 *
 * Invariants:
 * - Nothing is brought back, and nothing decides what was right: this only says that what is there
 *   counts from now on.
 * - The files as they were are kept beside it, and no other process has them open meanwhile.
 */
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Head } from "./chain.ts";
import { namesIn, REGISTRY_FILE, registryPath } from "./data-folder.ts";
import { storeErrors } from "./errors.ts";
import { openDatabase } from "./sqlite-engine.ts";
import { storeError } from "./sqlite-file.ts";
import { chainAll, formatOf } from "./sqlite-format.ts";

/** What {@link repairSqliteFile} did. */
export interface Repair {
  /** Records that are there. */
  readonly records: number;
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
      formatOf(database, path);
      const { records } = database.transaction(
        "deferred",
        (): Head => chainAll(database, () => undefined),
      );
      // What it knew is not there any more.
      rmSync(`${path}-head`, { force: true });
      return { records, kept };
    } finally {
      database.close();
    }
  } catch (error) {
    for (const copy of kept) rmSync(copy, { force: true });
    throw storeError(path, error, 0);
  }
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
    const reason = error instanceof Error ? error.message : String(error);
    throw storeErrors.create("STORE_FOLDER_UNUSABLE", { folder, reason }, error);
  }
}
