/** What a schema registry of Confluent adds to Avro: names of subjects, levels, identity, normalised form, references. */

export type { ChangeKind, SchemaChange } from "./changes.ts";
export type {
  Closure,
  ClosureFailure,
  ClosureReference,
  ClosureText,
  NameTaken,
  ReferenceClosure,
  ReferencePath,
} from "./closure.ts";
export { CLOSURE_LIMITS, closeReferences, pathTargets, readClosure } from "./closure.ts";
export { diffSchemas } from "./diff.ts";
export { equalText } from "./equal-text.ts";
export type {
  Identity,
  IdentityMetadata,
  IdentityRule,
  IdentityRuleSet,
} from "./identity.ts";
export { guidOf, guidOfIdentity, identityHash } from "./identity.ts";
export type { Level } from "./level-names.ts";
export { LEVELS } from "./level-names.ts";
export type {
  CompatibilityCheck,
  CompatibilityFailure,
  CompatibilityVerdict,
  Direction,
  EarlierVersion,
} from "./levels.ts";
export {
  asLevel,
  checkCompatibility,
  describeIncompatibility,
  satisfiedLevels,
  settingsMessage,
} from "./levels.ts";
export { normalizedSchema } from "./normalize.ts";
export {
  ALL_CONTEXTS,
  contextKey,
  contextNamed,
  contextPrefix,
  DEFAULT_CONTEXT,
  EVERYTHING_CONTEXT,
  EVERYTHING_KEY,
  GLOBAL_KEY,
  isContextKey,
  isQualified,
  isValidScope,
  isValidSubject,
  joinSubject,
  prefixSubject,
  QUALIFIED_FROM,
  QUALIFIED_TO,
  qualifiedForm,
  qualifySubject,
  SUBJECT_CHARS_MAX,
  scopeKey,
  splitSubject,
} from "./subjects.ts";
