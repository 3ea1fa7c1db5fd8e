/**
 * Metadata and rule sets in the one form that is stored, hashed and answered.
 *
 * Invariants (Confluent's entities, which are sorted collections on the Java side):
 * - Absent, null and empty members are left out; `undefined` stands for "no metadata at all", which
 *   hashes differently from an empty metadata object.
 * - Map keys, tag sets and sensitive names are sorted; rules keep their order.
 * - A rule without kind or mode has the default one, in requests and in records alike.
 * - Member order is fixed, so that equal values are equal JSON text.
 */

import type { Metadata, Rule, RuleSet, SchemaReference } from "../../api/index.ts";
import { byUnits } from "../../base/index.ts";

/** `confluent:version`: the property that carries the version number inside the metadata. */
export const VERSION_PROPERTY = "confluent:version";

/** Metadata in its stored form. */
export function normalMetadata(value: Metadata | null | undefined): Metadata | undefined {
  if (value === null || value === undefined) return undefined;
  const tags = sortedMap(value.tags, (names) => sortedSet(names));
  const properties = sortedMap(value.properties, (text) => text);
  const sensitive = sortedSet(value.sensitive ?? []);
  return {
    ...(tags && { tags }),
    ...(properties && { properties }),
    ...(sensitive.length > 0 && { sensitive }),
  };
}

/** A rule set in its stored form. */
export function normalRuleSet(value: RuleSet | null | undefined): RuleSet | undefined {
  if (value === null || value === undefined) return undefined;
  const lists = {
    migrationRules: (value.migrationRules ?? []).map(normalRule),
    domainRules: (value.domainRules ?? []).map(normalRule),
    encodingRules: (value.encodingRules ?? []).map(normalRule),
  };
  return {
    ...(lists.migrationRules.length > 0 && { migrationRules: lists.migrationRules }),
    ...(lists.domainRules.length > 0 && { domainRules: lists.domainRules }),
    ...(lists.encodingRules.length > 0 && { encodingRules: lists.encodingRules }),
    ...(value.enableAt && { enableAt: value.enableAt }),
  };
}

function normalRule(rule: Rule): Rule {
  const tags = sortedSet(rule.tags ?? []);
  const params = sortedMap(rule.params, (text) => text);
  return {
    ...(rule.name && { name: rule.name }),
    ...(rule.doc && { doc: rule.doc }),
    kind: rule.kind ?? "TRANSFORM",
    mode: rule.mode ?? "WRITEREAD",
    ...(rule.type && { type: rule.type }),
    ...(tags.length > 0 && { tags }),
    ...(params && { params }),
    ...(rule.expr && { expr: rule.expr }),
    ...(rule.onSuccess && { onSuccess: rule.onSuccess }),
    ...(rule.onFailure && { onFailure: rule.onFailure }),
    disabled: rule.disabled ?? false,
  };
}

/** References with their members in stored order. */
export function normalReferences(
  references: readonly SchemaReference[] | null | undefined,
): readonly SchemaReference[] {
  return (references ?? []).map(({ name, subject, version }) => ({ name, subject, version }));
}

/** `older` with what `newer` says laid over it, path by path and key by key; sensitive names add up. */
export function mergeMetadata(
  older: Metadata | undefined,
  newer: Metadata | undefined,
): Metadata | undefined {
  if (older === undefined || newer === undefined) return newer ?? older;
  return normalMetadata({
    tags: laidOver(older.tags, newer.tags),
    properties: laidOver(older.properties, newer.properties),
    sensitive: [...(older.sensitive ?? []), ...(newer.sensitive ?? [])],
  });
}

function laidOver<V>(
  older: Readonly<Record<string, V>> | null | undefined,
  newer: Readonly<Record<string, V>> | null | undefined,
): Record<string, V> {
  return fromEntries([...Object.entries(older ?? {}), ...Object.entries(newer ?? {})]);
}

/** `older` with the rules of `newer`: a rule of the same name is replaced. */
export function mergeRuleSets(
  older: RuleSet | undefined,
  newer: RuleSet | undefined,
): RuleSet | undefined {
  if (older === undefined || newer === undefined) return newer ?? older;
  return normalRuleSet({
    migrationRules: mergeRules(older.migrationRules, newer.migrationRules),
    domainRules: mergeRules(older.domainRules, newer.domainRules),
    encodingRules: mergeRules(older.encodingRules, newer.encodingRules),
    enableAt: newer.enableAt ?? older.enableAt ?? null,
  });
}

function mergeRules(
  older: readonly Rule[] | null | undefined,
  newer: readonly Rule[] | null | undefined,
): Rule[] {
  const replaced = new Set((newer ?? []).map((rule) => rule.name));
  return [...(older ?? []).filter((rule) => !replaced.has(rule.name)), ...(newer ?? [])];
}

/** Metadata with one property set. */
export function withProperty(metadata: Metadata | undefined, key: string, value: string): Metadata {
  const properties = new Map(Object.entries(metadata?.properties ?? {}));
  properties.set(key, value);
  return normalMetadata({ ...metadata, properties: fromEntries(properties) }) ?? {};
}

/**
 * Whether a look-up with `asked` finds a version with `stored` metadata. Where only one of them has a
 * `confluent:version`, that property does not count, but one that is asked for must be the version's.
 */
export function metadataFinds(
  asked: Metadata | undefined,
  stored: Metadata | undefined,
  version: number,
): boolean {
  const wanted = versionIn(asked);
  const known = versionIn(stored);
  if (wanted === undefined && known !== undefined) {
    return sameStored(asked ?? {}, withoutVersion(stored));
  }
  if (wanted !== undefined && known === undefined) {
    return wanted === version && sameStored(withoutVersion(asked), stored ?? {});
  }
  return sameStored(asked, stored);
}

/** The number in `confluent:version`; text that Java does not read as an int counts as absent. */
function versionIn(metadata: Metadata | undefined): number | undefined {
  const text = propertyOf(metadata, VERSION_PROPERTY) ?? "";
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return number === (number | 0) ? number : undefined;
}

function withoutVersion(metadata: Metadata | undefined): Metadata {
  const { [VERSION_PROPERTY]: _version, ...properties } = metadata?.properties ?? {};
  return normalMetadata({ ...metadata, properties }) ?? {};
}

/** A metadata property, or `undefined`. */
export function propertyOf(metadata: Metadata | undefined, key: string): string | undefined {
  const properties = metadata?.properties;
  return properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** Whether two stored forms are equal. */
export function sameStored(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

function sortedSet(names: readonly string[]): string[] {
  return [...new Set(names)].sort(byUnits);
}

function sortedMap<V, W>(
  map: Readonly<Record<string, V>> | null | undefined,
  convert: (value: V) => W,
): Record<string, W> | undefined {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return undefined;
  entries.sort(([left], [right]) => byUnits(left, right));
  return fromEntries(entries.map(([key, value]) => [key, convert(value)]));
}

// `Object.fromEntries` defines own properties, so a key `__proto__` is an ordinary one. Keys that
// look like array indices come first whatever the insertion order; the order is the same on every
// run, which is all that equality of stored text needs.
function fromEntries<V>(entries: Iterable<readonly [string, V]>): Record<string, V> {
  return Object.fromEntries(entries);
}
