/**
 * Who read and who registered which schema, counted in memory since the start.
 *
 * Invariants:
 * - Memory is bounded: {@link CLIENTS_MAX} clients a schema, of which the one that was seen longest
 *   ago is forgotten first, and {@link COUNTS_MAX} in all, of which one that was not seen lately goes.
 * - A note of the client that was seen last allocates nothing: it is on the way of every read.
 */
import type { Refusal } from "../api/index.ts";
import { refuse } from "../api/index.ts";
import type { ClientUsage, UsageNote, UsageQuery, VersionUsage } from "./extra-types.ts";
import { paged } from "./read/paging.ts";
import type { IdEntry, State, SubjectState } from "./state.ts";
import { GLOBAL_KEY, splitSubject } from "./subjects.ts";
import { subjectsWithPrefix } from "./subjects-in.ts";

const CLIENTS_MAX = 50;
const COUNTS_MAX = 100_000;

/** Counts by schema and client. */
export interface UsageTable {
  /** `subject` is in the registry's spelling, `now` in milliseconds since the epoch. */
  note(state: State, subject: string, note: UsageNote, now: number): void;
  /** `subject` of the query is in the registry's spelling. */
  report(state: State, query: UsageQuery): VersionUsage[] | Refusal;
}

interface Count {
  readonly usage: { -readonly [Member in keyof ClientUsage]: ClientUsage[Member] };
  /** The schema's counts, in order of their last note, and which of them is the last. */
  readonly of: Counts;
  /** Whether it was noted since it was last looked at for forgetting. */
  isRecent: boolean;
}

interface Counts {
  readonly byClient: Map<string, Count>;
  latest: Count | undefined;
}

/** Makes an empty table; `countsMax` bounds the counts in all. */
export function createUsageTable(countsMax: number = COUNTS_MAX): UsageTable {
  const byEntry = new WeakMap<IdEntry, Counts>();
  const all = new Set<Count>();
  const clientsOf = (entry: IdEntry): ClientUsage[] =>
    [...(byEntry.get(entry)?.byClient.values() ?? [])].reverse().map(({ usage }) => ({ ...usage }));
  const usageOf = (subject: SubjectState): VersionUsage[] =>
    subject.versions
      .filter((version) => !version.deleted)
      .map(({ version, entry }) => ({
        subject: subject.name,
        version,
        id: entry.id,
        clients: clientsOf(entry),
      }));
  function* usageWithPrefix(state: State, prefix: string): Generator<VersionUsage> {
    for (const subject of subjectsWithPrefix(state, prefix)) yield* usageOf(subject);
  }
  const noteEntry = (entry: IdEntry, { kind, client }: UsageNote, now: number): void => {
    let counts = byEntry.get(entry);
    if (counts === undefined) {
      counts = { byClient: new Map(), latest: undefined };
      byEntry.set(entry, counts);
    }
    if (counts.latest?.usage.client !== client) {
      counts.latest = moveToEnd(counts, client);
      all.add(counts.latest);
      const oldest = counts.byClient.size > CLIENTS_MAX ? firstOf(counts.byClient) : undefined;
      if (oldest !== undefined) forget(all, oldest);
      if (all.size > countsMax) forget(all, notRecent(all));
    }
    addTo(counts.latest, kind, now);
  };
  return {
    note(state, subject, note, now) {
      const { schema } = note;
      if (typeof schema === "number") {
        const entry = state.contexts.get(splitSubject(subject).context)?.byId.get(schema);
        if (entry !== undefined) noteEntry(entry, note, now);
        return;
      }
      for (const { byGuid } of state.contexts.values()) {
        for (const entry of byGuid.get(schema)?.ids ?? []) noteEntry(entry, note, now);
      }
    },
    report(state, { subject: name, subjectPrefix = GLOBAL_KEY, ...paging }) {
      if (name === undefined) return paged(usageWithPrefix(state, subjectPrefix), paging);
      const subject = state.subjects.get(name);
      return subject === undefined
        ? refuse("SUBJECT_NOT_FOUND", { subject: name })
        : paged(usageOf(subject), paging);
    },
  };
}

/** A Map keeps the order of insertion: the client goes to its end, the first is the oldest. */
function moveToEnd(of: Counts, client: string): Count {
  const usage = { client, reads: 0, registrations: 0 };
  const count = of.byClient.get(client) ?? { usage, of, isRecent: true };
  of.byClient.delete(client);
  of.byClient.set(client, count);
  return count;
}

function firstOf(byClient: ReadonlyMap<string, Count>): Count | undefined {
  const [first] = byClient.values();
  return first;
}

function forget(all: Set<Count>, count: Count): void {
  all.delete(count);
  count.of.byClient.delete(count.usage.client);
  if (count.of.latest === count) count.of.latest = undefined;
}

/** The first in order that was not noted since the last look; one that was gets a second chance. */
function notRecent(all: Set<Count>): Count {
  for (const count of all) {
    if (!count.isRecent) return count;
    count.isRecent = false;
    all.delete(count);
    all.add(count);
  }
  throw new Error("no count is there to forget");
}

function addTo(count: Count, kind: UsageNote["kind"], now: number): void {
  const { usage } = count;
  count.isRecent = true;
  if (kind === "read") {
    usage.reads++;
    usage.lastReadAt = now;
  } else {
    usage.registrations++;
    usage.lastRegisteredAt = now;
  }
}
