/** Avro as pure functions: schemas, compatibility, and the codec. */

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
export type { Codec, CodecOptions, Decoder, Encoder } from "./codec.ts";
export { createCodec, createDecoder, createEncoder } from "./codec.ts";
export type { Incompatibility, IncompatibilityType } from "./compatibility.ts";
export { canRead, readerIncompatibilities } from "./compatibility.ts";
export type {
  Container,
  ContainerCompression,
  ContainerReadOptions,
  ContainerWriteOptions,
} from "./container.ts";
export { readContainer, writeContainer } from "./container.ts";
export type { Duration } from "./conversions.ts";
// Mapping and codec
export { Defaults, defaultProblem, shownDefault } from "./default-bytes.ts";
export { diffSchemas } from "./diff.ts";
export { equalText } from "./equal-text.ts";
export { avroErrors } from "./errors.ts";
export { fingerprint, fingerprint64, fingerprintHex } from "./fingerprints.ts";
export type {
  Identity,
  IdentityMetadata,
  IdentityRule,
  IdentityRuleSet,
} from "./identity.ts";
export { guidOf, guidOfIdentity, identityHash } from "./identity.ts";
export { parseJson, positionAt } from "./json.ts";
export { fromJson, prettyJson, printJson, toJson } from "./json-print.ts";
export type {
  CompatibilityCheck,
  CompatibilityFailure,
  CompatibilityVerdict,
  Direction,
  EarlierVersion,
  Level,
} from "./levels.ts";
export {
  checkCompatibility,
  describeIncompatibility,
  LEVELS,
  satisfiedLevels,
  settingsMessage,
} from "./levels.ts";
export type { CodecLimits } from "./limits.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type { MappingOptions, UnionBranchShape, UnionShape, ValueShape } from "./mapping.ts";
export { branchTag, FRACTION_DIGITS, fieldShape, shapeOf } from "./mapping.ts";
export { inspectMapping } from "./mapping-check.ts";
export type {
  ArraySchema,
  EnumSchema,
  FixedSchema,
  Json,
  JsonObject,
  LogicalType,
  MapSchema,
  Name,
  NamedSchema,
  PrimitiveKind,
  PrimitiveSchema,
  RecordField,
  RecordSchema,
  Schema,
  UnionSchema,
} from "./model.ts";
export { JsonNumber } from "./model.ts";
export { normalizedSchema } from "./normalize.ts";
export type { ParseOptions, ReadText, SchemaNames } from "./parse.ts";
export { parseSchema, schemaNames } from "./parse.ts";
export type { PrintOptions } from "./print.ts";
export { namedTypes, parsingCanonicalForm, prettyPrint, printSchema } from "./print.ts";
export { isSameDefinition } from "./same-definition.ts";
export type { SingleObjectCodec, SingleObjectOptions } from "./single-object.ts";
export { createSingleObjectCodec, peekFingerprint } from "./single-object.ts";
export type { StepBudget } from "./steps.ts";
export { COMPATIBILITY_STEPS_MAX, createStepBudget, spend } from "./steps.ts";
