/** The few helpers that every module may use; loads no package. */
export type {
  DetailsOf,
  DetailTypes,
  ErrorDetails,
  ErrorRow,
  ErrorRows,
  ErrorTable,
  PlaceholdersOf,
} from "./errors.ts";
export {
  defineErrors,
  isTypewireError,
  printable,
  redactUrl,
  redactUrls,
  show,
  TypewireError,
} from "./errors.ts";
export { type Static, type TSchema, Type } from "./json-schema.ts";
export { installCommands, nativeProblem, rebuildCommands } from "./native-package.ts";
export {
  anyObject,
  byteArray,
  callback,
  flag,
  hidden,
  listOf,
  milliseconds,
  type OptionRule,
  type OptionRules,
  objectWith,
  oneOf,
  optional,
  problemOf,
  recordOf,
  rule,
  someText,
  text,
  wholeNumber,
} from "./options.ts";
