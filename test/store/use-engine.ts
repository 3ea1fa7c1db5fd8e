/** Set-up of a run whose stores use the SQLite that `TYPEWIRE_TEST_SQLITE` names. */
import type { SqliteEngineName } from "../../src/store/sqlite-engine.ts";
import { useEngine } from "../../src/store/sqlite-engine.ts";

useEngine(process.env["TYPEWIRE_TEST_SQLITE"] as SqliteEngineName);
