/** Damage of each kind to the files of a store is found. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoredRecord } from "../../src/registry/index.ts";
import { chainHash } from "../../src/store/chain.ts";
import { openSqliteLog, repairSqliteFile, writeBackup } from "../../src/store/index.ts";
import type { SqliteDatabase } from "../../src/store/sqlite-engine.ts";
import { openDatabase } from "../../src/store/sqlite-engine.ts";
import { readAll, recorder } from "./log-contract.ts";
import { problemsOf, temporaryFolder } from "./logs.ts";

const RECORDS = 12;
let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  const log = openSqliteLog({ folder, clock: () => 1000 });
  await log.open(recorder());
  const records = Array.from({ length: RECORDS }, (_, n) => appended(n).records).flat();
  await log.transact(() => ({ records, result: 0 }));
  await log.close();
});
afterEach(() => rm(folder, { recursive: true }));

const appended = (n: number) => ({
  records: [{ key: `{"keytype":"NOOP","magic":0,"n":${n}}`, value: n % 3 === 0 ? null : `v${n}` }],
  result: n,
});

/** Opens the file as another program would, and closes it. */
function edit(change: (database: SqliteDatabase) => void): void {
  const database = openDatabase(join(folder, "registry.sqlite"), { timeoutMs: 5000 });
  change(database);
  database.close();
}

/** Makes the hash of one record fit it again. */
function fitHash(database: SqliteDatabase, offset: number): void {
  const rows = database.prepare<[number], StoredRecord & { readonly hash: string }>(
    "SELECT * FROM records WHERE offset = ?",
  );
  const [before, row] = [rows.get(offset - 1), rows.get(offset)];
  if (before === undefined || row === undefined) throw new Error("there is no such row");
  const update = database.prepare("UPDATE records SET hash = ? WHERE offset = ?");
  update.run(chainHash(before.hash, row), offset);
}

const sql = (text: string) => (database: SqliteDatabase) => void database.exec(text);
const misfit = (offset: number) =>
  `The record at offset ${offset} does not fit its hash: it, or the one before it, is not what was written`;
const fromHead = (text: string) => `${text} (says registry.sqlite-head)`;

const damages: readonly (readonly [string, (database: SqliteDatabase) => void, string[]])[] = [
  ["an edited value", sql("UPDATE records SET value = 'w' WHERE offset = 4"), [misfit(4)]],
  ["an edited key", sql("UPDATE records SET key = key || ' ' WHERE offset = 4"), [misfit(4)]],
  ["an edited timestamp", sql("UPDATE records SET timestamp = 1001 WHERE offset = 0"), [misfit(0)]],
  [
    "a value made a tombstone",
    sql("UPDATE records SET value = NULL WHERE offset = 4"),
    [misfit(4)],
  ],
  ["a tombstone made empty", sql("UPDATE records SET value = '' WHERE offset = 3"), [misfit(3)]],
  [
    "an edited hash",
    sql("UPDATE records SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE offset = 4"),
    [misfit(4), misfit(5)],
  ],
  [
    "a value edited with its hash",
    (database) => {
      database.exec("UPDATE records SET value = 'w' WHERE offset = 4");
      fitHash(database, 4);
    },
    [misfit(5)],
  ],
  [
    "the last value edited with its hash",
    (database) => {
      database.exec("UPDATE records SET value = 'w' WHERE offset = 11");
      fitHash(database, 11);
    },
    [
      fromHead("The record at offset 11 is not the one that was written"),
      "The record at offset 11 is not the one that was written last",
    ],
  ],
  [
    "a deleted record",
    sql("DELETE FROM records WHERE offset = 4"),
    ["The record at offset 4 is missing", "12 records should be there, and 11 are"],
  ],
  [
    "the first records deleted",
    sql("DELETE FROM records WHERE offset < 3"),
    ["Records 0 to 2 are missing", "12 records should be there, and 9 are"],
  ],
  [
    "the tail deleted",
    sql("DELETE FROM records WHERE offset > 8"),
    [fromHead("The record at offset 11 is missing"), "Records 9 to 11 are missing at the end"],
  ],
  [
    "the tail deleted with the file's own count",
    sql(`DELETE FROM records WHERE offset > 8;
      UPDATE head SET records = 9, next_offset = 9, hash = (SELECT hash FROM records WHERE offset = 8)`),
    [fromHead("Records 9 to 11 are missing at the end")],
  ],
  [
    "all records deleted",
    sql("DELETE FROM records"),
    [fromHead("The record at offset 11 is missing"), "Records 0 to 11 are missing at the end"],
  ],
  [
    "the count of records deleted",
    sql("DELETE FROM head"),
    [fromHead("Records 0 to 11 are missing at the end")],
  ],
  [
    "two records swapped",
    sql(`UPDATE records SET offset = -1 WHERE offset = 4;
      UPDATE records SET offset = 4 WHERE offset = 5;
      UPDATE records SET offset = 5 WHERE offset = -1`),
    [misfit(4), misfit(5), misfit(6)],
  ],
  [
    "a record put behind the end",
    sql(
      "INSERT INTO records SELECT 12, timestamp, key, value, hash FROM records WHERE offset = 11",
    ),
    [misfit(12)],
  ],
  [
    "the count of records edited",
    sql("UPDATE head SET records = 13"),
    ["13 records should be there, and 12 are"],
  ],
];

describe.each(damages)("a file with %s", (_, damage, problems) => {
  beforeEach(() => edit(damage));

  test("has problems, each told", async () => {
    expect(await problemsOf(folder)).toEqual(problems);
  });

  test("is not served, and not backed up", async () => {
    const refused = expect.stringMatching(/^STORE_(DAMAGED|TAIL_LOST)$/) as unknown;
    const serve = async () => {
      const log = openSqliteLog({ folder });
      try {
        await log.open(recorder());
      } finally {
        await log.close();
      }
    };
    await expect(serve()).rejects.toMatchObject({ code: refused });
    const backUp = async () => {
      const log = openSqliteLog({ folder, access: "read" });
      const lines: string[] = [];
      for await (const line of writeBackup(log)) lines.push(line);
    };
    await expect(backUp()).rejects.toMatchObject({ code: refused });
    expect(await problemsOf(folder)).toEqual(problems);
  });

  test("is a registry again when what is there is accepted", async () => {
    const { records, kept } = repairSqliteFile(folder, ".before");
    const names = ["registry.sqlite.before", "registry.sqlite-head.before"];
    expect(kept.map((path) => path.slice(folder.length + 1)).sort()).toEqual(names.sort());
    expect(await problemsOf(folder)).toEqual([]);
    const log = openSqliteLog({ folder });
    const fold = recorder();
    await log.open(fold);
    // And the mark under which no id of the default context is given out again.
    expect(fold.records).toHaveLength(records + 1);
    await log.transact(() => appended(RECORDS));
    await log.close();
    expect(await problemsOf(folder)).toEqual([]);
  });
});

test("damage that comes while a registry runs stops it: nothing is applied or written, ever after", async () => {
  const log = openSqliteLog({ folder });
  const fold = recorder();
  await log.open(fold);
  edit(sql("INSERT INTO records VALUES (12, 1, 'k', 'v', 'no hash')"));
  await expect(log.barrier()).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  edit(sql("DELETE FROM records WHERE offset = 12"));
  await expect(log.transact(() => appended(12))).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  expect(log.failure).toMatchObject({ code: "STORE_DAMAGED" });
  expect(fold.records).toHaveLength(RECORDS);
  await log.close();
  expect(await problemsOf(folder)).toEqual([]);
});

test("a tail that goes while a registry runs is met by the next write, which is refused", async () => {
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  edit(
    sql(`DELETE FROM records WHERE offset > 8;
      UPDATE head SET records = 9, next_offset = 9, hash = (SELECT hash FROM records WHERE offset = 8)`),
  );
  await expect(log.transact(() => appended(12))).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  await log.close();
});

test("what is read from a place on is checked, too", async () => {
  const log = openSqliteLog({ folder, access: "read" });
  expect(await readAll(log, 4)).toHaveLength(RECORDS - 4);
  edit(sql("UPDATE records SET value = 'w' WHERE offset = 7"));
  expect(await readAll(log, 8)).toHaveLength(RECORDS - 8);
  await expect(readAll(log, 4)).rejects.toMatchObject({
    code: "STORE_DAMAGED",
    details: { problem: misfit(7).replace("The", "the") },
  });
  await log.close();
});

test("of very many problems the first hundred are told", async () => {
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  await log.transact(() => ({
    records: Array.from({ length: 150 }, (_, n) => appended(n).records).flat(),
    result: 0,
  }));
  await log.close();
  edit(sql("UPDATE records SET timestamp = 1 WHERE offset < 150"));
  const problems = await problemsOf(folder);
  expect(problems).toHaveLength(101);
  expect(problems.at(-1)).toBe("And 50 more of this kind");
});

test("a file that another process has open is not repaired: STORE_BUSY, and no copy stays", async () => {
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  const names = await readdir(folder);
  expect(() => repairSqliteFile(folder, ".before")).toThrow(
    expect.objectContaining({ code: "STORE_BUSY" }),
  );
  expect(await readdir(folder)).toEqual(names);
  await log.close();
});
