/** Queries: what is asked of the state. They decide nothing and write nothing. */
export type { Candidate, SchemaRequest } from "./candidate.ts";
export { guidOfCandidate, parsedCandidate, sourceOf } from "./candidate.ts";
export { checkAgainst } from "./compatibility.ts";
export { testCompatibility } from "./compatibility-answers.ts";
export { changesTags, draftOf, hasTags } from "./draft.ts";
export type { FormatQuery } from "./entities.ts";
export { contentEntity, registeredEntity, versionEntity } from "./entities.ts";
export { contentEtag, ifMatchRefusal, versionEtag } from "./etag.ts";
export type { HotAnswer, HotReads, HotVersion, Serialize } from "./hot.ts";
export { createHotReads } from "./hot.ts";
export { findUnder, looksUp, lookup } from "./lookup.ts";
export type { Paging } from "./paging.ts";
export { paged } from "./paging.ts";
export type { PlanFinding, RegistrationPlan } from "./plan.ts";
export { planOf } from "./plan.ts";
export {
  findGuid,
  findId,
  idsOfGuid,
  listSchemas,
  subjectsOfEntry,
  versionsOfEntry,
} from "./schemas.ts";
export type { SearchHit, SearchIndex, SearchQuery } from "./search.ts";
export { createSearchIndex } from "./search.ts";
export type { DeletedFilter } from "./subjects.ts";
export { findByMetadata, listReferrers, listSubjects, listVersions } from "./subjects.ts";
export { isAvro, notAvro } from "./texts.ts";
export type { UsageNote, UsageQuery, VersionUsage } from "./usage.ts";
export { createUsageTable } from "./usage.ts";
export type { ClientUsage, UsageCount, UsageStore } from "./usage-store.ts";
export { CLIENTS_MAX, COUNTS_MAX, createMemoryUsage } from "./usage-store.ts";
export { findByText, parseVersion } from "./versions.ts";
export { answerWithin, chargeVersions } from "./within.ts";
