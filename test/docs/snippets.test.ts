/** What README, the pages of `docs/` and the doc comments show in TypeScript compiles, and runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRegistryServer } from "../../src/server/index.ts";
import { readFiles, readText } from "../tidy/source.ts";
import type { Module } from "./snippets.ts";
import { examplesOf, modulesOf, snippetsOf } from "./snippets.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "typewire-docs-"));

const pages = readFiles(["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs"], [".md"]);
const ofPages = pages.flatMap(({ path, text }) => modulesOf(path, text));
const sources = readFiles(["src", "codegen"], [".ts"]);
const ofComments = sources.flatMap(({ path, text }) => examplesOf(path, text));
const modules = [...ofPages, ...ofComments];

beforeAll(async () => {
  cpSync(join(import.meta.dirname, "project"), folder, { recursive: true });
  const payment = snippetsOf(readText("README.md")).find(
    ({ file }) => file === "schemas/payment.avsc",
  );
  writeFileSync(join(folder, "schemas/payment.avsc"), payment?.text ?? "");
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/typewire"));
  for (const name of ["@types/node", "undici-types", "@opentelemetry"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const generated = await node(join(root, "bin/typewire.js"), "codegen", "--from", "files");
  expect(generated).toMatchObject({ status: 0 });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compilerOptions = {
  target: "es2023",
  lib: ["es2023"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitReturns: true,
  // The declarations themselves are a matter of test/package.
  skipLibCheck: true,
  outDir: "out",
  rootDir: ".",
};

/** Modules that need a real Kafka, or a service around them, to run. */
const ONLY_COMPILED = /from "typewire\/(?:kafka|testing)"|from "\.\/generated\//;

test("every snippet and every example compiles, and those that need no Kafka run", async () => {
  for (const { name, text } of modules) writeFileSync(join(folder, name), text);
  const compiled = await node(join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
  expect(compiled.stdout).toBe("");
  expect(compiled.status).toBe(0);

  const runnable = modules.filter(({ text }) => !ONLY_COMPILED.test(text));
  expect(await failuresOf(runnable)).toEqual([]);
});

test("a snippet that does not compile, and one that throws, are seen", async () => {
  const page =
    '# T\n\n```ts\nconst n: number = text;\nthrow new Error(String(n));\n```\n<!-- given: const text = "x"; -->\n';
  const [module] = modulesOf("docs/seeded.md", page);
  writeFileSync(join(folder, "docs-seeded.ts"), module?.text ?? "");
  const { stdout, status } = await node(join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
  expect(stdout).toMatch(/^docs-seeded\.ts\(4,7\): error TS2322: /m);
  expect(status).not.toBe(0);
  rmSync(join(folder, "docs-seeded.ts"));
  writeFileSync(join(folder, "out/docs-seeded.js"), 'throw new Error("as it should");');
  expect(await failuresOf([{ name: "docs-seeded.ts", text: "" }])).toEqual([
    "docs-seeded.ts: Error: as it should",
  ]);
});

test("blocks are found: of pages, of list items, of comments", () => {
  const page =
    "a\n```ts\nx;\n```\n- b\n  ```sh\n  y\n  ```\n<!-- file: z.ts -->\n\n```ts\nz;\n```\n";
  expect(
    snippetsOf(page).map(({ language, text, line, file }) => [language, text, line, file]),
  ).toEqual([
    ["ts", "x;\n", 3, undefined],
    ["sh", "y\n", 7, undefined],
    ["ts", "z;\n", 12, "z.ts"],
  ]);
  const source = "/**\n * A.\n *\n * @example\n * ```ts\n * f();\n *\n * g();\n * ```\n */\n";
  expect(examplesOf("src/a/b.ts", source)).toEqual([
    { name: "src-a-b-6.ts", text: "\n\n\n\n\nf();\n\ng();\nexport {};\n" },
  ]);
  expect(ofPages.length).toBeGreaterThan(5);
  expect(ofComments.length).toBeGreaterThan(10);
});

/** Runs compiled modules one after the other in one process, each against a new registry. */
async function failuresOf(list: readonly Module[]): Promise<string[]> {
  const registry = await createRegistryServer({ store: "memory", port: 0 });
  try {
    const program = `
      const real = globalThis.fetch;
      globalThis.fetch = (url, init) =>
        real(String(url).replace("http://localhost:8081", ${JSON.stringify(registry.url)}), init);
      for (const name of ${JSON.stringify(list.map(({ name }) => name))})
        await import(${JSON.stringify(`${folder}/out/`)} + name.replace(/ts$/, "js"))
          .catch((error) => console.error(name + ": " + error));`;
    const { status, stderr } = await node("--input-type=module", "-e", program);
    const failures = stderr.split("\n").filter((line) => line !== "");
    return status === 0 ? failures : [...failures, `status ${status}`];
  } finally {
    await registry.close();
  }
}

async function node(
  ...args: string[]
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, args, { cwd: folder });
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    written.stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    written.stderr += String(chunk);
  });
  const [status] = (await once(child, "close")) as [number];
  return { status, ...written };
}
