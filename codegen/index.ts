/** `typewire/codegen`: Avro schemas to TypeScript, and the configuration file that says which. */

export type { CodegenCommand } from "./command.ts";
export { loadConfig, runCodegen } from "./command.ts";
export type { ConfiguredTopic } from "./config.ts";
export {
  CONFIG_FILE,
  codegenTopics,
  findConfigProblems,
  parseConfig,
  subjectBindings,
  topicDefinitions,
} from "./config.ts";
export type { Config, TopicConfig } from "./config-schema.ts";
export { codegenErrors } from "./errors.ts";
export { filesSource, readSchemaFiles } from "./files-source.ts";
export type { Generated, GenerateInput, GenerateOptions, ParsedSchema } from "./generate.ts";
export { generate } from "./generate.ts";
export { LOCK_FILE } from "./lock.ts";
export type {
  CodegenMapping,
  CodegenTopic,
  Reference,
  SchemaSource,
  SourceSchema,
  TopicPart,
} from "./subjects.ts";
