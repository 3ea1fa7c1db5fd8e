/** The tables of `test/tables/` over HTTP, on SQLite. */
import { httpDriver } from "../tables/http-driver.ts";
import { runTables } from "../tables/run.ts";
import { sqliteStorage } from "../tables/storages.ts";

runTables(httpDriver("HTTP on SQLite", sqliteStorage));
