/**
 * Decides several commands in a row, each seeing what the ones before it decided, before anything is
 * written.
 *
 * Invariants:
 * - Records are applied to the state itself, and every change is taken back before the function
 *   returns, whatever happens: it runs inside one synchronous step, so nobody sees the state in
 *   between, and what is remembered of its objects stays valid.
 * - Any record can be taken back. A speculation may run inside another one.
 */

import type { LogRecord, State } from "../state/index.ts";
import { applyRecord } from "../state/index.ts";

/** Applies records for a while. */
export interface Speculation {
  apply(records: readonly LogRecord[]): void;
}

/** Runs `decide`; what it applies is taken back afterwards. */
export function speculate<T>(state: State, decide: (speculation: Speculation) => T): T {
  const { end, undo: outer } = state;
  const undo: (() => void)[] = [];
  state.undo = undo;
  try {
    return decide({
      apply(records) {
        for (const record of records) {
          applyRecord(state, { ...record, offset: state.end, timestamp: 0 });
        }
      },
    });
  } finally {
    for (const step of undo.toReversed()) step();
    state.end = end;
    state.undo = outer;
  }
}
