/** What the registry offers beyond Confluent's API. Answers as in `service-types.ts`. */
import type {
  CompatibilityLevel,
  Refusal,
  RegisterSchemaRequest,
  RegisterSchemaResponse,
} from "../../api/index.ts";

/** One registration of a batch. */
export interface BatchItem {
  readonly subject: string;
  readonly body: RegisterSchemaRequest;
  readonly normalize?: boolean;
  readonly force?: boolean;
}

/** What became of the items of a batch, in their order. */
export interface BatchResult {
  /** Whether everything was written; false for a dry run and when any item was refused. */
  readonly isApplied: boolean;
  /** An item after a refused one is decided as if the refused one were not there. */
  readonly items: readonly (RegisterSchemaResponse | Refusal)[];
}

/** Why a schema does not fit one version, in one direction. */
export interface PlanFinding {
  /** The live version that it was compared with. */
  readonly version: number;
  /** `backward`: the new schema can't read old data; `forward`: the old can't read new data. */
  readonly direction: "backward" | "forward";
  /** The rule, as Avro names it: `READER_FIELD_MISSING_DEFAULT_VALUE`, … */
  readonly rule: string;
  /** JSON pointer into the schema that reads. */
  readonly path: string;
  readonly message: string;
  /** The smallest edit of the new schema that ends this finding. */
  readonly fix: string;
}

/** What a registration would do. */
export interface RegistrationPlan {
  /** `exists`: answered without a write; `new`: a new version; `refused`: see `refusal`. */
  readonly outcome: "exists" | "new" | "refused";
  /** The id and version that the answer would have. */
  readonly registered?: RegisterSchemaResponse;
  readonly refusal?: Refusal;
  /** The level in force. */
  readonly level: CompatibilityLevel;
  /** Every level under which the schema would be accepted after the live versions. */
  readonly levels: readonly CompatibilityLevel[];
  /** What stands against the level in force; empty when nothing does. */
  readonly findings: readonly PlanFinding[];
}

/** Something that changed, with the offset of its record as a token to go on from. */
export interface Change {
  readonly offset: number;
  /** Milliseconds since the epoch, as the log has it. */
  readonly timestamp: number;
  readonly kind:
    | "registered"
    | "soft-deleted"
    | "deleted"
    | "subject-soft-deleted"
    | "config"
    | "mode"
    | "context";
  /** Subject, or scope of a config or mode (`:.:` is the default context); absent for contexts. */
  readonly subject?: string;
  readonly version?: number;
  readonly id?: number;
  readonly context?: string;
}

/** The stream of changes. */
export interface Changes {
  /** Calls the listener with each change once it is committed; returns how to stop. */
  subscribe(listener: (change: Change) => void): () => void;
  /** Changes from an offset on, up to now. */
  since(offset: number): AsyncIterable<Change>;
}

/** Something wrong in the store. */
export interface VerifyProblem {
  readonly subject?: string;
  readonly version?: number;
  readonly id?: number;
  /** A sentence. */
  readonly problem: string;
}

/** What a verification looked at and found. */
export interface VerifyReport {
  readonly records: number;
  readonly subjects: number;
  readonly versions: number;
  readonly schemas: number;
  readonly problems: readonly VerifyProblem[];
  /** Sentences about what is worth knowing and no problem; absent when there are none. */
  readonly notes?: readonly string[];
}

/** What to search for: texts are compared without regard to case, from the start of a word. */
export interface SearchQuery {
  /** Name of a field. */
  readonly field?: string;
  /** Name of a type: the full one or its last part. */
  readonly type?: string;
  /** A word of a doc. */
  readonly doc?: string;
  /** Which subjects, as in listings. Default: all of every context. */
  readonly subjectPrefix?: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** A live version whose schema matches. */
export interface SearchHit {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** What matched: full name of the type, with `.field` for fields. */
  readonly matches: readonly string[];
}

/** What a client did with a schema. */
export interface UsageNote {
  readonly kind: "read" | "registered";
  /** The schema: its id, or its GUID for all contexts. */
  readonly schema: number | string;
  /** Any subject in the id's context; default: the default context. */
  readonly subject?: string;
  /** Who: a user name, a client header, an address; whatever the shell knows. */
  readonly client: string;
}

/** What one client did with one schema, as far back as counts are kept. */
export interface ClientUsage {
  readonly client: string;
  readonly reads: number;
  readonly registrations: number;
  /** Milliseconds since the epoch; absent when it never happened. */
  readonly lastReadAt?: number;
  readonly lastRegisteredAt?: number;
}

/** A live version and who used its schema; nobody when `clients` is empty. */
export interface VersionUsage {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** Most recent first. */
  readonly clients: readonly ClientUsage[];
}

/** Which versions a report of usage is about. */
export interface UsageQuery {
  readonly subject?: string;
  /** Which subjects when `subject` is absent, as in listings. Default: the default context. */
  readonly subjectPrefix?: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** Who uses what. */
export interface Usage {
  /** Takes note; ids that are not there are ignored. */
  note(note: UsageNote): void;
  /**
   * Hands what was counted to where counts are kept, in parts; to be called now and then, and before
   * that is closed.
   *
   * @throws what the store throws; what it did not take is handed over again with the next call
   */
  flush(): Promise<void>;
  /** Live versions of one subject, or of those that the prefix means, with their clients. */
  report(query: UsageQuery): Promise<readonly VersionUsage[] | Refusal>;
}

/** Calls beyond Confluent's API. */
export interface ExtraCalls {
  /** Brings a soft-deleted version back under its number and id; a live one stays as it is. */
  undeleteVersion(subject: string, version: string): Promise<number | Refusal>;
  /** Brings all soft-deleted versions back; answers their numbers. */
  undeleteSubject(subject: string): Promise<readonly number[] | Refusal>;
  /** Registers all items or none; later items may refer to earlier ones. */
  batch(
    items: readonly BatchItem[],
    query: { readonly dryRun?: boolean },
  ): Promise<BatchResult | Refusal>;
  /** Says what a registration would do, and what would have to change. Writes nothing. */
  plan(
    subject: string,
    body: RegisterSchemaRequest,
    query: { readonly normalize?: boolean },
  ): Promise<RegistrationPlan | Refusal>;
  /** Finds live versions by what is in their schemas. */
  search(query: SearchQuery): Promise<readonly SearchHit[] | Refusal>;
  readonly changes: Changes;
  readonly usage: Usage;
  /** Reads the whole log again and compares it with the rules and with what is in memory. */
  verify(): Promise<VerifyReport>;
}
