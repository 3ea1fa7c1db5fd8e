/**
 * Reads the records of the log, in every registry's dialect: the global key with `"subject":null` and
 * without `subject`, an empty value as a tombstone, values without members that came later, Redpanda's
 * `seq` and `node` in the key.
 *
 * Invariants:
 * - Nothing here throws. What cannot be understood is `{ type: "unknown" }`.
 * - Ids and versions are from 1 to 2^31 − 1; a record with another number is not understood.
 * - A record whose key is understood and whose value is not leaves its key empty (`voids`), because
 *   compaction keeps only this last record of the key.
 * - A record of Redpanda's that landed elsewhere than at `seq` lost its race and does nothing. It takes
 *   nothing away either: a key of Redpanda's is written with a value once.
 */

import type { Metadata, RuleSet, SchemaReference } from "../../api/index.ts";
import { isObject } from "../../base/index.ts";
import {
  DEFAULT_CONTEXT,
  GLOBAL_KEY,
  guidOf,
  guidOfIdentity,
  qualifySubject,
  scopeKey,
} from "../../confluent/index.ts";
import { normalMetadata, normalReferences, normalRuleSet } from "./content.ts";
import type { StoredRecord } from "./log-record.ts";
import { isInt32, isSchemaNumber, NUMBER_MAX } from "./numbers.ts";
import type { ConfigValue, KnownRecord, RegistryRecord } from "./records.ts";
import { SCHEMA_KEY_START, schemaKey } from "./records.ts";

type Members = Readonly<Record<string, unknown>>;

/** Understands a record of any registry. Never throws. */
export function decodeRecord(record: StoredRecord): RegistryRecord {
  return decodeOwnSchema(record) ?? decodeAny(record);
}

/** A schema as this registry writes it: its value says everything, so the key need not be read. */
function decodeOwnSchema({
  key,
  value: json,
  timestamp,
}: StoredRecord): RegistryRecord | undefined {
  if (!json || !key.startsWith(SCHEMA_KEY_START)) return undefined;
  const value = parseObject(json);
  const subject = text(value?.["subject"]);
  const version = value?.["version"];
  if (value === undefined || subject === undefined || !isSchemaNumber(version)) return undefined;
  if (schemaKey(subject, version) !== key || ownSpelling(subject) !== subject) return undefined;
  return understood({ type: "schema", subject, version, value: null }, value, timestamp);
}

function decodeAny({ key: text, value: json, offset, timestamp }: StoredRecord): RegistryRecord {
  const key = parseObject(text);
  if (key === undefined) return { type: "unknown", problem: "its key is no JSON object" };
  const empty = emptyRecord(key);
  if (empty === undefined) return unknownKey(key);
  if (json === null) return empty;
  if (isElsewhere(key, offset)) return { type: "unknown" };
  return json === "" ? empty : understood(empty, parseObject(json), timestamp);
}

/** Whether a record of Redpanda's lost its race: it did not land at the offset that its key says. */
export function isLostRace({ key: text, value, offset }: StoredRecord): boolean {
  const key = value === null ? undefined : parseObject(text);
  return key !== undefined && isElsewhere(key, offset);
}

function isElsewhere({ seq }: Members, offset: number): boolean {
  return typeof seq === "number" && seq !== offset;
}

function unknownKey({ keytype }: Members): RegistryRecord {
  if (!KEYTYPES.has(text(keytype) ?? "")) return { type: "unknown" };
  const problem = `its key lacks what ${String(keytype)} needs (a subject, a version from 1 to ${NUMBER_MAX}, a context)`;
  return { type: "unknown", problem };
}

const KEYTYPES = new Set([
  "SCHEMA",
  "DELETE_SUBJECT",
  "CONTEXT",
  "TYPEWIRE_IDS",
  "TYPEWIRE_ORIGINAL",
]);

/** What a key says without a value: the record that leaves it empty. */
function emptyRecord(key: Members): KnownRecord | undefined {
  const name = text(key["subject"]);
  const version = key["version"];
  const context = text(key["context"]);
  const subject = name === undefined ? undefined : ownSpelling(name);
  switch (key["keytype"]) {
    case "SCHEMA":
      if (subject === undefined || !isSchemaNumber(version) || !isSchemaMagic(key))
        return undefined;
      return { type: "schema", subject, version, value: null };
    case "CONFIG":
      return { type: "config", key: scopeOf(name), value: null };
    case "MODE":
      return { type: "mode", key: scopeOf(name), value: null };
    case "DELETE_SUBJECT":
      return subject === undefined ? undefined : { type: "delete-subject", subject, version: null };
    case "CLEAR_SUBJECT":
      return { type: "clear-subject", key: scopeOf(name), present: false };
    case "CONTEXT":
      return context === undefined ? undefined : { type: "context", context, present: false };
    case "TYPEWIRE_IDS":
      return context === undefined ? undefined : { type: "ids", context, maxId: null };
    case "TYPEWIRE_ORIGINAL":
      if (subject === undefined || !isSchemaNumber(version)) return undefined;
      return { type: "original", subject, version, text: null };
    default:
      return undefined;
  }
}

function isSchemaMagic({ magic }: Members): boolean {
  return magic === undefined || magic === 0 || magic === 1;
}

/** A record of a key that is understood; its value may not be. */
function understood(
  empty: KnownRecord,
  value: Members | undefined,
  timestamp: number,
): RegistryRecord {
  if (value === undefined) {
    return { type: "unknown", voids: empty, problem: "its value is no JSON object" };
  }
  try {
    const filled = filledRecord(empty, value, timestamp);
    return filled ?? { type: "unknown", voids: empty, problem: missingMember(empty, value) };
  } catch {
    // Members of a type that no registry writes (tags that are a number, say).
    const problem = "members of its value have other types than any registry writes";
    return { type: "unknown", voids: empty, problem };
  }
}

/** What the value of a record lacks. */
function missingMember({ type }: KnownRecord, value: Members): string {
  if (type === "schema" && isSchemaNumber(value["id"])) return "its value has no text of a schema";
  const name = NEEDED[type];
  if (typeof value[name] === "number") {
    return `the ${name} ${value[name]} of its value is not an integer from 1 to ${NUMBER_MAX}`;
  }
  return `the ${name} ${JSON.stringify(value[name]) ?? "(none)"} of its value can't be used`;
}

const NEEDED: Readonly<Record<KnownRecord["type"], string>> = {
  schema: "id",
  config: "subject",
  mode: "mode",
  "delete-subject": "version",
  "clear-subject": "subject",
  context: "context",
  ids: "maxId",
  original: "schema",
};

function filledRecord(
  empty: KnownRecord,
  value: Members,
  timestamp: number,
): KnownRecord | undefined {
  switch (empty.type) {
    case "schema":
      return schemaOf(empty.subject, empty.version, value, timestamp);
    case "config":
      return { ...empty, value: configOf(value) };
    case "mode": {
      const mode = text(value["mode"]);
      return mode === undefined ? undefined : { ...empty, value: mode.toUpperCase() };
    }
    case "delete-subject": {
      const version = value["version"];
      return isInt32(version) ? { ...empty, version } : undefined;
    }
    case "clear-subject":
    case "context":
      return { ...empty, present: true };
    case "ids": {
      const maxId = value["maxId"];
      return isInt32(maxId) && maxId >= 0 && maxId <= NUMBER_MAX ? { ...empty, maxId } : undefined;
    }
    case "original": {
      const original = text(value["schema"]);
      return original === undefined ? undefined : { ...empty, text: original };
    }
  }
}

function schemaOf(
  subject: string,
  version: number,
  value: Members,
  timestamp: number,
): KnownRecord | undefined {
  const id = value["id"];
  const schema = text(value["schema"]);
  if (!isSchemaNumber(id) || schema === undefined) return undefined;
  const references = decodeReferences(value["references"]);
  const metadata = normalMetadata(asObject<Metadata>(value["metadata"]));
  const ruleSet = normalRuleSet(asObject<RuleSet>(value["ruleSet"]));
  const hash = guidOfIdentity({ schema, references, metadata, ruleSet });
  const guid = guidOfMd5(value["md5"]) ?? hash;
  return {
    type: "schema",
    subject,
    version,
    guid,
    value: {
      subject,
      version,
      id,
      ...(guid !== hash && { guid }),
      schemaType: text(value["schemaType"]) ?? "AVRO",
      references,
      ...(metadata && { metadata }),
      ...(ruleSet && { ruleSet }),
      schema,
      deleted: value["deleted"] === true,
      ts: integer(value["ts"]) ?? timestamp,
    },
  };
}

function guidOfMd5(md5: unknown): string | undefined {
  if (typeof md5 !== "string") return undefined;
  const bytes = Buffer.from(md5, "base64");
  const isHash = bytes.length === MD5_BYTES && bytes.toString("base64") === md5;
  return isHash ? guidOf(bytes) : undefined;
}

const MD5_BYTES = 16;

/** One for all: most schemas have none. */
const NO_REFERENCES: readonly SchemaReference[] = [];

function decodeReferences(value: unknown): readonly SchemaReference[] {
  if (!Array.isArray(value) || value.length === 0) return NO_REFERENCES;
  return normalReferences(value.filter(isReference));
}

function isReference(value: unknown): value is SchemaReference {
  const members = asObject<Members>(value);
  return (
    members !== undefined &&
    typeof members["name"] === "string" &&
    typeof members["subject"] === "string" &&
    isInt32(members["version"])
  );
}

function configOf(value: Members): ConfigValue {
  const level = text(value["compatibilityLevel"]);
  return {
    ...pick(value, ["alias", "aliasForDeks"], filledText),
    ...pick(value, ["normalize", "validateFields", "validateNewSchemas", "validateRules"], flag),
    ...(level !== undefined && { compatibilityLevel: level.toUpperCase() }),
    ...pick(value, ["compatibilityPolicy", "compatibilityGroup"], filledText),
    ...pick(value, ["defaultMetadata", "overrideMetadata"], (member) =>
      normalMetadata(asObject<Metadata>(member)),
    ),
    ...pick(value, ["defaultRuleSet", "overrideRuleSet"], (member) =>
      normalRuleSet(asObject<RuleSet>(member)),
    ),
  };
}

function ownSpelling(subject: string): string {
  return qualifySubject(DEFAULT_CONTEXT, subject);
}

function scopeOf(subject: string | undefined): string {
  return subject === undefined ? GLOBAL_KEY : scopeKey(subject);
}

function parseObject(json: string): Members | undefined {
  try {
    return asObject<Members>(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function asObject<T>(value: unknown): T | undefined {
  return isObject(value) ? (value as T) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function filledText(value: unknown): string | undefined {
  return text(value) || undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function integer(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

function pick<Name extends string, T>(
  value: Members,
  names: readonly Name[],
  convert: (member: unknown) => T | undefined,
): { [N in Name]?: T } {
  const picked: { [N in Name]?: T } = {};
  for (const name of names) {
    const converted = convert(value[name]);
    if (converted !== undefined) picked[name] = converted;
  }
  return picked;
}

/** Whether a record leaves something under its very key: an empty value does, as Kafka keeps it. */
export function isLive(stored: StoredRecord, { type }: { readonly type: string }): boolean {
  return stored.value !== null && type !== "unknown";
}
