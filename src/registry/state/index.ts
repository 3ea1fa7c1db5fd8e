/** State: what is known, the fold that makes it of records, and the records themselves. */
export { aliasTarget, applyRecord } from "./apply.ts";
export {
  mergeMetadata,
  mergeRuleSets,
  metadataFinds,
  normalMetadata,
  normalReferences,
  normalRuleSet,
  propertyOf,
  sameStored,
  VERSION_PROPERTY,
  withProperty,
} from "./content.ts";
export { dumpState } from "./dump.ts";
export { markIdsAbove } from "./id-marks.ts";
export type { LogRecord, StoredRecord } from "./log-record.ts";
export { isInt32, isSchemaNumber, NUMBER_MAX } from "./numbers.ts";
export type { RegistryRecord, UnknownRecord } from "./records.ts";
export {
  canonicalKey,
  clearSubjectRecord,
  configKey,
  configRecord,
  contextRecord,
  contextRecordKey,
  deleteSubjectRecord,
  idsRecord,
  knownPart,
  modeKey,
  modeRecord,
  originalKey,
  originalRecord,
  schemaKey,
  schemaRecord,
  tombstone,
} from "./records.ts";
export { decodeRecord, isLive, isLostRace } from "./records-read.ts";
export type { PreparedSchema, SchemaSource, SchemaTools } from "./schemas.ts";
export { createSchemaTools, messageOf, resolveReferences } from "./schemas.ts";
export type { Scope } from "./scope.ts";
export {
  configInScope,
  isReadOnly,
  modeInScope,
  ownConfig,
  ownMode,
  scopeOf,
  takesIds,
  withLevel,
} from "./scope.ts";
export type { SortedNames } from "./sorted-names.ts";
export { createSortedNames, withPrefix } from "./sorted-names.ts";
export type { Content, ContextState, IdEntry, State, SubjectState, VersionState } from "./state.ts";
export {
  compareVersions,
  contextNames,
  createState,
  findVersion,
  latestVersion,
  liveVersions,
  nextVersion,
  referrersOf,
  versionKey,
} from "./state.ts";
export { hasSubjectPrefix, subjectsOfContext, subjectsWithPrefix } from "./subjects-in.ts";
export { versionValue } from "./version-value.ts";
export type { RegistrySettings, World } from "./world.ts";
export { DEFAULT_SETTINGS } from "./world.ts";
