/** Files that are replaced under a running registry. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogRecord } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import type { SqliteLog } from "../../src/store/index.ts";
import { openSqliteLog } from "../../src/store/index.ts";
import { readAll, recorder } from "./log-contract.ts";
import { copyFolder, problemsOf, temporaryFolder } from "./logs.ts";

/** It comes by itself, on a busy machine late. */
const WAIT = { timeout: 15_000 };
let root: string;
const data = (): string => join(root, "data");
const at = (name: string): string => join(data(), name);
const record: LogRecord = { key: `{"keytype":"NOOP","magic":0}`, value: "x" };
const append = () => ({ records: [record], result: "written" });

beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => rm(root, { recursive: true }));

/** A log with one record; it looks for changes only when it is asked. */
async function openLog(): Promise<{ log: SqliteLog; fold: ReturnType<typeof recorder> }> {
  const log = openSqliteLog({ folder: data(), pollMs: 3_600_000 });
  const fold = recorder();
  await log.open(fold);
  await log.transact(append);
  return { log, fold };
}

/** Another registry's files in place of the ones that are open. */
async function replaceFolder(): Promise<void> {
  renameSync(data(), join(root, "away"));
  const log = openSqliteLog({ folder: data() });
  await log.open(recorder());
  for (let n = 0; n < 3; n++) await log.transact(append);
  // In use, so that its newest records are in the -wal.
  copyFolder(data(), join(root, "other"));
  await log.close();
  rmSync(data(), { recursive: true });
  renameSync(join(root, "other"), data());
}

const events: readonly (readonly [string, () => void | Promise<void>, string])[] = [
  [
    "the file is deleted",
    () => rmSync(at("registry.sqlite")),
    "registry.sqlite was deleted or moved away",
  ],
  [
    "its -wal is deleted",
    () => rmSync(at("registry.sqlite-wal")),
    "registry.sqlite-wal was deleted or moved away",
  ],
  [
    "its -shm is deleted",
    () => rmSync(at("registry.sqlite-shm")),
    "registry.sqlite-shm was deleted or moved away",
  ],
  [
    "its -head is deleted",
    () => rmSync(at("registry.sqlite-head")),
    "registry.sqlite-head was deleted or moved away",
  ],
  [
    "all files are deleted",
    () => readdirSync(data()).forEach((name) => void rmSync(at(name))),
    "registry.sqlite was deleted or moved away",
  ],
  [
    "the folder is moved",
    () => renameSync(data(), join(root, "away")),
    "registry.sqlite was deleted or moved away",
  ],
  ["the folder is replaced", replaceFolder, "registry.sqlite was replaced"],
  [
    "a file is where the folder was",
    () => {
      rmSync(data(), { recursive: true });
      writeFileSync(data(), "");
    },
    "registry.sqlite was deleted or moved away",
  ],
  [
    "the file is copied and put back",
    () => {
      renameSync(data(), join(root, "away"));
      copyFolder(join(root, "away"), data());
    },
    "registry.sqlite was replaced",
  ],
];

describe.each(events)("when %s under a running registry", (_, event, what) => {
  test("the next write is refused, the barrier fails, reads of what there was go on", async () => {
    const { log, fold } = await openLog();
    await event();
    const gone = { code: "STORE_FILE_REPLACED", details: { file: at("registry.sqlite"), what } };
    await expect(log.transact(append)).rejects.toMatchObject(gone);
    await expect(log.barrier()).rejects.toMatchObject(gone);
    expect(log.failure).toMatchObject(gone);
    expect(fold.records).toHaveLength(1);
    expect(await readAll(log)).toEqual(fold.records);
    await log.close();
  });

  test("it is noticed without a write", async () => {
    const log = openSqliteLog({ folder: data(), pollMs: 2 });
    await log.open(recorder());
    await log.transact(append);
    await event();
    await vi.waitFor(
      () => expect(log.failure).toMatchObject({ code: "STORE_FILE_REPLACED" }),
      WAIT,
    );
    await log.close();
  });
});

test("closing leaves the files alone that are where the open ones were", async () => {
  const { log } = await openLog();
  await replaceFolder();
  const names = readdirSync(data()).sort();
  const bytes = await Promise.all(names.map((name) => readFile(at(name))));
  await log.close();
  expect(readdirSync(data()).sort()).toEqual(names);
  expect(await Promise.all(names.map((name) => readFile(at(name))))).toEqual(bytes);
  const other = openSqliteLog({ folder: data() });
  await other.open(recorder());
  expect(other.end).toBe(3);
  await other.close();
  expect(await problemsOf(join(root, "away"))).toEqual([]);
});

test("a file that goes while a decision is made gets nothing of it", async () => {
  const { log, fold } = await openLog();
  const work = log.transact(() => {
    renameSync(data(), join(root, "away"));
    return append();
  });
  await expect(work).rejects.toMatchObject({ code: "STORE_FILE_REPLACED" });
  expect(fold.records).toHaveLength(1);
  await log.close();
  expect(await problemsOf(join(root, "away"))).toEqual([]);
});

test("what was committed into a file that is gone is not acknowledged, nor known afterwards", async () => {
  // Between the look before a commit and the one after it there is no other place to stand.
  let looks = Number.POSITIVE_INFINITY;
  vi.resetModules();
  vi.doMock("../../src/store/data-folder.ts", async (original) => ({
    ...(await original<object>()),
    watchFiles: () => ({ lost: () => (--looks < 0 ? "registry.sqlite was replaced" : undefined) }),
  }));
  const store = await import("../../src/store/sqlite-log.ts");
  vi.doUnmock("../../src/store/data-folder.ts");
  vi.resetModules();
  const log = store.openSqliteLog({ folder: data(), pollMs: 3_600_000 });
  const fold = recorder();
  await log.open(fold);
  await log.transact(append);
  // One look before the group begins, one before its commit.
  looks = 2;
  await expect(log.transact(append)).rejects.toMatchObject({ code: "STORE_FILE_REPLACED" });
  expect(fold.records).toHaveLength(1);
  expect(log.end).toBe(1);
  // It is in the file, which is why it must not be in memory.
  expect(await readAll(log)).toHaveLength(2);
  await log.close();
});

test("files that are put back need a restart", async () => {
  const { log } = await openLog();
  renameSync(data(), join(root, "away"));
  await expect(log.barrier()).rejects.toMatchObject({ code: "STORE_FILE_REPLACED" });
  renameSync(join(root, "away"), data());
  await expect(log.transact(append)).rejects.toMatchObject({ code: "STORE_FILE_REPLACED" });
  await log.close();
  const again = openSqliteLog({ folder: data() });
  await again.open(recorder());
  await again.transact(append);
  expect(again.end).toBe(2);
  await again.close();
});

test("a registration that was refused is not answered from memory when it is tried again", async () => {
  const log = openSqliteLog({ folder: data() });
  const service = await createRegistryService({ log, clock: () => 1 });
  const register = (schema: string) => service.register("s", { schema }, {});
  await register('"string"');
  rmSync(at("registry.sqlite"));
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(register('"bytes"')).rejects.toMatchObject({ code: "STORE_FILE_REPLACED" });
  }
  await log.close();
});

test("over HTTP: ready is down, writes are refused without a file name, and nothing is made anew", async () => {
  mkdirSync(data());
  const registry = await createRegistryServer({
    data: data(),
    port: 0,
    onFailure: () => undefined,
  });
  const post = (schema: string) =>
    fetch(`${registry.url}/subjects/s/versions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ schema }),
    });
  expect((await post('"string"')).status).toBe(200);
  for (const name of readdirSync(data())) rmSync(at(name));
  const refused = await post('"bytes"');
  const reason =
    "The registry's store failed: STORE_FILE_REPLACED (its files were deleted, moved or replaced)";
  expect(refused.status).toBe(500);
  expect(await refused.json()).toEqual({ error_code: 50001, message: reason });
  const ready = await fetch(`${registry.url}/health/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({ status: "DOWN", reason });
  expect((await fetch(`${registry.url}/schemas/ids/1`)).status).toBe(200);
  expect(readdirSync(data())).toEqual([]);
  await registry.close();
  // Counts of usage go on in a file of their own, which keeps the next start from beginning anew.
  expect(readdirSync(data())).toEqual(["usage.sqlite"]);
});
