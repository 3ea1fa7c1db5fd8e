/** The service: names, reads and writes through the log, and what follows the log. */
export type { Change, Changes } from "./changes.ts";
export type { ExtraCalls, Usage } from "./extra-types.ts";
export type { Fold, Log, LogProblem } from "./log.ts";
export { portableRecords } from "./portable.ts";
export { createRegistryService } from "./service.ts";
export type { Answer, RegistryService, RegistryStats } from "./service-types.ts";
export type { VerifyProblem, VerifyReport } from "./verify.ts";
