/** The HTTP contract of the registry as data, shared by server and client. */

export type { Level as CompatibilityLevel } from "../confluent/index.ts";
export { LEVELS } from "../confluent/index.ts";
export { answerSchemas } from "./answers.ts";
export type {
  CompatibilityCheckResponse,
  ContextId,
  ErrorBody,
  ExtendedSchema,
  Mode,
  RegisterSchemaResponse,
  SchemaEntity,
  SchemaString,
  SubjectVersion,
} from "./entities.ts";
export {
  asMode,
  Config,
  ConfigUpdateRequest,
  Metadata,
  MODES,
  RegisterSchemaRequest,
  Rule,
  RuleSet,
  SchemaReference,
  SchemaTags,
  TagSchemaRequest,
} from "./entities.ts";
export { BatchItemRequest } from "./extra-entities.ts";
export type { MediaType } from "./media-types.ts";
export { isAccepted, isConsumed, MEDIA_TYPES, negotiate } from "./media-types.ts";
export type { Refusal, RefusalName, RefusalRow } from "./refusals.ts";
export { isRefusal, refusalMessage, refusalRows, refuse } from "./refusals.ts";
export type { QueryKind, RouteAccess, RouteRow } from "./route-row.ts";
export type { BodyOf, Operation, PathOf, QueryOf } from "./routes.ts";
export { routes } from "./routes.ts";
