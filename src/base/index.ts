/** The few helpers that every module may use; loads no package. */
export { byUnits } from "./compare.ts";
export { counted } from "./counted.ts";
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
  messageLines,
  printable,
  reasonOf,
  redactUrl,
  redactUrls,
  shorten,
  show,
  TypewireError,
} from "./errors.ts";
export { isObject } from "./guards.ts";
export { type Static, type TSchema, Type } from "./json-schema.ts";
export type { Lru } from "./lru.ts";
export { createLru } from "./lru.ts";
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
export { WITNESS, witness } from "./witness.ts";
