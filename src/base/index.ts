/** The few helpers that every module may use; loads no package. */
export type { ErrorDetails, ErrorRow, ErrorTable } from "./errors.ts";
export {
  defineErrors,
  isTypewireError,
  printable,
  redactUrl,
  redactUrls,
  show,
  TypewireError,
} from "./errors.ts";
export { type Static, type TObject, type TOptional, type TSchema, Type } from "./json-schema.ts";
export {
  installCommands,
  type NativeProblem,
  nativeProblem,
  rebuildCommands,
} from "./native-package.ts";
export { WITNESS, witness } from "./witness.ts";
