/** The registry: a fold over a log of records, and the service on top of it. */
export { contentEtag, versionEtag } from "./etag.ts";
export type {
  BatchItem,
  BatchResult,
  Change,
  Changes,
  ClientUsage,
  ExtraCalls,
  PlanFinding,
  RegistrationPlan,
  SearchHit,
  SearchQuery,
  Usage,
  UsageNote,
  UsageQuery,
  VerifyProblem,
  VerifyReport,
  VersionUsage,
} from "./extra-types.ts";
export type { Serialize } from "./hot.ts";
export { markIdsAbove } from "./id-marks.ts";
export type { Decision, Fold, Log, LogProblem, LogRecord, StoredRecord } from "./log.ts";
export { isSchemaNumber } from "./numbers.ts";
export { portableRecords } from "./portable.ts";
export type { KnownRecord, RegistryRecord, UnknownRecord } from "./records.ts";
export { decodeRecord } from "./records-read.ts";
export type { RegistrySettings } from "./rules.ts";
export { DEFAULT_SETTINGS } from "./rules.ts";
export type { RegistryOptions } from "./service.ts";
export { createRegistryService } from "./service.ts";
export type {
  Answer,
  DeletedFilter,
  FormatQuery,
  HotAnswer,
  HotReads,
  HotVersion,
  Paging,
  RegistryService,
  RegistryStats,
} from "./service-types.ts";
export { contextNamed } from "./subjects.ts";
export { hasSubjectPrefix } from "./subjects-in.ts";
export type { UsageCount, UsageStore } from "./usage-store.ts";
export { CLIENTS_MAX, COUNTS_MAX, createMemoryUsage } from "./usage-store.ts";
