/**
 * Records that this registry does not use, and which of them are errors.
 *
 * Invariants:
 * - A key that is no JSON object with a `keytype`, a key type of ours that is unknown, and a record of
 *   a known type that does not parse are faults: nobody writes such.
 * - Other registries have key types of their own, and Redpanda's log holds writes that lost a race
 *   (another `seq` than their offset): that is no fault.
 */
import { isObject } from "../../base/index.ts";
import type { StoredRecord, UnknownRecord } from "../state/index.ts";
import type { VerifyProblem } from "./verify.ts";

/** Each further one is counted. */
const PROBLEMS_MAX = 100;
/** What our own key types begin with. */
const OWN = "TYPEWIRE_";
/** Written by other registries, to find the end of their log. */
const EMPTY = "NOOP";

/** Collects them. */
export interface UnreadRecords {
  /** Takes note of a record that was not understood. */
  note(record: StoredRecord, unknown: UnknownRecord): void;
  problems(): readonly VerifyProblem[];
  /** Sentences about what is no fault. */
  notes(): readonly string[];
}

export function createUnreadRecords(): UnreadRecords {
  const problems: VerifyProblem[] = [];
  const foreign = new Map<string, number>();
  let more = 0;
  return {
    note({ offset, key }, { problem, voids }) {
      const { keytype, seq } = membersOf(key);
      const isLost = typeof seq === "number" && seq !== offset;
      const fault = problem ?? (isLost ? undefined : faultOf(keytype));
      if (fault !== undefined && problems.length < PROBLEMS_MAX) {
        const at = voids?.type === "schema" && { subject: voids.subject, version: voids.version };
        problems.push({
          ...at,
          problem: `The record at offset ${offset} is not understood: ${fault}`,
        });
      } else if (fault !== undefined) more++;
      else if (typeof keytype === "string" && !isLost && keytype !== EMPTY) {
        foreign.set(keytype, (foreign.get(keytype) ?? 0) + 1);
      }
    },
    problems: () =>
      more === 0
        ? problems
        : [...problems, { problem: `${more} more records like these are not understood` }],
    notes: () =>
      [...foreign].map(
        ([keytype, count]) =>
          `${count} of the records have the key type ${JSON.stringify(keytype)}, which this registry does not use`,
      ),
  };
}

/** What is wrong with a key type that the fold passed over. */
function faultOf(keytype: unknown): string | undefined {
  if (typeof keytype !== "string") return "its key has no keytype";
  return keytype.startsWith(OWN)
    ? `this version does not know the key type ${JSON.stringify(keytype)}`
    : undefined;
}

function membersOf(key: string): { readonly keytype?: unknown; readonly seq?: unknown } {
  try {
    const members: unknown = JSON.parse(key);
    return isObject(members) ? members : {};
  } catch {
    return {};
  }
}
