/**
 * The stream of changes: committed records as events, with their offsets.
 *
 * Invariants:
 * - A listener hears of a record only after the log has committed it. Records are applied before their
 *   commit, in the same turn of the event loop; so they are held until the turn is over, and dropped
 *   when the fold is reset meanwhile.
 * - What is read from the log is read in small pages, of which only the changes are kept, not the
 *   schemas; readers at the same place share a page. So memory is a matter of the pages that are kept,
 *   not of how many readers there are, nor of how slow they are.
 */
import { createLru } from "../../base/index.ts";
import type { RegistryRecord, StoredRecord } from "../state/index.ts";
import { decodeRecord, knownPart } from "../state/index.ts";
import type { Log } from "./log.ts";

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

/** Changes, and what feeds them. */
export interface ChangeFeed extends Changes {
  /** Takes an applied record. */
  note(stored: StoredRecord, record: RegistryRecord): void;
  /** Drops what is not committed. */
  reset(): void;
}

/** When the feed runs. */
export interface FeedSchedule {
  /** Runs something once what is being applied is committed. */
  readonly afterCommit: (run: () => void) => void;
  /** Lets others run between two pages. */
  readonly turn: () => Promise<void>;
}

/** Makes the feed of a log. */
export function createChangeFeed(log: Log, { afterCommit, turn }: FeedSchedule): ChangeFeed {
  const listeners = new Set<(change: Change) => void>();
  const pages = createPages(log, turn);
  let pending: Change[] = [];
  const deliver = (): void => {
    const changes = pending;
    pending = [];
    for (const change of changes) for (const listener of listeners) listener(change);
  };
  return {
    subscribe(listener) {
      // A wrapper of its own, so that one function can be subscribed twice and stopped once.
      const own = (change: Change): void => listener(change);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    async *since(offset) {
      for (let from = Math.max(0, offset); from < log.end; ) {
        const { changes, next } = await pages.at(from);
        yield* changes;
        from = next;
      }
    },
    note(stored, record) {
      if (listeners.size === 0) return;
      const change = changeOf(stored, record);
      if (change === undefined) return;
      pending.push(change);
      if (pending.length === 1) afterCommit(deliver);
    },
    reset() {
      pending = [];
      pages.clear();
    },
  };
}

/** Characters of records that are read in one piece: some milliseconds of decoding. */
const READ_CHARS_MAX = 1_000_000;
/** Offsets of a page; pages end where this divides, so that readers meet at the next one. */
const PAGE_OFFSETS = 256;
/** Characters of what a page keeps. */
const PAGE_CHARS_MAX = 256_000;
const PAGES_KEPT_MAX = 32;

/** The changes of some records that follow each other. */
interface Page {
  readonly changes: readonly Change[];
  /** Offset of the first record after them. */
  readonly next: number;
}

interface Pages {
  /** The page that begins at an offset before the log's end. */
  at(from: number): Promise<Page>;
  clear(): void;
}

interface KeptPage {
  readonly page: Promise<Page>;
  /** Where the log ended then: the last page grows with it. */
  readonly end: number;
}

function createPages(log: Log, turn: () => Promise<void>): Pages {
  const kept = createLru<number, KeptPage>(PAGES_KEPT_MAX);
  const keep = (from: number): Promise<Page> => {
    const page = readPage(log, from, turn);
    // One that fails is read again by whoever comes next.
    page.catch(() => kept.delete(from));
    kept.set(from, { page, end: log.end }, 1);
    return page;
  };
  const pages: Pages = {
    async at(from) {
      const known = kept.get(from);
      if (known === undefined) return keep(from);
      const page = await known.page;
      if (page.next < known.end || known.end === log.end) return page;
      return kept.get(from) === known ? keep(from) : pages.at(from);
    },
    clear: () => kept.clear(),
  };
  return pages;
}

async function readPage(log: Log, from: number, turn: () => Promise<void>): Promise<Page> {
  const limit = from - (from % PAGE_OFFSETS) + PAGE_OFFSETS;
  const changes: Change[] = [];
  let next = Math.min(limit, log.end);
  let chars = 0;
  for await (const stored of readSome(log, from)) {
    if (stored.offset >= limit) break;
    if (chars >= PAGE_CHARS_MAX) {
      next = stored.offset;
      break;
    }
    const change = changeOf(stored, decodeRecord(stored));
    if (change !== undefined) changes.push(change);
    chars += change?.subject?.length ?? 0;
    next = stored.offset + 1;
  }
  await turn();
  return { changes, next };
}

/** Records from an offset on, some or all. */
async function* readSome(log: Log, from: number): AsyncIterable<StoredRecord> {
  if (log.page === undefined) yield* log.read(from);
  else yield* await log.page(from, READ_CHARS_MAX);
}

function changeOf({ offset, timestamp }: StoredRecord, record: RegistryRecord): Change | undefined {
  const at = { offset, timestamp };
  const known = knownPart(record);
  switch (known?.type) {
    case "schema": {
      const { subject, version, value } = known;
      if (value === null) return { ...at, kind: "deleted", subject, version };
      const kind = value.deleted ? "soft-deleted" : "registered";
      return { ...at, kind, subject, version, id: value.id };
    }
    case "delete-subject": {
      const { subject, version } = known;
      if (version === null) return undefined;
      return { ...at, kind: "subject-soft-deleted", subject, version };
    }
    case "config":
    case "mode":
      return { ...at, kind: known.type, subject: known.key };
    case "context":
      return { ...at, kind: "context", context: known.context };
    case "clear-subject":
    case "ids":
    case "original":
    case undefined:
      return undefined;
  }
}
