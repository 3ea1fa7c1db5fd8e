/** The registry: a fold over a log of records, and the service on top of it. */
export { contentEtag, versionEtag } from "./queries/etag.ts";
export type { Serialize } from "./queries/hot.ts";
export type { UsageCount, UsageStore } from "./queries/usage-store.ts";
export { CLIENTS_MAX, COUNTS_MAX, createMemoryUsage } from "./queries/usage-store.ts";
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
} from "./service/extra-types.ts";
export type { RegistryOptions } from "./service/service.ts";
export { createRegistryService } from "./service/service.ts";
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
} from "./service/service-types.ts";
export type { Decision, Fold, Log, LogProblem, LogRecord, StoredRecord } from "./state/log.ts";
export { isSchemaNumber } from "./state/numbers.ts";
export { portableRecords } from "./state/portable.ts";
export type { KnownRecord, RegistryRecord, UnknownRecord } from "./state/records.ts";
export { decodeRecord } from "./state/records-read.ts";
export type { RegistrySettings } from "./state/rules.ts";
export { DEFAULT_SETTINGS } from "./state/rules.ts";
export { contextNamed } from "./state/subjects.ts";
export { hasSubjectPrefix } from "./state/subjects-in.ts";
