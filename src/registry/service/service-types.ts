/**
 * What the registry offers to its shells (HTTP server, tests, embedding programs). Every method
 * answers with the entity or a {@link Refusal}; it throws only when the store fails.
 *
 * `subject` is always as the client wrote it, decoded (`orders-value`, `:.ctx:orders-value`, an
 * alias); the service qualifies, resolves aliases and prints names. `version` is text as it stood in
 * the path. Paging: `limit` as asked for, `undefined` for all.
 */
import type {
  CompatibilityCheckResponse,
  Config,
  ConfigUpdateRequest,
  ContextId,
  ExtendedSchema,
  Refusal,
  RegisterSchemaRequest,
  RegisterSchemaResponse,
  SchemaEntity,
  SchemaString,
  SubjectVersion,
  TagSchemaRequest,
} from "../../api/index.ts";
import type { DeletedFilter, FormatQuery, HotReads, Paging } from "../queries/index.ts";
import type { ExtraCalls } from "./extra-types.ts";

/** What a call of the service comes to: a result, or a refusal as a value. */
export type Answer<T> = Promise<T | Refusal>;

/** The calls of the registry, one for each operation of its HTTP API. */
export interface RegistryService extends ExtraCalls {
  // Subjects
  subjects(q: DeletedFilter & Paging & { subjectPrefix?: string }): Answer<readonly string[]>;
  lookup(
    subject: string,
    body: RegisterSchemaRequest,
    q: FormatQuery & { normalize?: boolean; deleted?: boolean },
  ): Answer<SchemaEntity>;
  latestWithMetadata(
    subject: string,
    pairs: readonly (readonly [key: string, value: string])[],
    q: FormatQuery & { deleted?: boolean },
  ): Answer<SchemaEntity>;
  deleteSubject(subject: string, q: { permanent?: boolean }): Answer<readonly number[]>;
  versions(
    subject: string,
    q: DeletedFilter & Paging & { deletedAsNegative?: boolean },
  ): Answer<readonly number[]>;
  register(
    subject: string,
    body: RegisterSchemaRequest,
    q: FormatQuery & { normalize?: boolean; force?: boolean; ifMatch?: string },
  ): Answer<RegisterSchemaResponse>;
  version(
    subject: string,
    version: string,
    q: FormatQuery & { deleted?: boolean },
  ): Answer<SchemaEntity>;
  referencedBy(
    subject: string,
    version: string,
    q: { deleted?: boolean } & Paging,
  ): Answer<readonly number[]>;
  deleteVersion(subject: string, version: string, q: { permanent?: boolean }): Answer<number>;
  tagVersion(
    subject: string,
    version: string,
    body: TagSchemaRequest,
  ): Answer<RegisterSchemaResponse>;

  // Schemas
  schemas(
    q: Paging & {
      subjectPrefix?: string;
      aliases?: boolean;
      deleted?: boolean;
      latestOnly?: boolean;
      ruleType?: string;
    },
  ): Answer<readonly ExtendedSchema[]>;
  schemaById(
    id: number,
    q: FormatQuery & { subject?: string; fetchMaxId?: boolean },
  ): Answer<SchemaString>;
  subjectsOfId(
    id: number,
    q: { subject?: string; deleted?: boolean } & Paging,
  ): Answer<readonly string[]>;
  versionsOfId(
    id: number,
    q: { subject?: string; deleted?: boolean } & Paging,
  ): Answer<readonly SubjectVersion[]>;
  schemaByGuid(guid: string, q: FormatQuery): Answer<SchemaString>;
  idsOfGuid(guid: string): Answer<readonly ContextId[]>;

  // Compatibility; version undefined = all versions that the level asks for
  testCompatibility(
    subject: string,
    version: string | undefined,
    body: RegisterSchemaRequest,
    q: { verbose?: boolean; normalize?: boolean },
  ): Answer<CompatibilityCheckResponse>;

  // Config and mode; subject undefined = global
  config(subject: string | undefined, q: { defaultToGlobal?: boolean }): Answer<Config>;
  updateConfig(subject: string | undefined, body: ConfigUpdateRequest): Answer<ConfigUpdateRequest>;
  deleteConfig(subject: string | undefined): Answer<Config>;
  mode(subject: string | undefined, q: { defaultToGlobal?: boolean }): Answer<{ mode: string }>;
  updateMode(
    subject: string | undefined,
    mode: string | null | undefined,
    q: { force?: boolean },
  ): Answer<{ mode: string | null }>;
  deleteMode(subject: string | undefined, q: { recursive?: boolean }): Answer<{ mode?: string }>;

  // Contexts
  contexts(q: Paging & { contextPrefix?: string }): Answer<readonly string[]>;
  deleteContext(context: string): Answer<undefined>;

  /** Answers that were serialised once, for the two hottest reads. */
  readonly hot: HotReads;
  /** Numbers for metrics. */
  stats(): RegistryStats;
}

/** Sizes of the state. */
export interface RegistryStats {
  /** Subjects with a live version. */
  readonly subjects: number;
  /** Live versions. */
  readonly versions: number;
  /** Soft-deleted versions. */
  readonly deletedVersions: number;
  /** Distinct contents over all contexts. */
  readonly schemas: number;
  /** The contexts that are listed, the default one included. */
  readonly contexts: number;
  /** Offset after the last applied record. */
  readonly logEnd: number;
}
