/** What the arguments of the public functions may be. */
import type { OptionRules } from "../src/base/index.ts";
import {
  anyObject,
  callback,
  flag,
  listOf,
  objectWith,
  oneOf,
  optional,
  problemOf,
  recordOf,
  someText,
  text,
  wholeNumber,
} from "../src/base/index.ts";
import { codegenErrors } from "./errors.ts";

const source = listOf(
  objectWith({
    subject: someText,
    text,
    version: optional(wholeNumber(1)),
    references: listOf(objectWith({ name: text, subject: someText, version: wholeNumber(-1) })),
  }),
);
const part = objectWith({
  kind: oneOf("string", "bytes", "none", "subject"),
  subject: optional(someText),
});

export const GENERATE: OptionRules = {
  schemas: source,
  referenced: optional(source),
  topics: listOf(objectWith({ name: someText, key: part, value: part })),
  options: optional(
    objectWith({
      importExtension: optional(oneOf(".js", ".ts", "")),
      runtime: optional(someText),
      mode: optional(oneOf("strict", "stored")),
      mapping: optional(
        objectWith({
          long: optional(oneOf("bigint", "number")),
          logical: optional(oneOf("safe", "raw")),
          fields: optional(recordOf(oneOf("safe", "raw"))),
        }),
      ),
    }),
  ),
};
export const FILES: OptionRules = { cwd: someText, config: anyObject };
export const COMMAND: OptionRules = {
  ...FILES,
  source: objectWith({ name: text, mode: oneOf("strict", "stored"), fetch: callback }),
  check: optional(flag),
  locked: optional(flag),
  out: callback,
};
export const CONFIG_TEXT: OptionRules = { text, file: someText };
export const CONFIG_PATH: OptionRules = { file: someText };

/** @throws CODEGEN_OPTION_INVALID for the first argument or option that can't work */
export function checkCodegen(rules: OptionRules, options: unknown): void {
  const problem = problemOf(rules, options);
  if (problem !== undefined) throw codegenErrors.create("CODEGEN_OPTION_INVALID", { ...problem });
}
