/** `typewire/codegen`: Avro schemas to TypeScript, and the configuration file that says which. */

export type { CodegenCommand } from "./command.ts";
export { loadConfig, runCodegen } from "./command.ts";
export type { ConfigProblem, SubjectBinding } from "./config.ts";
export {
  CONFIG_FILE,
  codegenTopics,
  findConfigProblems,
  parseConfig,
  subjectBindings,
} from "./config.ts";
export type { Config, TopicConfig } from "./config-schema.ts";
export { ConfigSchema } from "./config-schema.ts";
export { codegenErrors } from "./errors.ts";
export type { SchemaFile } from "./files-source.ts";
export { filesSource, readSchemaFiles } from "./files-source.ts";
export type { Generated, GenerateInput, GenerateOptions, ParsedSchema } from "./generate.ts";
export { generate } from "./generate.ts";
export type { LockEntry } from "./lock.ts";
export { LOCK_FILE, parseLock } from "./lock.ts";
export type {
  CodegenMapping,
  CodegenTopic,
  Reference,
  SchemaSource,
  SourceSchema,
  TopicPart,
} from "./subjects.ts";
export { topicSubject } from "./subjects.ts";
