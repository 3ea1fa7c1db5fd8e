import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageEntries, readText } from "../tidy/source.ts";
import { node, npm, packPackage, root } from "./packed.ts";

const tool = (name: string) => join(root, "node_modules", name);
const tsc = tool("typescript/bin/tsc");

/** Addons take minutes to compile, so the project gets the ones that are compiled already. */
const COMPILED = ["better-sqlite3", "node-rdkafka"];

const work = mkdtempSync(join(tmpdir(), "typewire-package-"));
const project = join(work, "project");
let tarball = "";
let packed: readonly string[] = [];
let programs: readonly string[] = [];

beforeAll(async () => {
  ({ tarball, files: packed, programs } = await packPackage(work));
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
    const odd = packed.filter((path) => !/^(?:dist\/(?:src|codegen)|bin|docs)\//.test(path));
    expect(odd.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(packed.filter((path) => /\.(?:node|tgz|log|db)$|\.test\./.test(path))).toEqual([]);
  });

  test("has the pages that README links to, and one file that may be run", () => {
    const pages = [...readText("README.md").matchAll(/\]\((docs\/[\w-]+\.md)/g)];
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.map(([, page]) => page).filter((page = "") => !packed.includes(page))).toEqual([]);
    expect(programs).toEqual(["bin/typewire.js"]);
  });

  test("has no fault that publint knows", async () => {
    const run = node(root, tool("publint/src/cli.js"), tarball, "--strict");
    await expect(run).resolves.not.toContain("Errors:");
  });

  test("resolves its types in every way that ESM has", async () => {
    const cli = tool("@arethetypeswrong/cli/dist/index.js");
    const run = node(root, cli, tarball, "--profile", "esm-only");
    await expect(run).resolves.toContain("typewire");
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
