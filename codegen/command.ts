/**
 * `typewire codegen`: the only part of code generation that writes files.
 *
 * Invariants: files that are as they should be are not touched; only files with our first line are
 * overwritten or removed; with `check` nothing is written.
 */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { createTwoFilesPatch } from "diff";
import { byUnits, isTypewireError, reasonOf } from "../src/base/index.ts";
import { makeFolder } from "../src/files/index.ts";
import { collectSchemas } from "./collect.ts";
import { CONFIG_FILE, codegenTopics, parseConfig } from "./config.ts";
import type { Config } from "./config-schema.ts";
import { codegenErrors } from "./errors.ts";
import { generate } from "./generate.ts";
import { LOCK_FILE, lockEntries, parseLock, printLock, withoutNumbers } from "./lock.ts";
import { FILE_MARK } from "./module.ts";
import { COMMAND, CONFIG_PATH, checkCodegen } from "./options.ts";
import type { SchemaSource } from "./subjects.ts";

/** The folder that is generated when the configuration names none. */
const DEFAULT_OUT = "src/generated";

/** What {@link runCodegen} works on. */
export interface CodegenCommand {
  /** The folder of `typewire.json`; paths in it start here. */
  readonly cwd: string;
  readonly config: Config;
  readonly source: SchemaSource;
  /** Write nothing; list and show what would change. Default false. */
  readonly check?: boolean;
  /** Take the versions of the lock file instead of the latest ones. Default false. */
  readonly locked?: boolean;
  /** Receives what there is to say, line by line. */
  readonly out: (line: string) => void;
}

/**
 * Reads `typewire.json`.
 *
 * @param file - Its path. Default: `typewire.json` in the current folder.
 * @throws CODEGEN_CONFIG_UNREADABLE, CODEGEN_CONFIG_MALFORMED, CODEGEN_CONFIG_INVALID
 */
export async function loadConfig(file: string = CONFIG_FILE): Promise<Config> {
  checkCodegen(CONFIG_PATH, { file });
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    const reason = reasonOf(error);
    throw codegenErrors.create("CODEGEN_CONFIG_UNREADABLE", { file, reason }, error);
  });
  return parseConfig(text, file);
}

/**
 * Generates code for a configuration.
 *
 * @returns The exit code: 0 when all is well, 1 when `check` found stale files, 2 when the source
 *   can't be read.
 * @throws CODEGEN errors for schemas, references, the lock and files in the way
 *
 * @example
 * ```ts
 * import { filesSource, loadConfig, runCodegen } from "typewire/codegen";
 *
 * const config = await loadConfig("typewire.json");
 * const source = filesSource({ cwd: ".", config });
 * process.exitCode = await runCodegen({ cwd: ".", config, source, check: true, out: console.log });
 * ```
 */
export async function runCodegen(command: CodegenCommand): Promise<number> {
  checkCodegen(COMMAND, command);
  try {
    const changes = await findChanges(command);
    for (const warning of changes.warnings) command.out(`warning: ${warning}`);
    return command.check === true ? report(changes, command) : await write(changes, command);
  } catch (error) {
    if (!isTypewireError(error, "CODEGEN_SOURCE_UNAVAILABLE")) throw error;
    command.out(error.message);
    command.out(error.hint);
    return 2;
  }
}

/** A file that is not as it should be. */
interface Change {
  /** Path relative to `cwd`, with `/`. */
  readonly path: string;
  /** What stands there; undefined when there is no such file. */
  readonly before: string | undefined;
  /** What should stand there; undefined when the file is not needed. */
  readonly after: string | undefined;
}

interface Changes {
  readonly list: readonly Change[];
  readonly upToDate: number;
  readonly warnings: readonly string[];
}

async function findChanges({ cwd, config, source, locked }: CodegenCommand): Promise<Changes> {
  const lockBefore = await readText(resolve(cwd, LOCK_FILE));
  const lock = parseLock(lockBefore);
  const collected = await collectSchemas({ config, source, lock, locked: locked ?? false });
  const { out, ...options } = config.codegen ?? {};
  const { files, parsed, warnings } = generate({
    ...collected,
    topics: codegenTopics(config),
    options: { ...options, mode: source.mode },
  });
  const folder = resolve(cwd, out ?? DEFAULT_OUT);
  const wanted = new Map([...files].map(([file, text]) => [join(folder, file), text]));
  const changes = [
    ...(await fileChanges(wanted)),
    ...(await unneededFiles(folder, wanted)),
    ...lockChange(resolve(cwd, LOCK_FILE), lockBefore, printLock(lockEntries(parsed, lock))),
  ].map((change) => ({ ...change, path: relative(cwd, change.path).split(sep).join("/") }));
  const unchanged = wanted.size - changes.filter((change) => change.after !== undefined).length;
  const list = changes.sort((a, b) => byUnits(a.path, b.path));
  return { list, upToDate: Math.max(unchanged, 0), warnings };
}

async function fileChanges(wanted: ReadonlyMap<string, string>): Promise<Change[]> {
  const changes = [...wanted].map(async ([path, after]) => ({
    path,
    before: await readText(path),
    after,
  }));
  return (await Promise.all(changes)).filter(
    ({ before, after }) => before?.replace(/\r\n/g, "\n") !== after,
  );
}

async function unneededFiles(
  folder: string,
  wanted: ReadonlyMap<string, string>,
): Promise<Change[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !wanted.has(path));
  const changes = paths.map(async (path) => ({
    path,
    before: await readText(path),
    after: undefined,
  }));
  return (await Promise.all(changes)).filter(({ before }) => isOurs(before));
}

function lockChange(path: string, before: string | undefined, after: string): Change[] {
  return before !== undefined && before.replace(/\r\n/g, "\n") === after
    ? []
    : [{ path, before, after }];
}

function isOurs(text: string | undefined): boolean {
  return text?.startsWith(FILE_MARK) ?? false;
}

async function write({ list, upToDate }: Changes, { cwd, out }: CodegenCommand): Promise<number> {
  for (const { path, before, after } of list) {
    const isForeign = before !== undefined && after !== undefined && !isOurs(before);
    if (isForeign && path !== LOCK_FILE) {
      throw codegenErrors.create("CODEGEN_FILE_FOREIGN", { file: path });
    }
  }
  for (const { path, after } of list) {
    const file = resolve(cwd, path);
    if (after === undefined) {
      await rm(file);
      out(`removed ${path}`);
    } else {
      makeFolderOf(file);
      await writeFile(file, after);
      out(`wrote ${path}`);
    }
  }
  out(`${upToDate} generated files were up to date`);
  return 0;
}

function report({ list }: Changes, { out }: CodegenCommand): number {
  const stale = list.filter((change) => !differsInNumbersOnly(change));
  if (stale.length === 0) {
    out("generated code is up to date");
    return 0;
  }
  const count = stale.length === 1 ? "1 file differs" : `${stale.length} files differ`;
  out(`generated code is stale, run \`typewire codegen\`: ${count}`);
  for (const { path, before, after } of stale) {
    const state = before === undefined ? "missing" : after === undefined ? "unneeded" : "stale";
    out(`  ${state.padEnd(8)} ${path}`);
  }
  for (const { path, before, after } of stale) {
    const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before ?? "", after ?? "");
    for (const text of patch.trimEnd().split("\n")) out(text);
  }
  return 1;
}

/**
 * Versions and ids differ from registry to registry, and files have none. A check must not fail for
 * that: when a schema is another one, its hash tells.
 */
function differsInNumbersOnly({ path, before, after }: Change): boolean {
  const isLock = path === LOCK_FILE && before !== undefined && after !== undefined;
  return isLock && withoutNumbers(before) === withoutNumbers(after);
}

function makeFolderOf(file: string): void {
  const folder = dirname(file);
  try {
    makeFolder(folder);
  } catch (error) {
    const reason = reasonOf(error);
    throw codegenErrors.create("CODEGEN_FOLDER_UNUSABLE", { folder, reason }, error);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing) return undefined;
    throw error;
  }
}
