import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The folder of a client, with its own package and lock file. */
export function folderOf(name: string): string {
  return fileURLToPath(new URL(`../clients/${name}/`, import.meta.url));
}

/** Installs a JavaScript client from its own lock file, once. Answers why not, when it fails. */
export async function installNode(name: string): Promise<string | undefined> {
  const cwd = folderOf(name);
  if (existsSync(`${cwd}node_modules/.package-lock.json`)) return undefined;
  return reasonOf(run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd }));
}

/** Installs the Python client into an environment of its own, once. Answers why not, when it fails. */
export async function installPython(): Promise<string | undefined> {
  const cwd = folderOf("python");
  if (existsSync(`${cwd}.venv/installed`)) return undefined;
  const script =
    "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt && touch .venv/installed";
  return reasonOf(run("sh", ["-c", script], { cwd }));
}

async function reasonOf(installation: Promise<unknown>): Promise<string | undefined> {
  try {
    await installation;
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "unknown") : String(error);
  }
}
