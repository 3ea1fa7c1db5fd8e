/** Files of earlier builds are upgraded, once. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LogRecord } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { schemaRecord } from "../../src/registry/state/records.ts";
import { openSqliteLog } from "../../src/store/index.ts";
import { openDatabase } from "../../src/store/sqlite-engine.ts";
import { readAll, recorder } from "./log-contract.ts";
import { problemsOf, temporaryFolder } from "./logs.ts";
import { appendOld, makeOldFile, openOldFile } from "./old-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true }));

const recordOf = (n: number): LogRecord =>
  schemaRecord({
    subject: "s",
    version: n,
    id: n,
    schemaType: "AVRO",
    references: [],
    schema: `{"type":"fixed","name":"F","size":${n}}`,
    deleted: false,
    ts: 1,
  });
/** More than one page of the upgrade. */
const records = Array.from({ length: 2500 }, (_, n) => recordOf(n + 1));

function formatOf(): unknown {
  const database = openDatabase(join(folder, "registry.sqlite"), {
    readonly: true,
    timeoutMs: 5000,
  });
  try {
    return database.pragma("user_version");
  } finally {
    database.close();
  }
}

test("a file of format 1 is read as it is by tools that only look, which say that it has no chain", async () => {
  makeOldFile(folder, records);
  const log = openSqliteLog({ folder, access: "read" });
  const service = await createRegistryService({ log, clock: () => 1 });
  const { problems, notes } = await service.verify();
  expect(problems).toEqual([]);
  expect(notes).toEqual([
    "The file has format 1: its records have no hashes until a registry starts on it",
  ]);
  expect(await readAll(log)).toHaveLength(records.length);
  await log.close();
  expect(formatOf()).toBe(1);
});

test("a file of format 1 is chained when a registry starts on it, keeps every record, and goes on", async () => {
  makeOldFile(folder, records);
  const old = openSqliteLog({ folder, access: "read" });
  const before = await readAll(old);
  await old.close();
  const log = openSqliteLog({ folder });
  expect(log.isNew).toBe(false);
  const service = await createRegistryService({ log, clock: () => 1 });
  expect(await readAll(log)).toEqual(before);
  const registered = await service.register("t", { schema: '"string"' }, {});
  expect(registered).toMatchObject({ id: records.length + 1 });
  const report = await service.verify();
  expect(report).toMatchObject({ records: records.length + 1, problems: [] });
  expect(report).not.toHaveProperty("notes");
  await log.close();
  expect(formatOf()).toBe(2);
  expect(await problemsOf(folder)).toEqual([]);
});

test("a file of format 1 whose registry was killed is chained with what is in its -wal", async () => {
  const killed = openOldFile(folder);
  appendOld(killed, records.slice(0, 10));
  const log = openSqliteLog({ folder });
  await log.open(recorder());
  expect(log.end).toBe(10);
  await log.close();
  killed.close();
});

test("a file of format 1 with a gap is STORE_DAMAGED, stays as it is, and verify names the gap", async () => {
  makeOldFile(folder, records.slice(0, 10));
  const database = openOldFile(folder);
  database.exec("DELETE FROM records WHERE offset IN (4, 5)");
  database.close();
  expect(() => openSqliteLog({ folder })).toThrow(
    expect.objectContaining({ code: "STORE_DAMAGED" }),
  );
  expect(formatOf()).toBe(1);
  expect(await problemsOf(folder)).toEqual(["Records 4 to 5 are missing"]);
});

test("a process of the release before can't write once the file is chained", async () => {
  makeOldFile(folder, records.slice(0, 3));
  const before = openOldFile(folder);
  appendOld(before, [recordOf(4)]);
  const log = openSqliteLog({ folder });
  const fold = recorder();
  await log.open(fold);
  expect(() => appendOld(before, [recordOf(5)])).toThrow(
    /NOT NULL constraint failed: records.hash/,
  );
  await log.transact(() => ({ records: [recordOf(5)], result: 0 }));
  expect(fold.records).toHaveLength(5);
  await log.close();
  before.close();
  expect(await problemsOf(folder)).toEqual([]);
  const again = openSqliteLog({ folder });
  await again.open(recorder());
  expect(again.end).toBe(5);
  await again.close();
});

test("two registries that start on a file of format 1 at once share one chain", async () => {
  makeOldFile(folder, records.slice(0, 3));
  const [one, two] = [openSqliteLog({ folder }), openSqliteLog({ folder })];
  await Promise.all([one.open(recorder()), two.open(recorder())]);
  await one.transact(() => ({ records: [recordOf(4)], result: 0 }));
  await two.transact(() => ({ records: [recordOf(5)], result: 0 }));
  await one.barrier();
  expect([one.end, two.end]).toEqual([5, 5]);
  await one.close();
  await two.close();
  expect(await problemsOf(folder)).toEqual([]);
});
