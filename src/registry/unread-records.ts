/**
 * Records that say nothing to this registry: which of them are faults.
 *
 * Invariants:
 * - A key that is no JSON object with a `keytype`, a key type of ours that is unknown, and a record of
 *   a known type that does not parse are faults: nobody writes such.
 * - Other registries have key types of their own, and Redpanda's log holds writes that lost a race
 *   (another `seq` than their offset): that is no fault.
 */
import type { VerifyProblem } from "./extra-types.ts";
import type { StoredRecord } from "./log.ts";
import { isKnownKeyType } from "./records.ts";

/** Each further one is counted. */
const PROBLEMS_MAX = 100;
/** What our own key types begin with. */
const OWN = "TYPEWIRE_";
/** Written by other registries, to find the end of their log. */
const EMPTY = "NOOP";

/** Collects them. */
export interface UnreadRecords {
  /** Takes note of a record that was not understood. */
  note(record: StoredRecord): void;
  problems(): readonly VerifyProblem[];
  /** Sentences about what is no fault. */
  notes(): readonly string[];
}

export function createUnreadRecords(): UnreadRecords {
  const problems: VerifyProblem[] = [];
  const foreign = new Map<string, number>();
  let more = 0;
  return {
    note(record) {
      const { offset, key } = record;
      const { keytype, seq } = membersOf(key);
      const isLost = typeof seq === "number" && seq !== offset;
      const fault = isLost ? undefined : faultOf(keytype);
      if (fault !== undefined && problems.length < PROBLEMS_MAX) {
        problems.push({ problem: `The record at offset ${offset} ${fault}` });
      } else if (fault !== undefined) more++;
      else if (typeof keytype === "string" && !isLost && keytype !== EMPTY) {
        foreign.set(keytype, (foreign.get(keytype) ?? 0) + 1);
      }
    },
    problems: () =>
      more === 0
        ? problems
        : [...problems, { problem: `${more} more records like these do not parse` }],
    notes: () =>
      [...foreign].map(
        ([keytype, count]) =>
          `${count} of the records have the key type ${JSON.stringify(keytype)}, which this registry does not use`,
      ),
  };
}

function faultOf(keytype: unknown): string | undefined {
  if (typeof keytype !== "string") return "has a key that is none of a registry";
  if (isKnownKeyType(keytype)) return `is none of the type ${keytype} that its key says`;
  return keytype.startsWith(OWN)
    ? `has the key type ${JSON.stringify(keytype)}, which this version does not know`
    : undefined;
}

function membersOf(key: string): { readonly keytype?: unknown; readonly seq?: unknown } {
  try {
    const members: unknown = JSON.parse(key);
    return typeof members === "object" && members !== null ? members : {};
  } catch {
    return {};
  }
}
