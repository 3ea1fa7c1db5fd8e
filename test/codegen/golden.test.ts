/** Generated code, compared with the files in `generated/`, which compile. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { generate } from "../../codegen/index.ts";
import { cases } from "./cases.ts";

const root = new URL("../../", import.meta.url).pathname;
const folder = join(root, "test/codegen/generated");

describe.each(Object.entries(cases))("%s", (name, input) => {
  const { files } = generate(input);

  test.each([...files])("%s is as committed", async (file, text) => {
    await expect(text).toMatchFileSnapshot(join(folder, name, file));
  });

  test("no other files are committed", async () => {
    const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile());
    const names = [...files.keys()].map((file) => file.split("/").at(-1) ?? "");
    expect(found.map((entry) => entry.name).sort()).toEqual(names.sort());
  });

  test("the same input in another order gives the same files", () => {
    const { files: again } = generate({
      ...input,
      schemas: [...input.schemas].reverse(),
      topics: [...input.topics].reverse(),
    });
    expect([...again]).toEqual([...files]);
  });
});

test("generated code is formatted as our formatter would", async () => {
  const copy = await mkdtemp(join(tmpdir(), "typewire-golden-"));
  try {
    await cp(folder, copy, { recursive: true });
    const text = await readFile(join(root, "biome.json"), "utf8");
    const { formatter } = JSON.parse(text) as { formatter: object };
    const files = { includes: ["**/*.ts"] };
    const settings = { root: true, formatter, files, json: { formatter: { enabled: false } } };
    await writeFile(join(copy, "biome.json"), JSON.stringify(settings));
    const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
    const check = [biome, "format", "--colors=off", copy];
    const run = promisify(execFile)(process.execPath, check, { cwd: copy });
    await expect(run).resolves.toMatchObject({
      stderr: expect.stringMatching(/^Checked \d+ files in .+ No fixes applied\.\n$/) as unknown,
    });
  } finally {
    await rm(copy, { recursive: true });
  }
});
