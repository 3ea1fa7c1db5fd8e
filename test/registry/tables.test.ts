import { expect, test } from "vitest";
import type { RefusalName } from "../../src/api/index.ts";
import { refusalRows } from "../../src/api/index.ts";
import type { StoredRecord } from "../../src/registry/index.ts";
import { createMemoryLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";
import { runTables } from "../tables/run.ts";
import type { Storage } from "../tables/service-driver.ts";
import { serviceDriver } from "../tables/service-driver.ts";

const seen = new Set<string>();

/** What a memory log holds is carried over to the next one, as a store would. */
async function memoryStorage(): Promise<Storage> {
  let records: readonly StoredRecord[] = [];
  return {
    open: async () => {
      const log = createMemoryLog({ records });
      const close = log.close.bind(log);
      return Object.assign(log, {
        close: async () => {
          records = await readAll(log);
          await close();
        },
      });
    },
    dispose: async () => undefined,
  };
}

runTables(serviceDriver("the service in memory", memoryStorage, (name) => seen.add(name)));

/** Refusals that the registry's rules never yield: they come from the shell or from other settings. */
const ELSEWHERE = [
  "NO_ACTIVE_VERSION",
  "ID_DOES_NOT_MATCH",
  "SCHEMA_TOO_LARGE",
  "STORE_ERROR",
] satisfies RefusalName[];

test("the tables meet every refusal of the registry's rules", () => {
  const expected = Object.keys(refusalRows).filter(
    (name) => !ELSEWHERE.some((one) => one === name),
  );
  expect([...seen].sort()).toEqual(expected.sort());
});
