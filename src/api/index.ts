export type {
  CompatibilityCheckResponse,
  CompatibilityLevel,
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
  Config,
  ConfigUpdateRequest,
  LEVELS,
  Metadata,
  MODES,
  ModeUpdateRequest,
  RegisterSchemaRequest,
  Rule,
  RuleSet,
  SchemaReference,
  SchemaTags,
  TagSchemaRequest,
} from "./entities.ts";
export type { Refusal, RefusalName, RefusalRow } from "./refusals.ts";
export { isRefusal, refusalMessage, refusalRows, refuse } from "./refusals.ts";
