import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteLog } from "../../src/store/index.ts";
import type { SqliteDatabase } from "../../src/store/sqlite-engine.ts";
import { openDatabase } from "../../src/store/sqlite-engine.ts";
import { readAll, recorder } from "./log-contract.ts";
import { temporaryFolder } from "./logs.ts";

let folder: string;
const fileOf = (): string => join(folder, "registry.sqlite");

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Opens the file as another program would. */
function edit(change: (database: SqliteDatabase) => void): void {
  const database = openDatabase(fileOf(), { timeoutMs: 5000 });
  change(database);
  database.close();
}

const record = { key: `{"keytype":"NOOP","magic":0}`, value: "x".repeat(10_000) };
const append = () => ({ records: [record], result: "written" });

describe("opening", () => {
  test("makes the folder and the file, and finds everything again", async () => {
    const nested = join(folder, "a", "b");
    const log = openSqliteLog({ folder: nested });
    await log.open(recorder());
    await log.transact(append);
    await log.close();
    const again = openSqliteLog({ folder: nested });
    const fold = recorder();
    await again.open(fold);
    expect(fold.records).toHaveLength(1);
    expect(again.end).toBe(1);
    await again.close();
  });

  test("a folder that is a file is STORE_FOLDER_UNUSABLE", async () => {
    await writeFile(join(folder, "file"), "");
    expect(() => openSqliteLog({ folder: join(folder, "file") })).toThrow(
      expect.objectContaining({ code: "STORE_FOLDER_UNUSABLE" }),
    );
  });

  test.runIf(process.platform === "linux")(
    "a folder that can't be made is STORE_FOLDER_UNUSABLE at once",
    () => {
      for (const impossible of ["/proc/nope", "/proc/nope/a/b"]) {
        expect(() => openSqliteLog({ folder: impossible })).toThrow(
          expect.objectContaining({ code: "STORE_FOLDER_UNUSABLE" }),
        );
      }
    },
  );

  test("a database folder in place of the file is STORE_FOLDER_UNUSABLE", async () => {
    await mkdir(fileOf());
    expect(() => openSqliteLog({ folder })).toThrow(
      expect.objectContaining({ code: "STORE_FOLDER_UNUSABLE" }),
    );
  });

  test("a file that is not SQLite is STORE_FILE_INVALID", async () => {
    await writeFile(fileOf(), "these are not the pages of a database ".repeat(100));
    expect(() => openSqliteLog({ folder })).toThrow(
      expect.objectContaining({ code: "STORE_FILE_INVALID" }),
    );
  });

  test("another program's database is STORE_FILE_INVALID and stays as it is", () => {
    edit((database) => database.exec("CREATE TABLE theirs (x)"));
    expect(() => openSqliteLog({ folder })).toThrow(
      expect.objectContaining({ code: "STORE_FILE_INVALID" }),
    );
    edit((database) => {
      expect(database.prepare("SELECT name FROM sqlite_schema").all()).toEqual([
        { name: "theirs" },
      ]);
    });
  });

  test("a file of a later format is STORE_FILE_NEWER", async () => {
    await openSqliteLog({ folder }).close();
    edit((database) => database.pragma("user_version = 99"));
    expect(() => openSqliteLog({ folder })).toThrow(
      expect.objectContaining({
        code: "STORE_FILE_NEWER",
        details: { file: fileOf(), found: 99, known: 2 },
      }),
    );
  });
});

describe("a write that fails", () => {
  test("for want of space is STORE_FULL, nothing of the group is kept, reads go on", async () => {
    const log = openSqliteLog({ folder, bytesMax: 60_000 });
    const fold = recorder();
    await log.open(fold);
    await log.transact(append);
    const group = await Promise.allSettled(Array.from({ length: 20 }, () => log.transact(append)));
    expect(new Set(group.map((one) => one.status))).toEqual(new Set(["rejected"]));
    expect(group[0]).toMatchObject({ reason: { code: "STORE_FULL", retriable: true } });
    expect(fold.resets).toBe(1);
    expect(fold.records).toHaveLength(1);
    expect(await readAll(log)).toHaveLength(1);
    expect(await log.transact(append)).toBe("written");
    await log.close();
  });

  test("on a log for reading is STORE_READ_ONLY, reads go on", async () => {
    const writer = openSqliteLog({ folder });
    await writer.open(recorder());
    await writer.transact(append);
    const reader = openSqliteLog({ folder, access: "read" });
    const fold = recorder();
    await reader.open(fold);
    await expect(reader.transact(append)).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    await writer.transact(append);
    await reader.barrier();
    expect(fold.records).toHaveLength(2);
    await reader.close();
    await writer.close();
  });

  test("on a lock that another process keeps is STORE_BUSY", async () => {
    const log = openSqliteLog({ folder, busyWaitMs: 30 });
    await log.open(recorder());
    const other = openDatabase(fileOf(), { timeoutMs: 5000 });
    other.exec("BEGIN IMMEDIATE");
    await expect(log.transact(append)).rejects.toMatchObject({ code: "STORE_BUSY" });
    other.exec("COMMIT");
    other.close();
    expect(await log.transact(append)).toBe("written");
    await log.close();
  });

  test("waits for a lock that goes away", async () => {
    const log = openSqliteLog({ folder });
    await log.open(recorder());
    const other = openDatabase(fileOf(), { timeoutMs: 5000 });
    other.exec("BEGIN IMMEDIATE");
    const work = log.transact(append);
    await new Promise((resolve) => setTimeout(resolve, 30));
    other.exec("COMMIT");
    expect(await work).toBe("written");
    other.close();
    await log.close();
  });

  test("for any other reason is STORE_FAILED and names it", async () => {
    const log = openSqliteLog({ folder });
    await log.open(recorder());
    edit((database) => database.exec("DROP TABLE records"));
    await expect(log.transact(append)).rejects.toMatchObject({
      code: "STORE_FAILED",
      message: `The store ${fileOf()} failed: no such table: records`,
    });
    await log.close();
  });
});

test("calls that take long are no one transaction: others run in between", async () => {
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  const done: string[] = [];
  const slow = (name: string) => async () => {
    await log.transact(() => {
      const until = performance.now() + 25;
      while (performance.now() < until);
      return append();
    });
    done.push(name);
  };
  const calls = ["first", "second", "third"].map((name) => slow(name)());
  // The first transaction is in the next turn.
  setImmediate(() => setImmediate(() => done.push("other")));
  await Promise.all(calls);
  expect(done).toHaveLength(4);
  expect(done.indexOf("other")).toBeGreaterThan(0);
  expect(done.indexOf("other")).toBeLessThan(3);
  await log.close();
});

test("records of another process arrive without being asked for", async () => {
  const [one, two] = [openSqliteLog({ folder, pollMs: 2 }), openSqliteLog({ folder })];
  const arrived = new Promise<string>((resolve) => {
    void one.open({ apply: ({ key }) => resolve(key), reset: () => undefined });
  });
  await two.open(recorder());
  await two.transact(append);
  expect(await arrived).toBe(record.key);
  await one.close();
  await two.close();
});

test("a page has as much as was asked for, one record at least", async () => {
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  for (const _ of [1, 2, 3, 4, 5]) await log.transact(append);
  const offsets = async (from: number, charsMax: number) =>
    (await log.page?.(from, charsMax))?.map(({ offset }) => offset);
  expect(await offsets(0, 1)).toEqual([0]);
  expect(await offsets(1, 25_000)).toEqual([1, 2, 3]);
  expect(await offsets(3, 1_000_000)).toEqual([3, 4]);
  expect(await offsets(5, 1)).toEqual([]);
  // A page that ended early leaves the file free for the next write.
  await log.transact(append);
  await log.close();
  await expect(log.page?.(0, 1)).rejects.toMatchObject({ code: "STORE_FAILED" });
});
