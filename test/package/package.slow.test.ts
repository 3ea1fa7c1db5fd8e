import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isThere, packageEntries, readText } from "../tidy/source.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tool = (name: string) => join(root, "node_modules", name);
const tsc = tool("typescript/bin/tsc");

/** Addons take minutes to compile, so the project gets the ones that are compiled already. */
const COMPILED = ["better-sqlite3", "node-rdkafka"];

const work = mkdtempSync(join(tmpdir(), "typewire-package-"));
const project = join(work, "project");
let tarball = "";
let packed: readonly string[] = [];

beforeAll(async () => {
  const stage = join(work, "stage");
  if (!isThere("dist")) throw new Error("There is no build to pack. Run `npm run build` first.");
  for (const name of readdirSync(root).filter(isShipped)) {
    cpSync(join(root, name), join(stage, name), { recursive: true });
  }
  const [result] = JSON.parse(
    await npm(stage, "pack", "--json", "--ignore-scripts", "--pack-destination", work),
  ) as [{ filename: string; files: { path: string }[] }];
  tarball = join(work, result.filename);
  packed = result.files.map((file) => file.path);

  cpSync(join(root, "test/package/project"), project, { recursive: true });
  await npm(
    project,
    "install",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-package-lock",
    tarball,
  );
  for (const name of COMPILED) {
    const installed = join(project, "node_modules", name);
    rmSync(installed, { recursive: true, force: true });
    symlinkSync(tool(name), installed);
  }
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    const installed = join(project, "node_modules", name);
    if (!existsSync(installed)) symlinkSync(tool(name), installed);
  }
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("the packed package", () => {
  test("holds what runs and what a reader needs, nothing else", () => {
    const odd = packed.filter((path) => !/^(?:dist\/(?:src|codegen)|bin)\//.test(path));
    expect(odd.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(packed.filter((path) => /\.(?:node|tgz|log|db)$|\.test\./.test(path))).toEqual([]);
  });

  test("has no fault that publint knows", async () => {
    await node(root, tool("publint/src/cli.js"), tarball, "--strict");
  });

  test("resolves its types in every way that ESM has", async () => {
    await node(root, tool("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "esm-only");
  });
});

describe("a project that installed the package", () => {
  test.each([...packageEntries().keys()])("imports the names of entry %s", async (entry) => {
    const specifier = JSON.stringify(join("typewire", entry));
    const names = await evaluate(`Object.keys(await import(${specifier}))`);
    expect(names).toEqual(exportedNames(entry));
  });

  test("loads no native code with `typewire`, `typewire/schema`, `typewire/avro`", async () => {
    const load = `await Promise.all(["", "/schema", "/avro"].map((entry) => import("typewire" + entry)))`;
    const addons = `process.report.getReport().sharedObjects.filter((path) => path.endsWith(".node"))`;
    expect(await evaluate(`(${load}, ${addons})`)).toEqual([]);
    const seeded = `(await import("node-rdkafka"), ${addons})`;
    expect(await evaluate(seeded)).toEqual([expect.stringMatching(/node-librdkafka\.node$/)]);
  });

  test("generates types, compiles under nodenext and bundler, and runs a service", async () => {
    const command = join(project, "node_modules/.bin/typewire");
    await node(project, command, "codegen", "--from", "files");
    await node(project, tsc, "-p", "tsconfig.bundler.json");
    await node(project, tsc, "-p", "tsconfig.json");
    expect(await node(project, "out/main.js")).toBe("0 p-1 p-1 1991 DONE null\n");
  });
});

function isShipped(name: string): boolean {
  return [
    "bin",
    "dist",
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "package.json",
    "src",
    "test",
  ].includes(name);
}

/** The names that the tidy test of exports has compared with the source. */
function exportedNames(entry: string): readonly string[] | undefined {
  const all = JSON.parse(readText("test/tidy/exports.json")) as Record<
    string,
    { values: string[] }
  >;
  return all[entry]?.values;
}

async function evaluate(expression: string): Promise<unknown> {
  const program = `console.log(JSON.stringify(${expression}))`;
  return JSON.parse(await node(project, "--input-type=module", "-e", program));
}

/** Runs Node there and gives what it printed; a failure shows both of its streams. */
async function node(cwd: string, ...args: readonly string[]): Promise<string> {
  return run(process.execPath, args, cwd);
}

async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  return run("npm", [...args, "--no-audit", "--no-fund"], cwd);
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  // The settings that vitest and an outer npm give to their children are not the user's.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:npm_|VITEST|NODE_ENV|NODE_OPTIONS)/.test(name),
    ),
  );
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
