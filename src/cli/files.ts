/**
 * Files of lines.
 *
 * Invariants:
 * - A file appears under its name only when it is whole and on disk: it is written beside it, synced,
 *   and renamed.
 * - A line ends at `\n` and nowhere else: JSON text may hold U+2028.
 * - A byte order mark that an editor put in front of a file is no part of its first line.
 */
import { constants } from "node:fs";
import { access, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isTypewireError } from "../base/index.ts";
import { cliErrors } from "./errors.ts";

const FLUSH_CHARS = 1 << 16;

/**
 * Writes lines to a file; `replace` allows that it is there already.
 *
 * @throws CLI_FILE_EXISTS, CLI_FILE_UNUSABLE, and what the lines throw
 */
export async function writeLines(
  file: string,
  lines: AsyncIterable<string>,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  if (!replace) await refuseExisting(file);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeSynced(temporary, lines);
    if (!replace) await refuseExisting(file);
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unusable(file, error);
  }
}

async function refuseExisting(file: string): Promise<void> {
  const exists = await access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (exists) throw cliErrors.create("CLI_FILE_EXISTS", { file });
}

async function writeSynced(file: string, lines: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, "w");
  try {
    let text = "";
    for await (const line of lines) {
      text += `${line}\n`;
      if (text.length < FLUSH_CHARS) continue;
      await handle.appendFile(text);
      text = "";
    }
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The new name itself is durable only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * The lines of a file, without their ends; the text after the last `\n` is a line when there is any.
 *
 * @throws CLI_FILE_UNUSABLE
 */
export async function* readLines(file: string): AsyncGenerator<string, void, undefined> {
  const handle = await open(file, "r").catch((error: unknown) => {
    throw unusable(file, error);
  });
  try {
    let rest = "";
    let isStart = true;
    for await (const chunk of handle.createReadStream({ encoding: "utf8", autoClose: false })) {
      const text = isStart ? String(chunk).replace(/^\ufeff/, "") : String(chunk);
      isStart = false;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  } catch (error) {
    throw unusable(file, error);
  } finally {
    await handle.close();
  }
}

function unusable(file: string, error: unknown): unknown {
  const isSystemError = error instanceof Error && "syscall" in error;
  if (isTypewireError(error) || !isSystemError) return error;
  return cliErrors.create("CLI_FILE_UNUSABLE", { file, reason: error.message }, error);
}
