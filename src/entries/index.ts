/**
 * `typewire`: the registry client, the types that generated code carries, and the errors. Nothing
 * here loads native code; the Kafka clients are `typewire/kafka`.
 */

export type {
  CompatibilityLevel,
  Config,
  ConfigUpdateRequest,
  Metadata,
  Mode,
  RuleSet,
} from "../api/index.ts";
export type {
  ArraySchema,
  EnumSchema,
  FixedSchema,
  Json,
  JsonNumber,
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
} from "../avro/index.ts";
export type {
  DetailsOf,
  DetailTypes,
  ErrorDetails,
  ErrorRow,
  PlaceholdersOf,
} from "../base/index.ts";
export { TypewireError } from "../base/index.ts";
export type {
  ClientClock,
  CompatibilityResult,
  DeleteHow,
  RawQueryValue,
  RawRequest,
  RegisteredSchema,
  Registration,
  RegistryAuth,
  RegistryClient,
  RegistryClientOptions,
  RegistryRefusal,
  SchemaContent,
  SchemaDefinition,
  SubjectSchema,
  VersionName,
} from "../client/index.ts";
export { createRegistryClient, refusalOf } from "../client/index.ts";
export type {
  AnyAvroType,
  AnyTopic,
  AvroType,
  InputOf,
  Mapping,
  OutputOf,
  PlainType,
  Prefixed,
  SchemaReference,
  Tagged,
  Topic,
  UnionInputOf,
  UnionOutputOf,
  UnionType,
  WireType,
} from "../schema/index.ts";
export {
  avroType,
  bytesType,
  noKey,
  prefixed,
  rawType,
  renamed,
  stringType,
  topic,
  unionType,
} from "../schema/index.ts";
export type { ErrorCode, KnownError } from "./known-errors.ts";
export { isTypewireError } from "./known-errors.ts";
