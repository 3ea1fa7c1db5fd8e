/** What the arguments of the public functions may be that a schema registry adds to Avro. */
import { budgetRule, schemaRule } from "../avro/index.ts";
import type { OptionRule, OptionRules } from "../base/index.ts";
import {
  flag,
  listOf,
  objectWith,
  oneOf,
  optional,
  recordOf,
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
  budget: optional(budgetRule),
};
export const HISTORY: OptionRules = { candidate: schemaRule, history: earlier, budget: budgetRule };

const nullable = (inner: OptionRule): OptionRule =>
  optional((value, option) => (value === null ? undefined : inner(value, option)));
const texts = nullable(listOf(text));
const rules = nullable(
  listOf(
    objectWith({
      name: nullable(text),
      doc: nullable(text),
      kind: nullable(text),
      mode: nullable(text),
      type: nullable(text),
      tags: texts,
      params: nullable(recordOf(text)),
      expr: nullable(text),
      onSuccess: nullable(text),
      onFailure: nullable(text),
      disabled: nullable(flag),
    }),
  ),
);
export const IDENTITY: OptionRules = {
  schema: text,
  references: nullable(listOf(objectWith({ name: text, subject: text, version: INT }))),
  metadata: nullable(
    objectWith({
      tags: nullable(recordOf(listOf(text))),
      properties: nullable(recordOf(text)),
      sensitive: texts,
    }),
  ),
  ruleSet: nullable(
    objectWith({
      migrationRules: rules,
      domainRules: rules,
      encodingRules: rules,
      enableAt: nullable(text),
    }),
  ),
};
