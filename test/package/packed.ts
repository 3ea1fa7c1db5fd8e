/** The package as `npm pack` makes it, and commands that run beside the user's own settings. */
import { execFile } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isThere } from "../tidy/source.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A tarball with the paths in it. */
export interface Packed {
  readonly tarball: string;
  readonly files: readonly string[];
  /** Those of the files that may be run. */
  readonly programs: readonly string[];
}

/** Packs the build into a folder. */
export async function packPackage(folder: string): Promise<Packed> {
  const stage = join(folder, "stage");
  if (!isThere("dist")) throw new Error("There is no build to pack. Run `npm run build` first.");
  for (const name of readdirSync(root).filter(isShipped)) {
    cpSync(join(root, name), join(stage, name), { recursive: true });
  }
  const [result] = JSON.parse(
    await npm(stage, "pack", "--json", "--ignore-scripts", "--pack-destination", folder),
  ) as [{ filename: string; files: { path: string; mode: number }[] }];
  return {
    tarball: join(folder, result.filename),
    files: result.files.map(({ path }) => path),
    programs: result.files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path),
  };
}

function isShipped(name: string): boolean {
  return [
    "bin",
    "dist",
    "docs",
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "package.json",
    "src",
    "test",
  ].includes(name);
}

/** Runs Node there and gives what it printed; a failure shows both of its streams. */
export async function node(cwd: string, ...args: readonly string[]): Promise<string> {
  return run(process.execPath, args, cwd);
}

/** Runs npm there and gives what it printed. */
export async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  return run("npm", [...args, "--no-audit", "--no-fund"], cwd);
}

/** The environment of a user: without the settings that vitest and an outer npm give to their children. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(?:npm_|VITEST|NODE_ENV|NODE_OPTIONS|TYPEWIRE_TEST_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Installs another release of Node into a folder; answers the path of its program. */
export async function installNode(folder: string, release: number): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  await npm(folder, "install", "--no-package-lock", "--no-save", `${name}@${release}`);
  return join(folder, "node_modules", name, "bin/node");
}

/** Runs a command there and gives what it printed; a failure shows both of its streams. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const env = { ...userEnvironment(), ...variables };
  try {
    const options = { cwd, env, timeout: 150_000, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}`, {
      cause: error,
    });
  }
}
