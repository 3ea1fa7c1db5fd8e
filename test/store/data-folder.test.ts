import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasWal } from "../../src/store/data-folder.ts";
import { temporaryFolder } from "./logs.ts";

test.each([
  [undefined, false],
  [0, false],
  [32, false],
  [33, true],
])("a write-ahead log of %s bytes has something in it: %s", async (bytes, expected) => {
  const folder = await temporaryFolder();
  const path = join(folder, "registry.sqlite");
  if (bytes !== undefined) writeFileSync(`${path}-wal`, Buffer.alloc(bytes));
  expect(hasWal(path)).toBe(expected);
  rmSync(folder, { recursive: true });
});
