/** The registry client: any server with Confluent's API, with retries and caches. */

export { createRegistryClient } from "./client.ts";
export { clientErrors } from "./errors.ts";
export { contextAt, subjectSegment } from "./paths.ts";
export type { RegistryRefusal } from "./refusal.ts";
export { refusalOf } from "./refusal.ts";
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
  SchemaContent,
  SchemaDefinition,
  SubjectSchema,
  VersionName,
} from "./types.ts";
