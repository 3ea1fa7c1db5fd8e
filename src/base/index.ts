/** The few helpers that every module may use; loads no package. */
export {
  installCommands,
  type NativeProblem,
  nativeProblem,
  rebuildCommands,
} from "./native-package.ts";
