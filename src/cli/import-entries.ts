/**
 * Turns the answers of registries into the entries that an import works with: pure.
 *
 * Invariants:
 * - A missing or invalid member is never guessed: the entry is rejected, with the reason.
 * - Numbers written as text, and `null` for an absent member, are accepted.
 * - Nothing here recurses into an answer before its depth is known to be bounded.
 */
import type { Config, Metadata, Mode, RuleSet, SchemaReference } from "../api/index.ts";
import { asMode } from "../api/index.ts";
import { isObject, show } from "../base/index.ts";
import { asLevel, contextKey, contextNamed, isValidScope } from "../confluent/index.ts";
import { isSchemaNumber } from "../registry/index.ts";
import type { HeldVersion } from "./import-names.ts";

/** An entry, or why the answer is not one. */
export type Parsed<T> = { readonly value: T } | { readonly reason: string };

export type Members = Readonly<Record<string, unknown>>;

/** Longest name of a subject or context that is asked for, in characters. */
const NAME_CHARS_MAX = 4096;
const DEPTH_MAX = 64;

/** An id or version, also as decimal text. */
export function toNumber(value: unknown): number | undefined {
  const isText = typeof value === "string" && /^\d{1,10}$/.test(value);
  const number = isText ? Number(value) : value;
  return isSchemaNumber(number) ? number : undefined;
}

/** Whether a name can stand in a path. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= NAME_CHARS_MAX && !HALF_PAIR.test(value);
}

const HALF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The scope of a context in a list of contexts, however the registry spells it. */
export function toContext(name: unknown): string | undefined {
  if (!isName(name)) return undefined;
  const context = contextNamed(name);
  // A path with the segment `..` is another path.
  if (context === undefined || context === "..") return undefined;
  const scope = contextKey(context);
  return isValidScope(scope) ? scope : undefined;
}

/** A version of a subject. */
export function toVersion(body: unknown, deleted: boolean): Parsed<HeldVersion> {
  if (!isObject(body)) return { reason: `it is no schema but ${show(body)}` };
  const { subject, schema, schemaType, metadata, ruleSet } = body;
  const version = toNumber(body["version"]);
  const id = toNumber(body["id"]);
  if (!isName(subject)) return { reason: `its subject is ${show(subject)}` };
  if (version === undefined) return { reason: `its version is ${show(body["version"])}` };
  if (id === undefined) return { reason: `its id is ${show(body["id"])}` };
  if (typeof schema !== "string") return { reason: `its schema is ${show(schema)}` };
  if (!isNone(schemaType) && typeof schemaType !== "string") {
    return { reason: `its schemaType is ${show(schemaType)}` };
  }
  const references = toReferences(body["references"]);
  if ("reason" in references) return references;
  for (const [name, value] of Object.entries({ metadata, ruleSet })) {
    const isUsable = isNone(value) || (isObject(value) && isShallow(value));
    if (!isUsable) return { reason: `its ${name} is ${show(value)}` };
  }
  return {
    value: {
      subject,
      version,
      id,
      schemaType: schemaType ?? "AVRO",
      schema,
      references: references.value,
      ...(isObject(metadata) && { metadata: metadata as Metadata }),
      ...(isObject(ruleSet) && { ruleSet: ruleSet as RuleSet }),
      deleted,
    },
  };
}

/** A reference that is left out would make another schema of its referrer. */
function toReferences(value: unknown): Parsed<SchemaReference[]> {
  if (isNone(value)) return { value: [] };
  if (!Array.isArray(value)) return { reason: `its references are ${show(value)}` };
  const references: SchemaReference[] = [];
  for (const entry of value as unknown[]) {
    const { name, subject, version } = isObject(entry) ? entry : {};
    const number = version === -1 ? -1 : toNumber(version);
    if (typeof name !== "string" || !isName(subject) || number === undefined) {
      return { reason: `one of its references is ${show(entry)}` };
    }
    references.push({ name, subject, version: number });
  }
  return { value: references };
}

const CONFIG_MEMBERS = [
  "alias",
  "aliasForDeks",
  "normalize",
  "validateFields",
  "validateNewSchemas",
  "validateRules",
  "compatibilityPolicy",
  "compatibilityGroup",
  "defaultMetadata",
  "overrideMetadata",
  "defaultRuleSet",
  "overrideRuleSet",
] as const satisfies readonly (keyof Config)[];

/** A configuration; `undefined` when the answer holds no setting, which is how early registries say so. */
export function toConfig(body: unknown): Parsed<Config | undefined> {
  if (!isObject(body)) return { reason: `it is no configuration but ${show(body)}` };
  // Some answer with the name that the level has in requests.
  const level = body["compatibilityLevel"] ?? body["compatibility"];
  const config: Record<string, unknown> = {};
  if (!isNone(level)) {
    const known = asLevel(level);
    if (known === undefined) return { reason: `its level is ${show(level)}` };
    config["compatibilityLevel"] = known;
  }
  for (const name of CONFIG_MEMBERS) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (isNone(value)) continue;
    if (!isShallow(value)) return { reason: `its ${name} is ${show(value)}` };
    config[name] = value;
  }
  return { value: Object.keys(config).length === 0 ? undefined : (config as Config) };
}

/** A mode. */
export function toMode(body: unknown): Parsed<Mode | undefined> {
  if (!isObject(body)) return { reason: `it is no mode but ${show(body)}` };
  const { mode } = body;
  if (isNone(mode)) return { value: undefined };
  const known = asMode(mode);
  return known === undefined ? { reason: `its mode is ${show(mode)}` } : { value: known };
}

function isNone(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Whether all of a value is within {@link DEPTH_MAX} levels. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return false;
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.values(each) : [],
    );
  }
  return true;
}
