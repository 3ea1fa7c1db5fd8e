/**
 * The names of a registry's files, what is seen of them from outside, and whether they are still
 * there.
 *
 * Invariants:
 * - A registry is new only where none of the names exists: what is left of one that was lost is never
 *   taken for a beginning. Other files in the folder do not count.
 * - Nothing here opens a file: what is asked is where a name leads, and how long the file is.
 */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** The registry's database in a data folder. */
export const REGISTRY_FILE = "registry.sqlite";
/** The counts of usage in a data folder. */
export const USAGE_FILE = "usage.sqlite";
const SIDES = ["", "-wal", "-shm", "-journal"];
const OWN_NAMES = new Set([
  ...SIDES.flatMap((side) => [REGISTRY_FILE + side, USAGE_FILE + side]),
  `${REGISTRY_FILE}-head`,
]);

/** The header of a write-ahead log without a frame. */
const WAL_HEADER_BYTES = 32;

/**
 * Names of ours that a folder has, sorted; none when there is no folder.
 *
 * @throws the system's error when it can't be read
 */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => OWN_NAMES.has(name))
      .sort();
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

/**
 * Whether a name leads to something.
 *
 * @throws the system's error when that can't be seen
 */
export function isThere(path: string): boolean {
  return placeOf(path) !== undefined;
}

/** Whether a database's write-ahead log is there and has something in it. */
export function hasWal(path: string): boolean {
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false });
  return wal !== undefined && wal.size > WAL_HEADER_BYTES;
}

/** Bytes of a file; `undefined` for anything that is not a file. */
export function sizeOf(path: string): number | undefined {
  const found = statSync(path);
  return found.isFile() ? found.size : undefined;
}

/** Files that are open, by their names. */
export interface FileWatch {
  /**
   * What of them the names do not lead to any more, as the rest of a sentence; `undefined` when all
   * is as it was.
   *
   * @throws the system's error when that can't be seen
   */
  lost(): string | undefined;
}

/**
 * Remembers which files the names lead to. An open file's inode is not used again, so another one
 * under its name is known by its number.
 *
 * @throws the system's error
 */
export function watchFiles(paths: readonly string[]): FileWatch {
  const known = paths.map((path) => ({ path, at: placeOf(path) }));
  return {
    lost() {
      for (const { path, at } of known) {
        const now = placeOf(path);
        if (now === undefined) return `${basename(path)} was deleted or moved away`;
        if (now.dev !== at?.dev || now.ino !== at.ino) return `${basename(path)} was replaced`;
      }
      return undefined;
    },
  };
}

function placeOf(path: string) {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    // A file where the folder was.
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOT_THERE.has(String(error.code));
}

const NOT_THERE = new Set(["ENOENT", "ENOTDIR"]);

/** Path of a file of the registry. */
export function registryPath(folder: string): string {
  return join(folder, REGISTRY_FILE);
}
