import { rm } from "node:fs/promises";
import type { StoredRecord } from "../../src/registry/index.ts";
import { createMemoryLog, openSqliteLog } from "../../src/store/index.ts";
import { readAll } from "../store/log-contract.ts";
import { temporaryFolder } from "../store/logs.ts";
import type { Storage } from "./service-driver.ts";

/** What a memory log holds is carried over to the next one, as a store would. */
export async function memoryStorage(): Promise<Storage> {
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

/** A folder of its own for each scenario. */
export async function sqliteStorage(): Promise<Storage> {
  const folder = await temporaryFolder();
  return {
    open: async () => openSqliteLog({ folder }),
    dispose: () => rm(folder, { recursive: true }),
  };
}
