/** The tables of `test/tables/` over HTTP. */
import { httpDriver } from "../tables/http-driver.ts";
import { runTables } from "../tables/run.ts";
import { memoryStorage } from "../tables/storages.ts";

runTables(httpDriver("HTTP in memory", memoryStorage));
