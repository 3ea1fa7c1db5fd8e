/** Errors of the stores. */
import { defineErrors, installCommands, rebuildCommands } from "../base/index.ts";

/** The package, and the release of it that this version of typewire is tested with. */
export const BETTER = { name: "better-sqlite3", version: "12.11.1" } as const;

export const storeErrors = defineErrors({
  STORE_ENGINE_MISSING: {
    message: "The registry needs SQLite, and none can be loaded: {reason}",
    hint: `Use Node 22.13 or newer, which has its own, or install better-sqlite3: ${installCommands(BETTER.name, BETTER.version)}. Where it is installed already: ${rebuildCommands(BETTER.name)}.`,
  },
  STORE_NOT_OPEN: {
    message: "The log is not open",
    hint: "Call open() once before transact(), and nothing after close().",
  },
  STORE_FOLDER_UNUSABLE: {
    message: "The data folder {folder} can't be used: {reason}",
    hint: "Name another folder, or give the user that runs the registry the right to write there.",
  },
  STORE_FILE_INVALID: {
    message: "{file} is not a registry's database: {reason}",
    hint: "Name another data folder, or restore the file from a backup.",
  },
  STORE_ABSENT: {
    message: "There is no registry in {folder}",
    hint: "Check the folder's name; `typewire serve` makes a new registry in an empty folder.",
  },
  STORE_FILE_MISSING: {
    message: "{file} is not there, in a folder that has {names}",
    hint: "A registry was here: put its files back, or restore a backup into another folder. For a new registry, name another folder or delete what is left.",
  },
  STORE_TAIL_LOST: {
    message: "{file} has lost records: {reason}",
    hint: "Bring the file together with its -wal and -head from where it was copied, or restore a backup; `typewire repair` goes on with what is left.",
  },
  STORE_DAMAGED: {
    message: "{file} is damaged: {problem}",
    hint: "Run `typewire verify` to see all of it, and restore a backup into another folder; `typewire repair` goes on with what is there.",
  },
  STORE_FILE_REPLACED: {
    message: "{file} can't be written any more: {what} while it was open",
    hint: "Put the files back, or restore a backup, and start the registry again.",
  },
  STORE_FILE_NEWER: {
    message: "{file} has format {found}, this version of typewire knows up to {known}",
    hint: "Start the typewire version that wrote the file, or a newer one.",
  },
  STORE_BUSY: {
    message: "{file} was locked by another process for {waitMs} ms",
    hint: "Find the process that holds the file; several registries may share it, a long transaction may not.",
    retriable: true,
  },
  STORE_FULL: {
    message: "{file} can't grow: {reason}",
    hint: "Free space on the disk, or raise the limit; reads go on meanwhile.",
    retriable: true,
  },
  STORE_READ_ONLY: {
    message: "{file} can't be written: {reason}",
    hint: "Give the user that runs the registry the right to write, and start it again; reads go on meanwhile.",
    retriable: true,
  },
  STORE_BACKUP_INVALID: {
    message: "The backup can't be used: line {line}: {reason}",
    hint: "Take another backup; nothing has been restored from this one.",
  },
  STORE_NOT_EMPTY: {
    message: "The store holds records already (its end is {end})",
    hint: "Restore into a new data folder.",
  },
  STORE_FAILED: {
    message: "The store {file} failed: {reason}",
    hint: "The reason comes from SQLite or the disk; nothing of the write has been kept.",
    retriable: true,
  },
});
