/**
 * The stream of changes: committed records as events, with their offsets.
 *
 * Invariant: a listener hears of a record only after the log has committed it. Records are applied
 * before their commit, in the same turn of the event loop; so they are held until the turn is over,
 * and dropped when the fold is reset meanwhile.
 */
import type { Change, Changes } from "./extra-types.ts";
import type { Log, StoredRecord } from "./log.ts";
import type { RegistryRecord } from "./records.ts";
import { knownPart } from "./records.ts";
import { decodeRecord } from "./records-read.ts";

/** Changes, and what feeds them. */
export interface ChangeFeed extends Changes {
  /** Takes an applied record. */
  note(stored: StoredRecord, record: RegistryRecord): void;
  /** Drops what is not committed. */
  reset(): void;
}

/** Makes the feed of a log. */
export function createChangeFeed(log: Log, afterCommit: (run: () => void) => void): ChangeFeed {
  const listeners = new Set<(change: Change) => void>();
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
      for await (const stored of log.read(offset)) {
        const change = changeOf(stored, decodeRecord(stored));
        if (change !== undefined) yield change;
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
    },
  };
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
