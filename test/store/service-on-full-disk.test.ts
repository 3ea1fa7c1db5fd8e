/** The service on a disk that is full. */
import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { createRegistryService } from "../../src/registry/index.ts";
import { openSqliteLog } from "../../src/store/index.ts";
import { temporaryFolder } from "./logs.ts";

const schemaOf = (n: number): string =>
  `{"type":"record","name":"R${n}","doc":"${"x".repeat(2000)}","fields":[]}`;

test("on a full disk registrations fail, what is registered is served, and memory is as the file", async () => {
  const folder = await temporaryFolder();
  const log = openSqliteLog({ folder, bytesMax: 100_000 });
  const service = await createRegistryService({ log, clock: () => 1 });
  const outcomes: PromiseSettledResult<unknown>[] = [];
  for (let n = 0; n < 60; n += 6) {
    const group = [0, 1, 2, 3, 4, 5].map((add) =>
      service.register(`s${n + add}`, { schema: schemaOf(n + add) }, {}),
    );
    outcomes.push(...(await Promise.allSettled(group)));
  }
  const registered = outcomes.filter(({ status }) => status === "fulfilled").length;
  expect(registered).toBeGreaterThan(0);
  expect(outcomes.at(-1)).toMatchObject({ status: "rejected", reason: { code: "STORE_FULL" } });
  expect(service.stats().versions).toBe(registered);
  expect(await service.schemaById(1, { fetchMaxId: true })).toMatchObject({ maxId: registered });
  expect(await service.register("s0", { schema: schemaOf(0) }, {})).toMatchObject({ id: 1 });
  expect((await service.verify()).problems).toEqual([]);
  await log.close();
  await rm(folder, { recursive: true });
});
