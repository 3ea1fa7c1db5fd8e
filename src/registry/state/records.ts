/**
 * The records of the log: Confluent's `_schemas` topic, byte for byte, and two key types of our own
 * that other registries skip. `records-read.ts` reads them, in every dialect.
 *
 * Invariant: written JSON is compact with a fixed member order, because compaction compares keys as
 * bytes.
 *
 * Our own key types (each with `"magic":0`):
 * - `TYPEWIRE_IDS`, per context: the highest id ever used. Written with whatever removes the record
 *   that held it, so ids are not handed out twice after a permanent delete and a compaction.
 * - `TYPEWIRE_ORIGINAL`, per subject and version: the text as it was registered, when it differs
 *   from the canonical text.
 */
import type { Config, Metadata, RuleSet, SchemaReference } from "../../api/index.ts";
import { GLOBAL_KEY } from "../../confluent/index.ts";
import type { LogRecord } from "./log-record.ts";

/** What is stored of a schema under a subject and version. */
export interface SchemaValue {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /**
   * The GUID, where the record says another one than its hash (`md5`): a registry with a secret encrypts
   * sensitive properties, each time into another text, and the content is the one from before.
   */
  readonly guid?: string;
  /** `AVRO`, or another type in a topic that was taken over. */
  readonly schemaType: string;
  readonly references: readonly SchemaReference[];
  readonly metadata?: Metadata;
  readonly ruleSet?: RuleSet;
  readonly schema: string;
  readonly deleted: boolean;
  /**
   * Milliseconds since the epoch of the registration. Records of older registries do not say it: theirs
   * is the time of the record.
   */
  readonly ts: number;
}

/** A config as stored; the level is absent when only other members were set. */
export type ConfigValue = Config;

/**
 * A record, understood. `null` (and `present: false`) says that the key holds nothing. Subjects have
 * the registry's one spelling.
 */
export type KnownRecord =
  | {
      readonly type: "schema";
      readonly subject: string;
      readonly version: number;
      readonly value: SchemaValue;
      /** What its content is known by. */
      readonly guid: string;
    }
  | {
      readonly type: "schema";
      readonly subject: string;
      readonly version: number;
      readonly value: null;
    }
  | { readonly type: "config"; readonly key: string; readonly value: ConfigValue | null }
  | { readonly type: "mode"; readonly key: string; readonly value: string | null }
  | { readonly type: "delete-subject"; readonly subject: string; readonly version: number | null }
  | { readonly type: "clear-subject"; readonly key: string; readonly present: boolean }
  | { readonly type: "context"; readonly context: string; readonly present: boolean }
  | { readonly type: "ids"; readonly context: string; readonly maxId: number | null }
  | {
      readonly type: "original";
      readonly subject: string;
      readonly version: number;
      readonly text: string | null;
    };

/** A record, understood or not. */
export type RegistryRecord = KnownRecord | UnknownRecord;

/** A record that is not understood. */
export interface UnknownRecord {
  readonly type: "unknown";
  /**
   * What it does all the same, when its key is understood: compaction leaves nothing of what the key
   * held before, so the key holds nothing from here on.
   */
  readonly voids?: KnownRecord;
  /** Why it is not understood; absent for keys of others, and for a lost race of Redpanda's. */
  readonly problem?: string;
}

/** How the key of a schema begins as this registry writes it. */
export const SCHEMA_KEY_START = '{"keytype":"SCHEMA","subject":';

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

/** Key of the record that soft-deletes a subject. */
export function deleteSubjectKey(subject: string): string {
  return scopeRecordKey("DELETE_SUBJECT", subject);
}

/** Marks every version up to `version` as soft-deleted. */
export function deleteSubjectRecord(subject: string, version: number): LogRecord {
  return {
    key: deleteSubjectKey(subject),
    value: JSON.stringify({ subject, version }),
  };
}

/** Key of the record that drops what is soft-deleted in a scope. */
export function clearSubjectKey(key: string): string {
  return scopeRecordKey("CLEAR_SUBJECT", key);
}

/** Drops what is soft-deleted in a scope. */
export function clearSubjectRecord(key: string): LogRecord {
  return {
    key: clearSubjectKey(key),
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

/** Key of the mark of ids of a context. */
export function idsKey(context: string): string {
  return `{"keytype":"TYPEWIRE_IDS","context":${JSON.stringify(context)},"magic":0}`;
}

/** The highest id ever used in a context. */
export function idsRecord(context: string, maxId: number): LogRecord {
  return {
    key: idsKey(context),
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

/** What a record does to the key that it is under; `undefined` for keys of others. */
export function knownPart(record: RegistryRecord): KnownRecord | undefined {
  return record.type === "unknown" ? record.voids : record;
}

/** The key under which this registry writes a record; for others' spellings of the same key. */
export function canonicalKey(record: KnownRecord): string {
  switch (record.type) {
    case "schema":
      return schemaKey(record.subject, record.version);
    case "config":
      return configKey(record.key);
    case "mode":
      return modeKey(record.key);
    case "delete-subject":
      return deleteSubjectKey(record.subject);
    case "clear-subject":
      return clearSubjectKey(record.key);
    case "context":
      return contextRecordKey(record.context);
    case "ids":
      return idsKey(record.context);
    case "original":
      return originalKey(record.subject, record.version);
  }
}
