/** Files of a store that are gone. */
import { rmSync } from "node:fs";
import { mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteLog } from "../../src/store/index.ts";
import { openDatabase } from "../../src/store/sqlite-engine.ts";
import { recorder } from "./log-contract.ts";
import { copyFolder, problemsOf, temporaryFolder } from "./logs.ts";

let root: string;
const data = (): string => join(root, "data");
const copy = (): string => join(root, "copy");
const record = { key: `{"keytype":"NOOP","magic":0}`, value: "x" };

beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => rm(root, { recursive: true }));

const codeOf = (code: string) => expect.objectContaining({ code }) as unknown;

async function append(folder: string, count: number): Promise<void> {
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  for (let n = 0; n < count; n++) await log.transact(() => ({ records: [record], result: n }));
  await log.close();
}

/** What a folder is while a registry runs on it, or after it was killed; `before` runs when it was closed. */
async function copyInUse(count: number, before = (): void => undefined): Promise<void> {
  await append(data(), 2);
  before();
  const log = openSqliteLog({ folder: data() });
  await log.open(recorder());
  for (let n = 0; n < count; n++) await log.transact(() => ({ records: [record], result: n }));
  copyFolder(data(), copy());
  await log.close();
}

describe("a registry is new", () => {
  test("only in a folder without traces, and the log says so", async () => {
    await mkdir(data());
    await mkdir(join(data(), "lost+found"));
    await writeFile(join(data(), "notes.txt"), "mine");
    const first = openSqliteLog({ folder: data() });
    expect(first.isNew).toBe(true);
    await first.close();
    const second = openSqliteLog({ folder: data() });
    expect(second.isNew).toBe(false);
    await second.close();
    expect((await readdir(data())).sort()).toEqual([
      "lost+found",
      "notes.txt",
      "registry.sqlite",
      "registry.sqlite-head",
    ]);
  });

  test("for one of several that begin at once", async () => {
    const logs = [1, 2, 3].map(() => openSqliteLog({ folder: data() }));
    expect(logs.map(({ isNew }) => isNew)).toEqual([true, false, false]);
    for (const log of logs) await log.close();
  });

  test.each([
    "registry.sqlite-wal",
    "registry.sqlite-shm",
    "registry.sqlite-journal",
    "registry.sqlite-head",
    "usage.sqlite",
    "usage.sqlite-wal",
    "usage.sqlite-shm",
  ])("not where %s is left: STORE_FILE_MISSING, and nothing is made", async (name) => {
    await mkdir(data());
    await writeFile(join(data(), name), "");
    for (const access of ["read-write", "read"] as const) {
      expect(() => openSqliteLog({ folder: data(), access })).toThrow(codeOf("STORE_FILE_MISSING"));
    }
    expect(await readdir(data())).toEqual([name]);
  });

  test("never for a tool that only reads: STORE_ABSENT, and nothing is made", async () => {
    expect(() => openSqliteLog({ folder: data(), access: "read" })).toThrow(codeOf("STORE_ABSENT"));
    expect(await readdir(root)).toEqual([]);
  });
});

describe("a file that was cut", () => {
  test.each([0, 1, 100, 511, 512, 4096, 8192])("to %i bytes is refused", async (bytes) => {
    await append(data(), 40);
    rmSync(join(data(), "registry.sqlite-head"));
    await truncate(join(data(), "registry.sqlite"), bytes);
    for (const access of ["read-write", "read"] as const) {
      expect(() => openSqliteLog({ folder: data(), access })).toThrow(codeOf("STORE_FILE_INVALID"));
    }
  });

  test("a database without anything in it is no new registry", async () => {
    await mkdir(data());
    const database = openDatabase(join(data(), "registry.sqlite"), { timeoutMs: 5000 });
    database.exec("VACUUM");
    database.pragma("user_version = 0");
    database.close();
    expect(() => openSqliteLog({ folder: data() })).toThrow(codeOf("STORE_FILE_INVALID"));
  });
});

describe("a copy of a registry in use", () => {
  const keep = async (...names: string[]) => {
    for (const name of await readdir(copy())) {
      if (!names.includes(name)) rmSync(join(copy(), name));
    }
  };
  const open = async () => {
    const log = openSqliteLog({ folder: copy() });
    const fold = recorder();
    await log.open(fold);
    await log.close();
    return fold.records.length;
  };

  test("with all of its files has everything", async () => {
    await copyInUse(3);
    expect(await open()).toBe(5);
  });

  test("without its -head, or its -shm, has everything", async () => {
    await copyInUse(3);
    await keep("registry.sqlite", "registry.sqlite-wal");
    expect(await open()).toBe(5);
  });

  test.each([
    ["with its -head", ["registry.sqlite", "registry.sqlite-head"]],
    ["alone", ["registry.sqlite"]],
    ["with its -shm", ["registry.sqlite", "registry.sqlite-shm"]],
  ])(
    "without its -wal, %s, is STORE_TAIL_LOST, also after verify looked at it",
    async (_, names) => {
      await copyInUse(3);
      await keep(...names);
      await expect(open()).rejects.toMatchObject({ code: "STORE_TAIL_LOST" });
      expect(await problemsOf(copy())).toHaveLength(1);
      await expect(open()).rejects.toMatchObject({ code: "STORE_TAIL_LOST" });
      expect(() => openSqliteLog({ folder: copy(), access: "read" })).toThrow(
        codeOf("STORE_TAIL_LOST"),
      );
    },
  );

  test("without its -wal is STORE_TAIL_LOST even when nothing was written since", async () => {
    await copyInUse(0);
    await keep("registry.sqlite");
    await expect(open()).rejects.toMatchObject({ code: "STORE_TAIL_LOST" });
  });

  test("without its -wal, over an older copy of a registry that was closed, is STORE_TAIL_LOST", async () => {
    const older = join(root, "older");
    await copyInUse(3, () => copyFolder(data(), older));
    copyFolder(join(copy(), "registry.sqlite"), join(older, "registry.sqlite"));
    expect(() => openSqliteLog({ folder: older })).toThrow(codeOf("STORE_TAIL_LOST"));
    expect(await problemsOf(older)).toHaveLength(1);
  });

  test("whose -wal was emptied by another program, with nothing lost, is opened", async () => {
    await copyInUse(3);
    const database = openDatabase(join(copy(), "registry.sqlite"), { timeoutMs: 5000 });
    database.pragma("wal_checkpoint(TRUNCATE)");
    database.close();
    expect(await readdir(copy())).not.toContain("registry.sqlite-wal");
    expect(await open()).toBe(5);
  });

  test("with the -wal cut anywhere before its end is STORE_TAIL_LOST", async () => {
    await copyInUse(3);
    await truncate(join(copy(), "registry.sqlite-wal"), 2 * 4096);
    await expect(open()).rejects.toMatchObject({ code: "STORE_TAIL_LOST" });
  });
});

test("an older copy of the file in place of the newer is STORE_TAIL_LOST, until the -head is removed", async () => {
  await append(data(), 2);
  copyFolder(data(), copy());
  await append(data(), 2);
  rmSync(join(data(), "registry.sqlite"));
  copyFolder(join(copy(), "registry.sqlite"), join(data(), "registry.sqlite"));
  expect(() => openSqliteLog({ folder: data() })).toThrow(codeOf("STORE_TAIL_LOST"));
  rmSync(join(data(), "registry.sqlite-head"));
  const log = openSqliteLog({ folder: data() });
  await log.open(recorder());
  expect(log.end).toBe(2);
  await log.close();
});

test("a file that was closed needs nothing but itself", async () => {
  await append(data(), 3);
  await mkdir(copy());
  copyFolder(join(data(), "registry.sqlite"), join(copy(), "registry.sqlite"));
  expect(await problemsOf(copy())).toEqual([]);
  expect(await readdir(copy())).toEqual(["registry.sqlite"]);
});
