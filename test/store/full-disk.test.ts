/** A disk that is full: refused, and nothing half written. */
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { serveService } from "../../src/server/index.ts";
import { openSqliteLog } from "../../src/store/index.ts";
import { recorder } from "./log-contract.ts";
import { problemsOf, temporaryFolder } from "./logs.ts";

/** It comes by itself, on a busy machine late. */
const WAIT = { timeout: 15_000 };
let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true }));

const append = (chars: number) => () => ({
  records: [{ key: `{"keytype":"NOOP","magic":0}`, value: "x".repeat(chars) }],
  result: "written",
});

test("a log that is full says so until there is room for more than a page, and it finds out by itself", async () => {
  const log = openSqliteLog({ folder, bytesMax: 400_000, pollMs: 2, retryMs: 2 });
  const fold = recorder();
  await log.open(fold);
  await log.transact(append(200_000));
  expect(log.failure).toBeUndefined();
  await expect(log.transact(append(300_000))).rejects.toMatchObject({ code: "STORE_FULL" });
  // There is room for what it tries itself.
  await vi.waitFor(() => expect(log.failure).toBeUndefined(), WAIT);
  expect(await log.transact(append(10))).toBe("written");
  const { length } = fold.records;
  expect(length).toBe(2);
  await log.close();
  expect(await problemsOf(folder)).toEqual([]);
});

test("a log that stays full goes on saying so", async () => {
  const log = openSqliteLog({ folder, bytesMax: 240_000, pollMs: 1, retryMs: 1 });
  await log.open(recorder());
  await log.transact(append(190_000));
  await expect(log.transact(append(40_000))).rejects.toMatchObject({ code: "STORE_FULL" });
  const seen = new Set<unknown>();
  for (let n = 0; n < 20; n++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    seen.add((log.failure as { code?: unknown } | undefined)?.code);
  }
  expect([...seen]).toEqual(["STORE_FULL"]);
  await log.close();
});

test("a write that succeeds takes back what an earlier one said", async () => {
  const log = openSqliteLog({ folder, bytesMax: 240_000, retryMs: 3_600_000 });
  await log.open(recorder());
  await expect(log.transact(append(300_000))).rejects.toMatchObject({ code: "STORE_FULL" });
  expect(log.failure).toMatchObject({ code: "STORE_FULL" });
  await log.transact(append(10));
  expect(log.failure).toBeUndefined();
  await log.close();
});

test("over HTTP a full store is not ready, with the reason, and reads go on", async () => {
  const log = openSqliteLog({ folder, bytesMax: 240_000, retryMs: 3_600_000 });
  const service = await createRegistryService({ log, clock: () => 1 });
  const failures: unknown[] = [];
  const onFailure = (report: unknown) => failures.push(report);
  const server = await serveService({ service, log, port: 0, onFailure, drainMs: 0 });
  const register = (name: string, chars: number) =>
    fetch(`${server.url}/subjects/${name}/versions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        schema: `{"type":"enum","name":"E","symbols":["${"X".repeat(chars)}"]}`,
      }),
    });
  const ready = async () => {
    const answer = await fetch(`${server.url}/health/ready`);
    return [answer.status, await answer.json()];
  };
  expect((await register("s", 10)).status).toBe(200);
  expect(await ready()).toMatchObject([200, { status: "UP" }]);
  const refused = await register("t", 300_000);
  const reason = "The registry's store failed: STORE_FULL (its disk is full)";
  expect([refused.status, await refused.json()]).toEqual([
    500,
    { error_code: 50001, message: reason },
  ]);
  expect(await ready()).toEqual([503, { status: "DOWN", reason }]);
  expect((await fetch(`${server.url}/schemas/ids/1`)).status).toBe(200);
  expect((await register("u", 20)).status).toBe(200);
  expect(await ready()).toMatchObject([200, { status: "UP" }]);
  expect(failures).toMatchObject([{ error: { code: "STORE_FULL" } }]);
  await server.close();
});
