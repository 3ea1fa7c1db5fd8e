/**
 * What the registry client offers. Subjects are written plainly (`orders-value`, `a/b`,
 * `:.ctx:orders-value`); the client encodes them.
 */
import type {
  CompatibilityLevel,
  Config,
  ConfigUpdateRequest,
  Metadata,
  Mode,
  RuleSet,
  SchemaReference,
} from "../api/index.ts";
import type { Schema } from "../avro/index.ts";

/** User name and password (basic), or a bearer token, asked for before each request. */
export type RegistryAuth =
  | { readonly username: string; readonly password: string }
  | { readonly token: string | (() => string | Promise<string>) };

/** Time as the client sees it; replaced in tests. */
export interface ClientClock {
  /** Milliseconds, growing. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** How {@link createRegistryClient} reaches a registry; only `url` has no default. */
export interface RegistryClientOptions {
  /**
   * Base URL, or several of the same registry: the next one is tried when one does not answer.
   * Credentials in the URL are used as basic authentication.
   */
  readonly url: string | readonly string[];
  readonly auth?: RegistryAuth;
  /** Headers to add to each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Limit for one attempt, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first, on network errors, time-outs, 408, 429 and 5xx. Default 3. */
  readonly retries?: number;
  /** Pause before the first retry, in milliseconds; doubles, with jitter. Default 100. */
  readonly retryDelayMs?: number;
  /** How many schemas to keep by id, a guard for memory. Default 10,000. */
  readonly cacheEntriesMax?: number;
  /** Default: the global `fetch`, which keeps connections alive. */
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: ClientClock;
}

/** A schema as it is sent to the registry. */
export interface SchemaDefinition {
  /** The schema's text. */
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: Metadata;
  readonly ruleSet?: RuleSet;
}

/** A schema as the registry knows it by id. */
export interface RegisteredSchema {
  readonly id: number;
  readonly schema: string;
  /** `AVRO` when the registry leaves it out. */
  readonly schemaType: string;
  readonly references: readonly SchemaReference[];
  readonly guid?: string;
}

/** A schema as the registry knows it by subject and version. */
export interface SubjectSchema extends RegisteredSchema {
  readonly subject: string;
  readonly version: number;
  readonly deleted: boolean;
}

/** Where a registered schema landed. */
export interface Registration {
  readonly id: number;
  readonly version: number;
}

/** Outcome of a compatibility check; `messages` say why it failed. */
export interface CompatibilityResult {
  readonly compatible: boolean;
  readonly messages: readonly string[];
}

/** `soft` keeps ids readable and numbers taken; `permanent` needs a soft delete before it. */
export type DeleteHow = "soft" | "permanent";

/** A version: a number from 1, or `latest` (the newest that is not deleted). */
export type VersionName = number | "latest";

/** One raw call, for routes that have no method here. */
export interface RawRequest {
  /** Appended to the path; `undefined` members are left out, lists are repeated. */
  readonly query?: Readonly<Record<string, RawQueryValue>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
/** The value of a query parameter: a list repeats the parameter, `undefined` leaves it out. */
export type RawQueryValue = string | number | boolean | readonly string[] | undefined;

/**
 * Client of a schema registry. Every method rejects with `CLIENT_UNREACHABLE` (retriable) when no
 * answer came, `CLIENT_REFUSED` when the registry said no (see {@link refusalOf}), and
 * `CLIENT_ANSWER_INVALID` when the answer is not a registry's.
 */
export interface RegistryClient {
  /** The base URL in use, without credentials. */
  readonly url: string;

  // Schemas by id: immutable, so kept for as long as the cache has room.
  /**
   * The schema with an id. Concurrent calls for one id share one request. An unknown id rejects
   * with `CLIENT_SCHEMA_ID_UNKNOWN`, which is remembered for 1 s, growing to 60 s per id.
   *
   * Each context has ids of its own. The id is one of the context that `subject` names
   * (`:.ctx:orders-value`), else of the URL's, which is the default context's.
   */
  schemaById(id: number, subject?: string): Promise<RegisteredSchema>;
  /** The same, parsed, references resolved through the registry. */
  parsedById(id: number, subject?: string): Promise<Schema>;
  /** What {@link parsedById} would resolve to, when it is here already: the warm path. */
  peekParsed(id: number, subject?: string): Schema | undefined;

  // Schemas by subject
  /** Registers a schema (idempotent: the same content yields the same id and version). */
  register(
    subject: string,
    definition: SchemaDefinition,
    options?: { readonly normalize?: boolean; readonly ifMatch?: string },
  ): Promise<Registration>;
  /** Finds a schema under a subject. `CLIENT_SCHEMA_NOT_REGISTERED` when it is not there. */
  lookup(
    subject: string,
    definition: SchemaDefinition,
    options?: { readonly normalize?: boolean; readonly deleted?: boolean },
  ): Promise<SubjectSchema>;
  /** The id of a schema under a subject, kept for ever. `CLIENT_SCHEMA_NOT_REGISTERED` as above. */
  idOf(subject: string, definition: SchemaDefinition): Promise<number>;
  subjects(options?: {
    readonly prefix?: string;
    readonly deleted?: boolean;
  }): Promise<readonly string[]>;
  /** Version numbers of a subject, ascending. */
  versions(subject: string, options?: { readonly deleted?: boolean }): Promise<readonly number[]>;
  version(
    subject: string,
    version: VersionName,
    options?: { readonly deleted?: boolean },
  ): Promise<SubjectSchema>;
  /**
   * The version that a reference leads to, deleted or not: the subject's own, also where an alias
   * stands for another one, as the registry resolves references. -1 means the latest.
   */
  referencedVersion(reference: Omit<SchemaReference, "name">): Promise<SubjectSchema>;
  /** The newest version that is not deleted. */
  latest(subject: string): Promise<SubjectSchema>;
  /** A version's text with every reference resolved: it parses on its own. */
  closedSchema(subject: string, version: VersionName): Promise<string>;
  /** Ids of the schemas that refer to a version. */
  referencedBy(subject: string, version: VersionName): Promise<readonly number[]>;
  /** Returns the deleted version numbers. */
  deleteSubject(subject: string, how: DeleteHow): Promise<readonly number[]>;
  deleteVersion(subject: string, version: VersionName, how: DeleteHow): Promise<number>;

  // Compatibility, configuration, mode; `undefined` as the subject means the registry as a whole
  /** Against one version, or (without it) all versions that the subject's level asks for. */
  checkCompatibility(
    subject: string,
    definition: SchemaDefinition,
    options?: { readonly version?: VersionName; readonly normalize?: boolean },
  ): Promise<CompatibilityResult>;
  /** The level in force for a subject. */
  compatibilityLevel(subject?: string): Promise<CompatibilityLevel>;
  setCompatibilityLevel(subject: string | undefined, level: CompatibilityLevel): Promise<void>;
  /** The subject's own configuration, or (`inForce`) what applies to it. */
  config(subject: string | undefined, options?: { readonly inForce?: boolean }): Promise<Config>;
  updateConfig(subject: string | undefined, update: ConfigUpdateRequest): Promise<void>;
  deleteConfig(subject: string | undefined): Promise<Config>;
  /** The mode in force. */
  mode(subject?: string): Promise<Mode>;
  setMode(
    subject: string | undefined,
    mode: Mode,
    options?: { readonly force?: boolean },
  ): Promise<void>;
  deleteMode(subject: string | undefined): Promise<void>;
  contexts(): Promise<readonly string[]>;

  /** Any other call: path below the base URL, answer as parsed JSON. */
  request(method: string, path: string, options?: RawRequest): Promise<unknown>;
}
