import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryLog, openSqliteLog } from "../../src/store/index.ts";
import type { LogKind } from "./log-contract.ts";

/** A folder of its own for one test. */
export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "typewire-store-"));
}

export const memoryKind: LogKind = {
  name: "memory",
  isShared: false,
  create: async () => {
    const log = createMemoryLog();
    const openAgain = (): never => {
      throw new Error("a memory log has one owner");
    };
    return { log, openAgain, dispose: () => log.close() };
  },
};

export const sqliteKind: LogKind = {
  name: "SQLite",
  isShared: true,
  create: async () => {
    const folder = await temporaryFolder();
    const log = openSqliteLog({ folder });
    return {
      log,
      openAgain: () => openSqliteLog({ folder }),
      dispose: async () => {
        await log.close();
        await rm(folder, { recursive: true });
      },
    };
  },
};

/** What is wrong in a registry's folder, as `verify` sees it. */
export async function problemsOf(folder: string): Promise<string[]> {
  const log = openSqliteLog({ folder, access: "read", damage: "report" });
  try {
    const problems: string[] = [];
    for await (const { kind, problem } of log.check())
      if (kind === "damage") problems.push(problem);
    return problems;
  } finally {
    await log.close();
  }
}

/** Copies a folder by another process: this one would lose its locks on what it closes. */
export function copyFolder(from: string, to: string): void {
  execFileSync("cp", ["-R", from, to]);
}
