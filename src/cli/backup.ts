/**
 * `typewire backup`, `restore` and `verify`: the state of a registry as a file of lines, back, and
 * checked.
 *
 * Invariants:
 * - A backup is consistent while registries write: the log only grows, and each page of it ends with
 *   a whole write.
 * - A restore has read and checked the whole backup before it touches the data folder.
 * - The store is loaded by the actions, so that other commands start without native code.
 */

import { Command, Option } from "commander";
import { counted } from "../base/index.ts";
import type { Log, VerifyProblem, VerifyReport } from "../registry/index.ts";
import { readLines, writeLines } from "./files.ts";
import { dataOption, jsonOption, printResult } from "./options.ts";

interface BackupOptions {
  readonly data: string;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** `typewire backup`: the whole registry to one file. */
export function backupCommand(): Command {
  return new Command("backup")
    .description("Write the registry to a file; registries may run on the folder meanwhile.")
    .addOption(dataOption())
    .requiredOption("--out <file>", "the file to write")
    .option("--force", "replace the file when it is there", false)
    .addOption(jsonOption())
    .action(backup);
}

async function backup(options: BackupOptions): Promise<void> {
  const { data, out, force } = options;
  const { openSqliteLog, writeBackup } = await import("../store/index.ts");
  const log = openSqliteLog({ folder: data, access: "read" });
  let lines = 0;
  const passing = async function* (): AsyncGenerator<string, void, undefined> {
    for await (const line of writeBackup(log)) {
      lines++;
      yield line;
    }
  };
  try {
    await writeLines(out, passing(), { replace: force });
  } finally {
    await log.close();
  }
  // Without the first and the last line.
  const records = lines - 2;
  printResult(options, { file: out, records }, [`${counted(records, "record")} written to ${out}`]);
}

interface RestoreOptions {
  readonly from: string;
  readonly data: string;
  readonly json: boolean;
}

/** `typewire restore`: a backup into a new data folder. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("Restore a backup into an empty registry, after its hash was checked.")
    .requiredOption("--from <file>", "the backup")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(restore);
}

async function restore(options: RestoreOptions): Promise<void> {
  const { from, data } = options;
  const { openSqliteLog, readBackup, restoreBackup } = await import("../store/index.ts");
  const backedUp = await readBackup(readLines(from));
  const log = openSqliteLog({ folder: data });
  try {
    await log.open({ apply: () => undefined, reset: () => undefined });
    const records = await restoreBackup(log, backedUp);
    printResult(options, { data, records }, [
      `${counted(records, "record")} restored into ${data}`,
    ]);
  } finally {
    await log.close();
  }
}

interface VerifyOptions {
  readonly data: string;
  readonly backup?: string;
  readonly json: boolean;
}

/** `typewire verify`: exit status 0 when nothing is wrong, 1 with one problem a line. */
export function verifyCommand(): Command {
  return new Command("verify")
    .description("Check a registry's data folder, or a backup; exit 1 when something is wrong.")
    .addOption(dataOption())
    .addOption(new Option("--backup <file>", "check this backup instead of a folder"))
    .addOption(jsonOption())
    .action(verify);
}

async function verify(options: VerifyOptions): Promise<void> {
  const { data, backup: file } = options;
  const report = file === undefined ? await verifyFolder(data) : await verifyFile(file);
  const { records, subjects, versions, schemas, problems, notes = [] } = report;
  const sizes = [
    counted(records, "record"),
    counted(subjects, "subject"),
    counted(versions, "version"),
    counted(schemas, "schema"),
  ].join(", ");
  const found = problems.length === 0 ? "no problems" : counted(problems.length, "problem");
  printResult(options, report, [...problems.map(sentence), ...notes, `${sizes}: ${found}`]);
  if (problems.length > 0) process.exitCode = 1;
}

async function verifyFolder(folder: string): Promise<VerifyReport> {
  const { checkSqliteFile, openSqliteLog } = await import("../store/index.ts");
  const pages = checkSqliteFile(folder).map((line) => ({ problem: `SQLite: ${line}` }));
  const report = await verifyLog(openSqliteLog({ folder, access: "read", damage: "report" }));
  return { ...report, problems: [...pages, ...report.problems] };
}

async function verifyFile(file: string): Promise<VerifyReport> {
  const { createMemoryLog, readBackup } = await import("../store/index.ts");
  const lines = await readBackup(readLines(file));
  const records = lines.map((record, offset) => ({ ...record, offset, timestamp: 0 }));
  return verifyLog(createMemoryLog({ records }));
}

async function verifyLog(log: Log): Promise<VerifyReport> {
  const { createRegistryService } = await import("../registry/index.ts");
  try {
    return await (await createRegistryService({ log, clock: Date.now })).verify();
  } finally {
    await log.close();
  }
}

function sentence({ subject, version, id, problem }: VerifyProblem): string {
  const place = [
    ...(subject === undefined ? [] : [`subject ${JSON.stringify(subject)}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(id === undefined ? [] : [`id ${id}`]),
  ].join(" ");
  return place === "" ? problem : `${place}: ${problem}`;
}
