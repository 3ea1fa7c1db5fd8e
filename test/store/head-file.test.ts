import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Head } from "../../src/store/chain.ts";
import { openHeadFile, readHeadFile } from "../../src/store/head-file.ts";
import { temporaryFolder } from "./logs.ts";

let folder: string;
const file = (): string => join(folder, "registry.sqlite-head");
const headOf = (end: number): Head => ({ records: end, end, hash: "ab".repeat(32) });
const found = (end: number, isClosed = false) => ({ ...headOf(end), isClosed });

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true }));

test("what was written last is read, whoever writes", () => {
  expect(readHeadFile(file())).toBe("absent");
  const one = openHeadFile(file(), headOf(1_000_000));
  const other = openHeadFile(file(), headOf(2));
  expect(readHeadFile(file())).toEqual(found(2));
  one.write(headOf(3));
  expect(readHeadFile(file())).toEqual(found(3));
  one.write(headOf(4), "closed");
  expect(readHeadFile(file())).toEqual(found(4, true));
  other.write(headOf(5));
  expect(readHeadFile(file())).toEqual(found(5));
  one.close();
  other.close();
});

test("it stays the same file, of one length", async () => {
  openHeadFile(file(), headOf(0)).close();
  const before = await stat(file());
  openHeadFile(file(), headOf(Number.MAX_SAFE_INTEGER)).close();
  const after = await stat(file());
  expect([after.ino, after.size]).toEqual([before.ino, before.size]);
});

test("with any bit of its text changed it is unreadable, never another head", async () => {
  const opened = openHeadFile(file(), headOf(12));
  opened.write(headOf(12), "closed");
  opened.close();
  const bytes = await readFile(file());
  const textBytes = bytes.toString("latin1").trimEnd().length;
  for (let bit = 0; bit < textBytes * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await writeFile(file(), changed);
    expect(readHeadFile(file()), `bit ${bit}`).toBe("unreadable");
  }
});

test.each([
  ["nothing", ""],
  ["a part", "typewire head 1 3"],
  ["a later format", "typewire head 2 3 3 ab"],
])("with %s in it it is unreadable, and can be written again", async (_, text) => {
  await writeFile(file(), text);
  expect(readHeadFile(file())).toBe("unreadable");
  openHeadFile(file(), headOf(4)).close();
  expect(readHeadFile(file())).toEqual(found(4));
});
