/** The registry: a fold over a log of records, and the service on top of it. */
export type { BatchItem, BatchResult, Decision } from "./commands/index.ts";
export type {
  ClientUsage,
  DeletedFilter,
  FormatQuery,
  HotAnswer,
  HotReads,
  HotVersion,
  Paging,
  PlanFinding,
  RegistrationPlan,
  SearchHit,
  SearchQuery,
  UsageCount,
  UsageNote,
  UsageQuery,
  UsageStore,
  VersionUsage,
} from "./queries/index.ts";
export {
  CLIENTS_MAX,
  COUNTS_MAX,
  contentEtag,
  createMemoryUsage,
  versionEtag,
} from "./queries/index.ts";
export type {
  Answer,
  Change,
  Changes,
  ExtraCalls,
  Fold,
  Log,
  LogProblem,
  RegistryService,
  RegistryStats,
  Usage,
  VerifyProblem,
  VerifyReport,
} from "./service/index.ts";
export { createRegistryService, portableRecords } from "./service/index.ts";
export type {
  LogRecord,
  RegistrySettings,
  StoredRecord,
} from "./state/index.ts";
export {
  hasSubjectPrefix,
  isSchemaNumber,
  markIdsAbove,
} from "./state/index.ts";
