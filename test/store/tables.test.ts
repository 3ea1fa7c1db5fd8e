/** The tables of `test/tables/` on every store. */
import { runTables } from "../tables/run.ts";
import { serviceDriver } from "../tables/service-driver.ts";
import { sqliteStorage } from "../tables/storages.ts";

runTables(serviceDriver("the service on SQLite", sqliteStorage));
