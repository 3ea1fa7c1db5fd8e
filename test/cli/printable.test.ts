/** What commands print of text that others wrote. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { FILE_MARK } from "../../codegen/module.ts";
import { printable, show } from "../../src/base/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { readFiles, withoutComments } from "../tidy/source.ts";
import { runHere } from "./run-here.ts";

/** Everything that would move a cursor, hide text or start a line, except line ends. */
const HARM =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const EVIL = "\u001b]0;x\u0007\u009b2J\u202e\u2028\r\u0000\ufeff\u{e0041}";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "typewire-print-"));
  closing.push(() => rm(made, { recursive: true }));
  return made;
}

/** Text with many of the characters in question. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...EVIL, "\ud800", "\udc00", "\n", "\t", '"', "\\", "é", "😀"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

describe("printable", () => {
  test("leaves nothing that a terminal obeys, and what is harmless as it is", () => {
    fc.assert(
      fc.property(text, (value) => {
        const printed = printable(value);
        expect(printed).not.toMatch(HARM);
        expect(printed).not.toContain("\n");
        expect(() => encodeURIComponent(printed)).not.toThrow();
        expect(printable(printed)).toBe(printed);
      }),
    );
    expect(printable("größer 😀 'a' \\ \"b\" 👨‍👩‍👧")).toBe("größer 😀 'a' \\ \"b\" 👨‍👩‍👧");
    expect(printable(EVIL)).toBe(
      "\\u001b]0;x\\u0007\\u009b2J\\u202e\\u2028\\u000d\\u0000\\ufeff\\udb40\\udc41",
    );
  });

  test("keeps JSON what it is", () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
      }),
    );
  });

  test("show bounds and escapes whatever it is given", () => {
    let deep: unknown = 0;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    for (const value of [deep, { deep }, EVIL.repeat(1000), { a: 1n }, Symbol("x"), undefined]) {
      expect(show(value).length).toBeLessThanOrEqual(201);
      expect(show(value)).not.toMatch(HARM);
    }
  });
});

describe("commands print the names and texts of schemas escaped", () => {
  test("codegen from files: warnings, errors and differences", async () => {
    const cwd = await folder();
    const config = join(cwd, "typewire.json");
    const file = (fields: unknown[]) =>
      writeFile(
        join(cwd, "s.avsc"),
        JSON.stringify({ type: "record", name: "R", doc: EVIL, fields }),
      );
    await writeFile(config, JSON.stringify({ topics: { t: { value: "./s.avsc" } } }));
    await mkdir(join(cwd, "src/generated"), { recursive: true });
    await writeFile(join(cwd, "src/generated/old.ts"), `${FILE_MARK}\n// ${EVIL}\n`);
    const run = (...flags: string[]) =>
      runHere(["codegen", "--config", config, "--from", "files", ...flags]);
    await file([]);
    const stale = await run("--check");
    expect(stale.status).toBe(1);
    expect(stale.stdout).toContain("-// \\u001b]0;x");
    expect(stale.stdout).not.toMatch(HARM);
    await file([{ name: EVIL, type: EVIL }]);
    const refused = await run();
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("\\u001b]0;x");
    expect(refused.stderr).not.toMatch(HARM);
  });

  test("codegen from a registry whose errors are hostile", async () => {
    const cwd = await folder();
    const config = join(cwd, "typewire.json");
    const { url, close } = await createRegistryServer({ store: "memory", port: 0, drainMs: 0 });
    closing.push(close);
    await writeFile(
      config,
      JSON.stringify({ registry: { url }, topics: { t: { value: `${EVIL}x` } } }),
    );
    const ended = await runHere(["codegen", "--config", config]);
    expect(ended.status).not.toBe(0);
    expect(ended.stdout + ended.stderr).not.toMatch(HARM);
  });

  test("verify and restore of a file with hostile lines", async () => {
    const file = join(await folder(), "x.backup");
    await writeFile(file, `${EVIL}\n{"a":"${EVIL}"}\n`);
    for (const args of [
      ["verify", "--backup", file],
      ["restore", "--from", file, "--data", join(await folder(), "d")],
    ]) {
      const ended = await runHere(args);
      expect(ended.status).toBe(1);
      expect(ended.stdout + ended.stderr).not.toMatch(HARM);
    }
  });
});

test("nothing but src/cli/print.ts writes to the process", () => {
  const writers = readFiles(["src/cli", "codegen"], [".ts"])
    .filter(({ text: source }) =>
      /process\.std(out|err)\.write|console\.(log|error|warn|info)/.test(withoutComments(source)),
    )
    .map(({ path }) => path);
  expect(writers).toEqual(["src/cli/print.ts"]);
});
