/**
 * Who read and who registered which schema.
 *
 * Invariants:
 * - Notes are counted here and handed to a store now and then, in parts; before a report all are, so
 *   that it has everything.
 * - A note never fails. What a store does not take is kept and handed over again; of more than
 *   {@link COUNTS_MAX} counts those of the schema that was noted first are given up.
 * - A note of the client that was seen last allocates nothing: it is on the way of every read.
 */
import type { Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { GLOBAL_KEY, splitSubject } from "../../confluent/index.ts";
import type { IdEntry, State, SubjectState } from "../state/index.ts";
import { subjectsWithPrefix } from "../state/index.ts";
import { paged } from "./paging.ts";
import type { ClientUsage, UsageCount, UsageStore } from "./usage-store.ts";
import { CLIENTS_MAX, COUNTS_MAX } from "./usage-store.ts";

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

/** Counts of a part: handing it over holds up the event loop for some milliseconds. */
const PART = 250;

/** Counts by schema and client. */
export interface UsageTable {
  /** `subject` is in the registry's spelling, `now` in milliseconds since the epoch. */
  note(state: State, subject: string, note: UsageNote, now: number): void;
  /** Counts that are not handed over yet. */
  readonly pending: number;
  /** Hands a part of them to the store; answers its size. @throws what the store throws */
  flushPart(): number;
  /**
   * What has been handed over. `subject` of the query is in the registry's spelling.
   *
   * @throws what the store throws
   */
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
  const forget = (entry: IdEntry, { byClient }: Counts): void => {
    pending.delete(entry);
    size -= byClient.size;
  };
  /** After one count more: no more of a schema, and in all, than a store keeps. */
  const bound = (byClient: Map<string, Count> | undefined): void => {
    size++;
    const [first] = byClient !== undefined && byClient.size > CLIENTS_MAX ? byClient.keys() : [];
    if (first !== undefined && byClient?.delete(first)) size--;
    const [oldest] = size > COUNTS_MAX ? pending : [];
    if (oldest !== undefined) forget(...oldest);
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
    if (known === undefined) bound(pending.get(entry)?.byClient);
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
    get pending() {
      return size;
    },
    flushPart() {
      const part = partOf(pending);
      const counts = part.flatMap(([entry, { byClient }]) => countsOf(entry, byClient));
      store.add(counts);
      for (const [entry, noted] of part) forget(entry, noted);
      return counts.length;
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

/** The schemas that were noted first, until there are enough counts. */
function partOf(pending: ReadonlyMap<IdEntry, Counts>): [IdEntry, Counts][] {
  const part: [IdEntry, Counts][] = [];
  let size = 0;
  for (const entry of pending) {
    if (size >= PART) break;
    part.push(entry);
    size += entry[1].byClient.size;
  }
  return part;
}

function countsOf({ id, content }: IdEntry, byClient: Counts["byClient"]): UsageCount[] {
  return [...byClient.values()].map((count) => ({ context: content.context.name, id, ...count }));
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
