/**
 * The records of the log: Confluent's `_schemas` topic, byte for byte, and three key types of our
 * own that other registries skip.
 *
 * Invariants:
 * - Written JSON is compact with a fixed member order: compaction compares keys as bytes.
 * - Every dialect is read: the global key with `"subject":null` and without `subject`, an empty
 *   value as a tombstone, values without members that came later, Redpanda's `seq` and `node` in the
 *   key (a record that landed elsewhere than at `seq` lost its race and does not count).
 * - Nothing here throws: what cannot be understood is `{ type: "unknown" }`.
 *
 * Our own key types (each with `"magic":0`):
 * - `TYPEWIRE_IDS`, per context: the highest id ever used. Written with whatever removes the record
 *   that held it, so ids are not handed out twice after a permanent delete and a compaction.
 * - `TYPEWIRE_ORIGINAL`, per subject and version: the text as it was registered, when it differs
 *   from the canonical text.
 */
import type { Config, Metadata, RuleSet, SchemaReference } from "../api/index.ts";
import { guidOf } from "../avro/index.ts";
import { normalMetadata, normalReferences, normalRuleSet } from "./content.ts";
import type { LogRecord, StoredRecord } from "./log.ts";
import { GLOBAL_KEY, qualifySubject, scopeKey } from "./subjects.ts";

/** What is stored of a schema under a subject and version. */
export interface SchemaValue {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /**
   * The GUID, where the record says it (`md5`): a registry with a secret encrypts sensitive properties,
   * each time into another text, and the content is the one from before.
   */
  readonly guid?: string;
  /** `AVRO`, or another type in a topic that was taken over. */
  readonly schemaType: string;
  readonly references: readonly SchemaReference[];
  readonly metadata?: Metadata;
  readonly ruleSet?: RuleSet;
  readonly schema: string;
  readonly deleted: boolean;
  /** Milliseconds since the epoch of the registration; absent in records of older registries. */
  readonly ts?: number;
}

/** A config as stored; the level is absent when only other members were set. */
export type ConfigValue = Config;

/** A record, understood. `null` is a tombstone. Subjects have the registry's one spelling. */
export type RegistryRecord =
  | {
      readonly type: "schema";
      readonly subject: string;
      readonly version: number;
      readonly value: SchemaValue | null;
    }
  | { readonly type: "config"; readonly key: string; readonly value: ConfigValue | null }
  | { readonly type: "mode"; readonly key: string; readonly value: string | null }
  | { readonly type: "delete-subject"; readonly subject: string; readonly version: number }
  | { readonly type: "clear-subject"; readonly key: string }
  | { readonly type: "context"; readonly context: string; readonly present: boolean }
  | { readonly type: "ids"; readonly context: string; readonly maxId: number }
  | {
      readonly type: "original";
      readonly subject: string;
      readonly version: number;
      readonly text: string | null;
    }
  | { readonly type: "unknown" };

// Writing ----------------------------------------------------------------------------------------

const SCHEMA_KEY_START = '{"keytype":"SCHEMA","subject":';

/** Key of a schema record. */
export function schemaKey(subject: string, version: number): string {
  return `${SCHEMA_KEY_START}${JSON.stringify(subject)},"version":${version},"magic":1}`;
}

/** A schema under a subject and version. */
export function schemaRecord(value: SchemaValue): LogRecord {
  return {
    key: schemaKey(value.subject, value.version),
    value: JSON.stringify({
      subject: value.subject,
      version: value.version,
      id: value.id,
      md5: value.guid === undefined ? undefined : md5Of(value.guid),
      schemaType: value.schemaType,
      references: value.references.length > 0 ? value.references : undefined,
      metadata: value.metadata,
      ruleSet: value.ruleSet,
      schema: value.schema,
      deleted: value.deleted,
      ts: value.ts,
    }),
  };
}

function md5Of(guid: string): string {
  return Buffer.from(guid.replaceAll("-", ""), "hex").toString("base64");
}

/** A tombstone. */
export function tombstone(key: string): LogRecord {
  return { key, value: null };
}

/** Key of a config record for a scope key. */
export function configKey(key: string): string {
  return scopeRecordKey("CONFIG", key);
}

/** A config for a scope key. */
export function configRecord(key: string, value: ConfigValue): LogRecord {
  return {
    key: configKey(key),
    value: JSON.stringify({
      subject: key === GLOBAL_KEY ? undefined : key,
      alias: value.alias || undefined,
      aliasForDeks: value.aliasForDeks || undefined,
      normalize: value.normalize ?? undefined,
      validateFields: value.validateFields ?? undefined,
      validateNewSchemas: value.validateNewSchemas ?? undefined,
      validateRules: value.validateRules ?? undefined,
      compatibilityLevel: value.compatibilityLevel,
      compatibilityPolicy: value.compatibilityPolicy ?? undefined,
      compatibilityGroup: value.compatibilityGroup || undefined,
      defaultMetadata: value.defaultMetadata ?? undefined,
      overrideMetadata: value.overrideMetadata ?? undefined,
      defaultRuleSet: value.defaultRuleSet ?? undefined,
      overrideRuleSet: value.overrideRuleSet ?? undefined,
    }),
  };
}

/** Key of a mode record for a scope key. */
export function modeKey(key: string): string {
  return scopeRecordKey("MODE", key);
}

/** A mode for a scope key. */
export function modeRecord(key: string, mode: string): LogRecord {
  return {
    key: modeKey(key),
    value: JSON.stringify({ subject: key === GLOBAL_KEY ? undefined : key, mode }),
  };
}

/** Marks every version up to `version` as soft-deleted. */
export function deleteSubjectRecord(subject: string, version: number): LogRecord {
  return {
    key: scopeRecordKey("DELETE_SUBJECT", subject),
    value: JSON.stringify({ subject, version }),
  };
}

/** Drops what is soft-deleted in a scope. */
export function clearSubjectRecord(key: string): LogRecord {
  return {
    key: scopeRecordKey("CLEAR_SUBJECT", key),
    value: JSON.stringify({ subject: key === GLOBAL_KEY ? undefined : key }),
  };
}

/** Key of a context record. */
export function contextRecordKey(context: string): string {
  return `{"keytype":"CONTEXT","tenant":"default","context":${JSON.stringify(context)},"magic":0}`;
}

/** Says that a context is there. */
export function contextRecord(context: string): LogRecord {
  return { key: contextRecordKey(context), value: JSON.stringify({ tenant: "default", context }) };
}

/** The highest id ever used in a context. */
export function idsRecord(context: string, maxId: number): LogRecord {
  return {
    key: `{"keytype":"TYPEWIRE_IDS","context":${JSON.stringify(context)},"magic":0}`,
    value: JSON.stringify({ context, maxId }),
  };
}

/** Key of the record with the text as it was registered. */
export function originalKey(subject: string, version: number): string {
  return `{"keytype":"TYPEWIRE_ORIGINAL","subject":${JSON.stringify(subject)},"version":${version},"magic":0}`;
}

/** The text as it was registered. */
export function originalRecord(subject: string, version: number, schema: string): LogRecord {
  return {
    key: originalKey(subject, version),
    value: JSON.stringify({ subject, version, schema }),
  };
}

function scopeRecordKey(keytype: string, key: string): string {
  const subject = key === GLOBAL_KEY ? "" : `"subject":${JSON.stringify(key)},`;
  return `{"keytype":"${keytype}",${subject}"magic":0}`;
}

/** The key under which this registry writes a record; for others' spellings of the same key. */
export function canonicalKey(record: RegistryRecord): string | undefined {
  if (record.type === "schema") return schemaKey(record.subject, record.version);
  if (record.type === "config") return configKey(record.key);
  return record.type === "mode" ? modeKey(record.key) : undefined;
}

/**
 * A record without any tie to its place in its log, with the one spelling of its key; `undefined`
 * when its place makes it void. What is not understood stays as it is.
 */
export function portableRecord(stored: StoredRecord): LogRecord | undefined {
  const { key, value } = stored;
  const seq = parseObject(key)?.["seq"];
  if (typeof seq === "number" && seq !== stored.offset) return undefined;
  return { key: canonicalKey(decodeRecord(stored)) ?? key, value: value === "" ? null : value };
}

// Reading ----------------------------------------------------------------------------------------

type Members = Readonly<Record<string, unknown>>;

/** Understands a record of any registry. Never throws. */
export function decodeRecord(record: StoredRecord): RegistryRecord {
  return decodeOwnSchema(record) ?? decodeAny(record);
}

/** A schema as this registry writes it: its value says everything, so the key need not be read. */
function decodeOwnSchema({ key, value: json }: StoredRecord): RegistryRecord | undefined {
  if (!json || !key.startsWith(SCHEMA_KEY_START)) return undefined;
  const value = parseObject(json);
  const subject = text(value?.["subject"]);
  const version = integer(value?.["version"]);
  if (value === undefined || subject === undefined || version === undefined) return undefined;
  if (schemaKey(subject, version) !== key || ownSpelling(subject) !== subject) return undefined;
  try {
    return decodeSchemaValue(subject, version, value);
  } catch {
    return unknownRecord;
  }
}

function decodeAny(record: StoredRecord): RegistryRecord {
  const key = parseObject(record.key);
  if (key === undefined) return unknownRecord;
  const seq = key["seq"];
  if (typeof seq === "number" && seq !== record.offset) return unknownRecord;
  const empty = record.value === null || record.value === "";
  const value = empty ? null : parseObject(record.value ?? "");
  if (value === undefined) return unknownRecord;
  try {
    return decoders.get(text(key["keytype"]) ?? "")?.(key, value) ?? unknownRecord;
  } catch {
    // Members of a type that no registry writes (tags that are a number, say).
    return unknownRecord;
  }
}

const unknownRecord: RegistryRecord = { type: "unknown" };

const decoders: ReadonlyMap<string, (key: Members, value: Members | null) => RegistryRecord> =
  new Map([
    ["SCHEMA", decodeSchema],
    ["CONFIG", decodeConfig],
    ["MODE", decodeMode],
    ["DELETE_SUBJECT", decodeDeleteSubject],
    ["CLEAR_SUBJECT", (key) => ({ type: "clear-subject", key: scopeOf(key) })],
    ["CONTEXT", decodeContext],
    ["TYPEWIRE_IDS", decodeIds],
    ["TYPEWIRE_ORIGINAL", decodeOriginal],
  ]);

/** Key types that {@link decodeRecord} understands. */
export function isKnownKeyType(keytype: string): boolean {
  return decoders.has(keytype);
}

function decodeSchema(key: Members, value: Members | null): RegistryRecord {
  const name = text(key["subject"]);
  const version = integer(key["version"]);
  const magic = key["magic"];
  if (name === undefined || version === undefined) return unknownRecord;
  if (magic !== undefined && magic !== 0 && magic !== 1) return unknownRecord;
  const subject = ownSpelling(name);
  if (value === null) return { type: "schema", subject, version, value: null };
  return decodeSchemaValue(subject, version, value);
}

function decodeSchemaValue(subject: string, version: number, value: Members): RegistryRecord {
  const id = integer(value["id"]);
  const schema = text(value["schema"]);
  if (id === undefined || schema === undefined) return unknownRecord;
  const metadata = normalMetadata(asObject<Metadata>(value["metadata"]));
  const ruleSet = normalRuleSet(asObject<RuleSet>(value["ruleSet"]));
  const ts = integer(value["ts"]);
  const guid = guidOfMd5(value["md5"]);
  return {
    type: "schema",
    subject,
    version,
    value: {
      subject,
      version,
      id,
      ...(guid !== undefined && { guid }),
      schemaType: text(value["schemaType"]) ?? "AVRO",
      references: decodeReferences(value["references"]),
      ...(metadata && { metadata }),
      ...(ruleSet && { ruleSet }),
      schema,
      deleted: value["deleted"] === true,
      ...(ts !== undefined && { ts }),
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

function isInt32(value: unknown): boolean {
  return typeof value === "number" && (value | 0) === value;
}

function decodeConfig(key: Members, value: Members | null): RegistryRecord {
  if (value === null) return { type: "config", key: scopeOf(key), value: null };
  const level = text(value["compatibilityLevel"]);
  const stored: ConfigValue = {
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
  return { type: "config", key: scopeOf(key), value: stored };
}

function decodeMode(key: Members, value: Members | null): RegistryRecord {
  if (value === null) return { type: "mode", key: scopeOf(key), value: null };
  const mode = text(value["mode"]);
  if (mode === undefined) return unknownRecord;
  return { type: "mode", key: scopeOf(key), value: mode.toUpperCase() };
}

function decodeDeleteSubject(key: Members, value: Members | null): RegistryRecord {
  const subject = text(key["subject"]);
  const version = integer(value?.["version"]);
  if (subject === undefined || version === undefined) return unknownRecord;
  return { type: "delete-subject", subject: ownSpelling(subject), version };
}

function decodeContext(key: Members, value: Members | null): RegistryRecord {
  const context = text(key["context"]);
  if (context === undefined) return unknownRecord;
  return { type: "context", context, present: value !== null };
}

function decodeIds(key: Members, value: Members | null): RegistryRecord {
  const context = text(key["context"]);
  const maxId = integer(value?.["maxId"]);
  if (context === undefined || maxId === undefined) return unknownRecord;
  return { type: "ids", context, maxId };
}

function decodeOriginal(key: Members, value: Members | null): RegistryRecord {
  const subject = text(key["subject"]);
  const version = integer(key["version"]);
  if (subject === undefined || version === undefined) return unknownRecord;
  const original = value === null ? null : (text(value["schema"]) ?? null);
  return { type: "original", subject: ownSpelling(subject), version, text: original };
}

function ownSpelling(subject: string): string {
  return qualifySubject(".", subject);
}

function scopeOf(key: Members): string {
  const subject = text(key["subject"]);
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
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as T)
    : undefined;
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
