/**
 * `typewire`: the registry client, the types that generated code carries, and the errors. Nothing
 * here loads native code; the Kafka clients are `typewire/kafka`.
 */

export type { ErrorDetails } from "./base/index.ts";
export { isTypewireError, TypewireError } from "./base/index.ts";
export type {
  ClientClock,
  CompatibilityResult,
  DeleteHow,
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
} from "./client/index.ts";
export { createRegistryClient, refusalOf } from "./client/index.ts";
export type {
  AnyAvroType,
  AnyTopic,
  AvroType,
  InputOf,
  Mapping,
  OutputOf,
  PlainType,
  SchemaReference,
  Topic,
  UnionInputOf,
  UnionOutputOf,
  UnionType,
  WireType,
} from "./schema/index.ts";
export {
  avroType,
  bytesType,
  noKey,
  renamed,
  stringType,
  topic,
  unionType,
} from "./schema/index.ts";
