/**
 * The identity of a schema in a registry: Confluent's MD5 over the stored text, references, metadata
 * and rules. Printed as a UUID it is the schema's GUID, the same in every cluster.
 *
 * Invariants: texts are hashed as UTF-8; what is absent or null adds nothing, but metadata and rules
 * that are there, even empty, add a byte 1 first. Maps and sets are hashed in UTF-16 order.
 */

import type { Hash } from "node:crypto";
import { createHash, hash } from "node:crypto";
import { BYTES, checkAvro } from "../avro/index.ts";
import { byUnits } from "../base/index.ts";
import { IDENTITY } from "./options.ts";

type Maybe<T> = T | null | undefined;

/** Metadata as the registry's API carries it. */
export interface IdentityMetadata {
  readonly tags?: Maybe<Readonly<Record<string, readonly string[]>>>;
  readonly properties?: Maybe<Readonly<Record<string, string>>>;
  readonly sensitive?: Maybe<readonly string[]>;
}

/** A rule as the registry's API carries it. */
export interface IdentityRule {
  readonly name?: Maybe<string>;
  readonly doc?: Maybe<string>;
  readonly kind?: Maybe<string>;
  readonly mode?: Maybe<string>;
  readonly type?: Maybe<string>;
  readonly tags?: Maybe<readonly string[]>;
  readonly params?: Maybe<Readonly<Record<string, string>>>;
  readonly expr?: Maybe<string>;
  readonly onSuccess?: Maybe<string>;
  readonly onFailure?: Maybe<string>;
  readonly disabled?: Maybe<boolean>;
}

/** A rule set as the registry's API carries it. */
export interface IdentityRuleSet {
  readonly migrationRules?: Maybe<readonly IdentityRule[]>;
  readonly domainRules?: Maybe<readonly IdentityRule[]>;
  readonly encodingRules?: Maybe<readonly IdentityRule[]>;
  readonly enableAt?: Maybe<string>;
}

/** What makes a schema the one that it is. */
export interface Identity {
  /** The text as it is stored, from `printSchema`. */
  readonly schema: string;
  readonly references?: Maybe<
    readonly { readonly name: string; readonly subject: string; readonly version: number }[]
  >;
  readonly metadata?: Maybe<IdentityMetadata>;
  readonly ruleSet?: Maybe<IdentityRuleSet>;
}

/** Confluent's identity hash: 16 bytes. */
export function identityHash(identity: Identity): Buffer {
  checkAvro(IDENTITY, identity);
  const { schema, references, metadata, ruleSet } = identity;
  if (isPlain(identity)) return hash("md5", schema, "buffer");
  const md5 = createHash("md5").update(schema);
  const version = Buffer.alloc(4);
  for (const reference of references ?? []) {
    version.writeInt32BE(reference.version);
    md5.update(reference.name).update(reference.subject).update(version);
  }
  if (metadata != null) addMetadata(md5.update("\u0001"), metadata);
  if (ruleSet != null) addRuleSet(md5.update("\u0001"), ruleSet);
  return md5.digest();
}

/** The GUID of an identity hash: its bytes as a UUID, without version bits. */
export function guidOf(identity: Uint8Array): string {
  checkAvro(BYTES, { bytes: identity });
  return guidOfHex(Buffer.from(identity).toString("hex"));
}

/** The GUID of an identity: `guidOf(identityHash(identity))`, without bytes in between. */
export function guidOfIdentity(identity: Identity): string {
  if (!isPlain(identity)) return guidOf(identityHash(identity));
  return guidOfHex(hash("md5", identity.schema));
}

function guidOfHex(hex: string): string {
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${parts.join("-")}-${hex.slice(20)}`;
}

function isPlain({ references, metadata, ruleSet }: Identity): boolean {
  return metadata == null && ruleSet == null && !references?.length;
}

function addMetadata(md5: Hash, metadata: IdentityMetadata): void {
  for (const [key, values] of sortedEntries(metadata.tags)) {
    md5.update(key);
    addSorted(md5, values);
  }
  addMap(md5, metadata.properties);
  addSorted(md5, metadata.sensitive);
}

function addRuleSet(md5: Hash, ruleSet: IdentityRuleSet): void {
  for (const rules of [ruleSet.migrationRules, ruleSet.domainRules, ruleSet.encodingRules]) {
    for (const rule of rules ?? []) addRule(md5, rule);
  }
  add(md5, ruleSet.enableAt);
}

function addRule(md5: Hash, rule: IdentityRule): void {
  for (const text of [rule.name, rule.doc, rule.kind, rule.mode, rule.type]) add(md5, text);
  addSorted(md5, rule.tags);
  addMap(md5, rule.params);
  for (const text of [rule.expr, rule.onSuccess, rule.onFailure]) add(md5, text);
  if (rule.disabled === true) md5.update("\u0001");
}

function add(md5: Hash, text: Maybe<string>): void {
  if (text != null) md5.update(text);
}

function addSorted(md5: Hash, texts: Maybe<readonly string[]>): void {
  for (const text of [...new Set(texts ?? [])].sort(byUnits)) md5.update(text);
}

function addMap(md5: Hash, members: Maybe<Readonly<Record<string, string>>>): void {
  for (const [key, value] of sortedEntries(members)) md5.update(key).update(value);
}

function sortedEntries<T>(members: Maybe<Readonly<Record<string, T>>>): [string, T][] {
  return Object.entries(members ?? {}).sort(([left], [right]) => byUnits(left, right));
}
