/** The tables of `test/tables/` on the service in memory. */
import { expect, test } from "vitest";
import type { RefusalName } from "../../src/api/index.ts";
import { refusalRows } from "../../src/api/index.ts";
import { runTables } from "../tables/run.ts";
import { serviceDriver } from "../tables/service-driver.ts";
import { memoryStorage } from "../tables/storages.ts";

const seen = new Set<string>();

runTables(serviceDriver("the service in memory", memoryStorage, (name) => seen.add(name)));

/** Refusals that the registry's rules never yield: they come from the shell or from other settings. */
const ELSEWHERE = ["REQUEST_TOO_COSTLY", "SCHEMA_TOO_LARGE", "STORE_ERROR"] satisfies RefusalName[];

test("the tables meet every refusal of the registry's rules", () => {
  const expected = Object.keys(refusalRows).filter(
    (name) => !ELSEWHERE.some((one) => one === name),
  );
  expect([...seen].sort()).toEqual(expected.sort());
});
