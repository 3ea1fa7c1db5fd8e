/**
 * Why a package with native code could not be loaded, and the commands that mend it.
 *
 * Invariants:
 * - The four reasons are told apart by what Node says, not by where the package lies.
 * - The commands name every package manager, because an error cannot know which one the reader has:
 *   npm 12 and pnpm run install scripts only with consent, so installing again does not help there.
 */

import { reasonOf } from "./errors.ts";

/** What is wrong with a native package. */
export type NativeProblem =
  /** It is not installed. */
  | "absent"
  /** It is installed, but its native part was never compiled. */
  | "not built"
  /** It was compiled for another release of Node. */
  | "other Node"
  /** It is there, but the system cannot load it (a missing shared library, another platform). */
  | "unloadable";

/** Says why `import(name)` or the first use of its native part failed. */
export function nativeProblem(name: string, error: unknown): NativeProblem {
  const message = reasonOf(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const isMissing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  if (isMissing && message.includes(`'${name}'`)) return "absent";
  if (/NODE_MODULE_VERSION/.test(message)) return "other Node";
  if (code === "ERR_DLOPEN_FAILED") return "unloadable";
  if (isMissing || /bindings file|\.node\b/.test(message)) return "not built";
  return "unloadable";
}

/** The commands that install a package, as the end of a sentence. */
export function installCommands(name: string, version: string): string {
  const add = `${name}@${version}`;
  return [
    `\`npm install ${add}\` (npm 12: then \`npm approve-scripts ${name}\` and \`npm rebuild ${name}\`)`,
    `\`pnpm add --allow-build=${name} ${add}\``,
    `or \`yarn add ${add}\``,
  ].join(", ");
}

/** The commands that compile an installed package, as the end of a sentence. */
export function rebuildCommands(name: string): string {
  return [
    `\`npm rebuild ${name}\` (npm 12: \`npm approve-scripts ${name}\` first)`,
    `\`pnpm approve-builds\` and \`pnpm rebuild ${name}\``,
    `or \`yarn rebuild ${name}\``,
  ].join(", ");
}
