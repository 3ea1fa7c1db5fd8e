/** The few helpers that every module may use; loads no package. */
export { byUnits } from "./compare.ts";
export { counted } from "./counted.ts";
export type { ErrorDetails, ErrorRow, ErrorTable } from "./errors.ts";
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
export { type Static, type TObject, type TOptional, type TSchema, Type } from "./json-schema.ts";
export type { Lru } from "./lru.ts";
export { createLru } from "./lru.ts";
export {
  installCommands,
  type NativeProblem,
  nativeProblem,
  rebuildCommands,
} from "./native-package.ts";
export { WITNESS, witness } from "./witness.ts";
