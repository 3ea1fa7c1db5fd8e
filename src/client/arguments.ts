/**
 * The check of arguments, once for all methods: what is wrong is said before anything is sent.
 *
 * Invariants:
 * - Every method has its row here, or does not compile. A row has a rule for each parameter.
 * - A method whose arguments are wrong rejects with the error; it does not throw.
 */
import { LEVELS, MODES } from "../api/index.ts";
import type { OptionRule, OptionRules } from "../base/index.ts";
import {
  flag,
  hidden,
  isObject,
  listOf,
  objectWith,
  oneOf,
  optional,
  problemOf,
  recordOf,
  rule,
  text,
  wholeNumber,
} from "../base/index.ts";
import { clientErrors } from "./errors.ts";
import { isHeaderValue } from "./options.ts";
import type { RegistryClient } from "./types.ts";

/** Those that `fetch` sends. */
const METHOD = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/i;
/** A token of RFC 9110. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Methods that answer at a later time; `peekParsed` finds nothing for what is no id. */
type Asked = Omit<RegistryClient, "url" | "peekParsed">;
type Checked = { readonly [Name in keyof Asked]: OptionRules };

const ID = rule((value) => typeof value === "number", "use a number");
const version = rule(
  (value) => value === "latest" || (Number.isSafeInteger(value) && (value as number) > 0),
  'use a number from 1, or "latest"',
);
const reference = objectWith({ name: text, subject: text, version: wholeNumber(-1) });
const members = rule((value) => isObject(value) && isSendable(value), "use an object of JSON");
const definition = objectWith({
  schema: text,
  references: optional(listOf(reference)),
  metadata: optional(members),
  ruleSet: optional(members),
});
const options = (rules: OptionRules): OptionRule => optional(objectWith(rules));
const deleted = optional(flag);
const normalize = optional(flag);
const how = oneOf("soft", "permanent");
const scope = optional(text);
const headerText = hidden(
  rule(
    (value) => typeof value === "string" && isHeaderValue(value),
    "use text that a header can have",
  ),
);
const headerNames = rule(
  (value) => Object.keys(value as object).every((name) => HEADER_NAME.test(name)),
  "use names of headers",
);
const queryValue = optional(
  rule(
    (value) =>
      ["string", "number", "boolean"].includes(typeof value) ||
      (Array.isArray(value) && value.every((item) => typeof item === "string")),
    "use text, a number, a boolean or a list of texts",
  ),
);
const sendable = optional(rule(isSendable, "use what JSON has"));

const ARGUMENTS: Checked = {
  schemaById: { id: ID, subject: optional(text) },
  parsedById: { id: ID, subject: optional(text) },
  schemaByGuid: { guid: text },
  parsedByGuid: { guid: text, subject: optional(text) },
  register: {
    subject: text,
    definition,
    options: options({ normalize, ifMatch: optional(headerText) }),
  },
  lookup: { subject: text, definition, options: options({ normalize, deleted }) },
  idOf: { subject: text, definition },
  subjects: { options: options({ prefix: optional(text), deleted }) },
  versions: { subject: text, options: options({ deleted }) },
  version: { subject: text, version, options: options({ deleted }) },
  referencedVersion: { reference: objectWith({ subject: text, version: wholeNumber(-1) }) },
  latest: { subject: text },
  closedSchema: { subject: text, version },
  referencedBy: { subject: text, version },
  deleteSubject: { subject: text, how },
  deleteVersion: { subject: text, version, how },
  checkCompatibility: {
    subject: text,
    definition,
    options: options({ version: optional(version), normalize }),
  },
  compatibilityLevel: { subject: scope },
  setCompatibilityLevel: { subject: scope, level: oneOf(...LEVELS) },
  config: { subject: scope, options: options({ inForce: optional(flag) }) },
  updateConfig: { subject: scope, update: members },
  deleteConfig: { subject: scope },
  mode: { subject: scope },
  setMode: { subject: scope, mode: oneOf(...MODES), options: options({ force: optional(flag) }) },
  deleteMode: { subject: scope },
  contexts: {},
  request: {
    method: rule((value) => typeof value === "string" && METHOD.test(value), "use GET, PUT, …"),
    path: rule(
      (value) => typeof value === "string" && value.startsWith("/"),
      "use a path that begins with /",
    ),
    options: options({
      query: optional(recordOf(queryValue)),
      body: sendable,
      headers: optional(
        (value, option) => recordOf(headerText)(value, option) ?? headerNames(value, option),
      ),
    }),
  },
};

/** Whether JSON can hold a value: no circles, no bigints. */
function isSendable(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

/** The client with its arguments checked. */
export function withChecks(client: RegistryClient): RegistryClient {
  const checked: Record<string, unknown> = {};
  for (const [name, rules] of Object.entries<OptionRules>(ARGUMENTS)) {
    const method = client[name as keyof Asked] as (...given: unknown[]) => Promise<unknown>;
    const names = Object.keys(rules);
    checked[name] = async (...given: unknown[]) => {
      check(names, rules, given);
      return method(...given);
    };
  }
  return Object.defineProperties(client, Object.getOwnPropertyDescriptors(checked));
}

function check(names: readonly string[], rules: OptionRules, given: readonly unknown[]): void {
  const problem = problemOf(rules, Object.fromEntries(names.map((name, i) => [name, given[i]])));
  if (problem === undefined) return;
  const { option, value, reason } = problem;
  throw clientErrors.create("CLIENT_ARGUMENT_INVALID", { argument: option, value, reason });
}
