/** The Avro specification as pure functions: schemas, compatibility, and the codec. */

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
export { avroErrors } from "./errors.ts";
export { fieldNamed } from "./field-index.ts";
export { fingerprint, fingerprint64, fingerprintHex } from "./fingerprints.ts";
export { parseJson, positionAt } from "./json.ts";
export { fromJson, javaDouble, prettyJson, printJson, toJson } from "./json-print.ts";
export type { CodecLimits } from "./limits.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type {
  MappingOptions,
  ScalarShape,
  UnionBranchShape,
  UnionShape,
  ValueShape,
} from "./mapping.ts";
export { branchTag, FRACTION_DIGITS, fieldShape, shapeOf, TAG_PROPERTY } from "./mapping.ts";
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
export { assertSchema, BYTES, budgetRule, checkAvro, PRINT, schemaRule } from "./options.ts";
export type { ParseOptions, ReadText, SchemaNames } from "./parse.ts";
export { parseSchema, readSchema, schemaNames } from "./parse.ts";
export { checkDepth, typeLabel } from "./parse-finish.ts";
export type { PrintOptions } from "./print.ts";
export { aliasTexts, namedTypes, parsingCanonicalForm, prettyPrint, printSchema } from "./print.ts";
export { isSameDefinition } from "./same-definition.ts";
export type { SingleObjectCodec, SingleObjectOptions } from "./single-object.ts";
export { createSingleObjectCodec, peekFingerprint } from "./single-object.ts";
export type { StepBudget } from "./steps.ts";
export { COMPATIBILITY_STEPS_MAX, createStepBudget, spend } from "./steps.ts";
