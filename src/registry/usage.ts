/**
 * Who read and who registered which schema.
 *
 * Invariants:
 * - Notes are counted here and handed to a store from time to time; a report hands them over before it
 *   reads, so that it has all of them.
 * - A note never fails. What a store does not take is kept and handed over again; when that goes on
 *   for more than {@link PENDING_MAX} counts they are given up.
 * - A note of the client that was seen last allocates nothing: it is on the way of every read.
 */
import type { Refusal } from "../api/index.ts";
import { refuse } from "../api/index.ts";
import type { ClientUsage, UsageNote, UsageQuery, VersionUsage } from "./extra-types.ts";
import { paged } from "./read/paging.ts";
import type { IdEntry, State, SubjectState } from "./state.ts";
import { GLOBAL_KEY, splitSubject } from "./subjects.ts";
import { subjectsWithPrefix } from "./subjects-in.ts";
import type { UsageCount, UsageStore } from "./usage-store.ts";

/** What is handed over at once holds up the event loop: some ten milliseconds. */
const PENDING_MAX = 1000;

/** Counts by schema and client. */
export interface UsageTable {
  /** `subject` is in the registry's spelling, `now` in milliseconds since the epoch. */
  note(state: State, subject: string, note: UsageNote, now: number): void;
  /** Hands what was counted to the store. @throws what the store throws */
  flush(): void;
  /** `subject` of the query is in the registry's spelling. @throws what the store throws */
  report(state: State, query: UsageQuery): VersionUsage[] | Refusal;
}

type Count = { -readonly [Member in keyof ClientUsage]: ClientUsage[Member] };

/** What is not handed over yet of one schema, in order of the clients' last note. */
interface Counts {
  readonly byClient: Map<string, Count>;
  latest: Count;
}

/** Makes a table over a store. */
export function createUsageTable(store: UsageStore): UsageTable {
  const pending = new Map<IdEntry, Counts>();
  let size = 0;
  const flush = (): void => {
    if (size === 0) return;
    store.add([...pendingCounts(pending)]);
    pending.clear();
    size = 0;
  };
  const shrink = (): void => {
    try {
      flush();
    } catch {
      pending.clear();
      size = 0;
    }
  };
  const noteEntry = (entry: IdEntry, { kind, client }: UsageNote, now: number): void => {
    const counts = pending.get(entry);
    if (counts?.latest.client === client) {
      addTo(counts.latest, kind, now);
      return;
    }
    const known = counts?.byClient.get(client);
    const count = known ?? { client, reads: 0, registrations: 0 };
    addTo(count, kind, now);
    if (counts === undefined) {
      pending.set(entry, { byClient: new Map([[client, count]]), latest: count });
    } else {
      counts.byClient.delete(client);
      counts.byClient.set(client, count);
      counts.latest = count;
    }
    if (known === undefined && ++size > PENDING_MAX) shrink();
  };
  const usageOf = (subject: SubjectState): VersionUsage[] =>
    subject.versions
      .filter((version) => !version.deleted)
      .map(({ version, entry }) => ({
        subject: subject.name,
        version,
        id: entry.id,
        clients: store.clientsOf(subject.context.name, entry.id),
      }));
  function* usageWithPrefix(state: State, prefix: string): Generator<VersionUsage> {
    for (const subject of subjectsWithPrefix(state, prefix)) yield* usageOf(subject);
  }
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
    flush,
    report(state, { subject: name, subjectPrefix = GLOBAL_KEY, ...paging }) {
      flush();
      if (name === undefined) return paged(usageWithPrefix(state, subjectPrefix), paging);
      const subject = state.subjects.get(name);
      return subject === undefined
        ? refuse("SUBJECT_NOT_FOUND", { subject: name })
        : paged(usageOf(subject), paging);
    },
  };
}

function* pendingCounts(pending: ReadonlyMap<IdEntry, Counts>): Generator<UsageCount> {
  for (const [{ id, content }, { byClient }] of pending) {
    for (const count of byClient.values()) yield { context: content.context.name, id, ...count };
  }
}

function addTo(count: Count, kind: UsageNote["kind"], now: number): void {
  if (kind === "read") {
    count.reads++;
    count.lastReadAt = now;
  } else {
    count.registrations++;
    count.lastRegisteredAt = now;
  }
}
