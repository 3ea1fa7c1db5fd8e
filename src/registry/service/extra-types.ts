/** What the registry offers beyond Confluent's API. Answers as in `service-types.ts`. */
import type { Refusal, RegisterSchemaRequest } from "../../api/index.ts";
import type { BatchItem, BatchResult } from "../commands/index.ts";
import type {
  RegistrationPlan,
  SearchHit,
  SearchQuery,
  UsageNote,
  UsageQuery,
  VersionUsage,
} from "../queries/index.ts";
import type { Changes } from "./changes.ts";
import type { VerifyReport } from "./verify.ts";

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
