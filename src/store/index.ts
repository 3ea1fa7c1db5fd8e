/** Implementations of the registry's `Log`. */
export { readBackup, restoreBackup, writeBackup } from "./backup.ts";
export { storeErrors } from "./errors.ts";
export type { MemoryLogOptions } from "./memory-log.ts";
export { createMemoryLog } from "./memory-log.ts";
export type { Repair } from "./repair.ts";
export { repairSqliteFile } from "./repair.ts";
export { sqliteEngine } from "./sqlite-engine.ts";
export { checkSqliteFile } from "./sqlite-file.ts";
export type { SqliteLog, SqliteLogOptions } from "./sqlite-log.ts";
export { openSqliteLog } from "./sqlite-log.ts";
export type { SqliteUsageOptions } from "./sqlite-usage.ts";
export { openSqliteUsage } from "./sqlite-usage.ts";
