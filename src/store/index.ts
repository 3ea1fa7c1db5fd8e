/** Implementations of the registry's `Log`. */
export { readBackup, restoreBackup, writeBackup } from "./backup.ts";
export { storeErrors } from "./errors.ts";
export { createMemoryLog } from "./memory-log.ts";
export { repairSqliteFile } from "./repair.ts";
export { sqliteEngine } from "./sqlite-engine.ts";
export { checkSqliteFile } from "./sqlite-file.ts";
export type { SqliteLog } from "./sqlite-log.ts";
export { openSqliteLog } from "./sqlite-log.ts";
export { openSqliteUsage } from "./sqlite-usage.ts";
