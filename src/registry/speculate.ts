/**
 * Decides several commands in a row, each seeing what the ones before it decided, before anything is
 * written.
 *
 * Invariants:
 * - Records are applied to the state itself and taken back before the function returns, whatever
 *   happens: it runs inside one synchronous step, so nobody sees the state in between.
 * - Only records of registrations are taken back: schemas, original texts, contexts, marks.
 */
import { applyRecord } from "./apply.ts";
import { versionValue } from "./decide/delete.ts";
import type { LogRecord, StoredRecord } from "./log.ts";
import { decodeRecord, originalKey, originalRecord, schemaKey, schemaRecord } from "./records.ts";
import type { ContextState, State } from "./state.ts";
import { findVersion, versionKey } from "./state.ts";
import { splitSubject } from "./subjects.ts";

/** Applies records for a while. */
export interface Speculation {
  apply(records: readonly LogRecord[]): void;
}

/** Runs `decide`; what it applies is taken back afterwards. */
export function speculate<T>(state: State, decide: (speculation: Speculation) => T): T {
  const undo: (() => void)[] = [];
  try {
    return decide({
      apply(records) {
        for (const record of records) {
          undo.push(undoOf(state, record));
          applyRecord(state, stored(record));
        }
      },
    });
  } finally {
    for (const step of undo.toReversed()) step();
  }
}

function stored(record: LogRecord): StoredRecord {
  return { ...record, offset: 0, timestamp: 0 };
}

function undoOf(state: State, record: LogRecord): () => void {
  const understood = decodeRecord(stored(record));
  switch (understood.type) {
    case "schema": {
      const { subject, version } = understood;
      const restoreContext = contextUndo(state, splitSubject(subject).context);
      const key = schemaKey(subject, version);
      const spellings = new Set(state.foreignKeys.get(key));
      const before = findVersion(state.subjects.get(subject), version);
      const old =
        before === undefined
          ? { key, value: null }
          : schemaRecord(versionValue(before, before.deleted));
      return () => {
        applyRecord(state, stored(old));
        if (spellings.size > 0) state.foreignKeys.set(key, spellings);
        restoreContext();
      };
    }
    case "original": {
      const { subject, version } = understood;
      const before = state.originals.get(versionKey(subject, version));
      const old =
        before === undefined
          ? { key: originalKey(subject, version), value: null }
          : originalRecord(subject, version, before);
      return () => void applyRecord(state, stored(old));
    }
    case "context":
    case "ids":
      return contextUndo(state, understood.context);
    default:
      throw new Error(`a record of type ${understood.type} can't be taken back`);
  }
}

function contextUndo(state: State, name: string): () => void {
  const context = state.contexts.get(name);
  if (context === undefined) return () => void state.contexts.delete(name);
  const { maxId, markedId, declared } = context;
  return () =>
    void Object.assign<ContextState, Partial<ContextState>>(context, { maxId, markedId, declared });
}
