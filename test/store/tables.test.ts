import { rm } from "node:fs/promises";
import { openSqliteLog } from "../../src/store/index.ts";
import { runTables } from "../tables/run.ts";
import { serviceDriver } from "../tables/service-driver.ts";
import { temporaryFolder } from "./logs.ts";

runTables(
  serviceDriver("the service on SQLite", async () => {
    const folder = await temporaryFolder();
    return {
      open: async () => openSqliteLog({ folder }),
      dispose: () => rm(folder, { recursive: true }),
    };
  }),
);
