/** What the arguments of the public functions may be that a schema registry adds to Avro. */
import { schemaRule } from "../avro/index.ts";
import type { OptionRule, OptionRules } from "../base/index.ts";
import {
  anyObject,
  flag,
  listOf,
  objectWith,
  oneOf,
  optional,
  rule,
  text,
  wholeNumber,
} from "../base/index.ts";
import { LEVELS } from "./level-names.ts";

const INT = wholeNumber(-(2 ** 31), 2 ** 31 - 1);

const earlier = listOf(objectWith({ schema: schemaRule }));
export const COMPATIBILITY: OptionRules = {
  level: oneOf(...LEVELS),
  candidate: objectWith({ schema: schemaRule }),
  history: earlier,
  validateFields: optional(flag),
  budget: optional(
    objectWith({ max: wholeNumber(0), left: rule(Number.isFinite, "use a number") }),
  ),
};
export const HISTORY: OptionRules = { candidate: schemaRule, history: earlier };

const nullable = (inner: OptionRule): OptionRule =>
  optional((value, option) => (value === null ? undefined : inner(value, option)));
export const IDENTITY: OptionRules = {
  schema: text,
  references: nullable(listOf(objectWith({ name: text, subject: text, version: INT }))),
  metadata: nullable(anyObject),
  ruleSet: nullable(anyObject),
};
