/**
 * Who read and who registered which schema, counted in memory since the start.
 *
 * Invariants: memory is bounded by the ids that exist and {@link CLIENTS_MAX} clients each (the one
 * that was seen longest ago is forgotten first); an id that is gone takes its counts along.
 */
import type { Refusal } from "../api/index.ts";
import { refuse } from "../api/index.ts";
import type { ClientUsage, UsageNote, VersionUsage } from "./extra-types.ts";
import type { IdEntry, State, SubjectState } from "./state.ts";
import { DEFAULT_CONTEXT, splitSubject } from "./subjects.ts";
import { subjectsOfContext } from "./subjects-in.ts";

const CLIENTS_MAX = 50;

/** Counts by schema and client. */
export interface UsageTable {
  /** `subject` is in the registry's spelling, `now` in milliseconds since the epoch. */
  note(state: State, subject: string, note: UsageNote, now: number): void;
  report(state: State, subject: string | undefined): VersionUsage[] | Refusal;
}

/** Makes an empty table. */
export function createUsageTable(): UsageTable {
  const byEntry = new WeakMap<IdEntry, Map<string, ClientUsage>>();
  const usageOf = (subject: SubjectState): VersionUsage[] =>
    subject.versions
      .filter((version) => !version.deleted)
      .map(({ version, entry }) => ({
        subject: subject.name,
        version,
        id: entry.id,
        clients: [...(byEntry.get(entry)?.values() ?? [])].reverse(),
      }));
  return {
    note(state, subject, { id, client, kind }, now) {
      const entry = state.contexts.get(splitSubject(subject).context)?.byId.get(id);
      if (entry === undefined) return;
      const clients = byEntry.get(entry) ?? new Map<string, ClientUsage>();
      byEntry.set(entry, clients);
      const counted = count(
        clients.get(client) ?? { client, reads: 0, registrations: 0 },
        kind,
        now,
      );
      // A Map keeps the order of insertion: the client goes to its end, the first is the oldest.
      clients.delete(client);
      clients.set(client, counted);
      const [oldest] = clients.keys();
      if (clients.size > CLIENTS_MAX && oldest !== undefined) clients.delete(oldest);
    },
    report(state, name) {
      if (name === undefined) {
        return [...subjectsOfContext(state, DEFAULT_CONTEXT)].flatMap(usageOf);
      }
      const subject = state.subjects.get(name);
      return subject === undefined
        ? refuse("SUBJECT_NOT_FOUND", { subject: name })
        : usageOf(subject);
    },
  };
}

function count(usage: ClientUsage, kind: UsageNote["kind"], now: number): ClientUsage {
  return kind === "read"
    ? { ...usage, reads: usage.reads + 1, lastReadAt: now }
    : { ...usage, registrations: usage.registrations + 1, lastRegisteredAt: now };
}
