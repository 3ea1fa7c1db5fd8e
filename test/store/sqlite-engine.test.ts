import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SqliteEngineName } from "../../src/store/sqlite-engine.ts";
import { findEngine, SQLITE_ENGINES, sqliteCodeOf } from "../../src/store/sqlite-engine.ts";
import { temporaryFolder } from "./logs.ts";

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

/** The engines of this Node; the slow tests run all of this on a Node that has both. */
const there = SQLITE_ENGINES.filter((name) => {
  try {
    return findEngine(name).name === name;
  } catch {
    return false;
  }
});

test("at least one engine is there, and it is the one that is found", () => {
  expect(there.length).toBeGreaterThan(0);
  expect(findEngine().name).toBe(there[0]);
});

test.runIf(process.version.startsWith("v20."))(
  "STORE_ENGINE_MISSING says what to install (only on Node 20, which has none of its own)",
  () => {
    expect(() => findEngine("node:sqlite")).toThrow(
      expect.objectContaining({
        code: "STORE_ENGINE_MISSING",
        hint: expect.stringContaining("npm install better-sqlite3@") as unknown,
      }),
    );
  },
);

describe.each(there)("%s", (name: SqliteEngineName) => {
  const path = () => join(folder, "a.sqlite");
  const open = (options = {}) => findEngine(name).open(path(), { timeoutMs: 0, ...options });
  const opened: { close(): void }[] = [];
  afterEach(() => {
    for (const database of opened.splice(0)) database.close();
  });
  const use = (options = {}) => {
    const database = open(options);
    opened.push(database);
    return database;
  };

  test("binds by place and by name, and reads rows, pages and pragmas", () => {
    const database = use();
    database.exec("CREATE TABLE t (a INTEGER, b TEXT, c BLOB) STRICT");
    const byPlace = database.prepare<[number, string | null, Uint8Array]>(
      "INSERT INTO t VALUES (?, ?, ?)",
    );
    byPlace.run(2 ** 53 - 1, null, new Uint8Array([1, 2]));
    database
      .prepare<[{ a: number; b: string }]>("INSERT INTO t VALUES (@a, @b, NULL)")
      .run({ a: -1, b: "é\u0000" });
    const rows = database.prepare<[], { a: number; b: string | null }>("SELECT a, b FROM t");
    const expected = [
      { a: 2 ** 53 - 1, b: null },
      { a: -1, b: "é\u0000" },
    ];
    expect(rows.all()).toEqual(expected);
    expect([...rows.iterate()]).toEqual(expected);
    expect(rows.get()).toEqual(expected[0]);
    expect(database.prepare("SELECT a FROM t WHERE a = 7").get()).toBeUndefined();
    expect([database.pragma("user_version = 3"), database.pragma("user_version")]).toEqual([
      undefined,
      3,
    ]);
  });

  test("keeps all of a transaction or nothing", () => {
    const database = use();
    database.exec("CREATE TABLE t (a)");
    const kept = database.transaction("immediate", () => {
      database.exec("INSERT INTO t VALUES (1)");
      return 7;
    });
    expect(kept).toBe(7);
    const failing = () =>
      database.transaction("deferred", () => {
        database.exec("INSERT INTO t VALUES (2)");
        throw new Error("no");
      });
    expect(failing).toThrow("no");
    database.exec("BEGIN");
    database.exec("INSERT INTO t VALUES (3)");
    database.rollBack();
    database.rollBack();
    expect(database.prepare("SELECT a FROM t").all()).toEqual([{ a: 1 }]);
  });

  test("tells SQLite's errors by their names", () => {
    const database = use();
    database.exec("CREATE TABLE t (a)");
    const other = use();
    database.exec("BEGIN IMMEDIATE");
    const codeOf = (call: () => void): string => {
      try {
        call();
        return "none";
      } catch (error) {
        return sqliteCodeOf(error);
      }
    };
    expect(codeOf(() => other.exec("BEGIN IMMEDIATE"))).toBe("SQLITE_BUSY");
    expect(codeOf(() => database.exec("nonsense"))).toBe("SQLITE_ERROR");
    database.rollBack();
    const reader = use({ readonly: true, fileMustExist: true });
    expect(codeOf(() => reader.exec("INSERT INTO t VALUES (1)"))).toBe("SQLITE_READONLY");
    expect(sqliteCodeOf(new Error("other"))).toBe("");
  });

  test("makes no file where one must be, and closes once", () => {
    expect(() => open({ fileMustExist: true })).toThrow("unable to open database file");
    const database = open();
    database.close();
    database.close();
    expect(database.isOpen).toBe(false);
  });
});
