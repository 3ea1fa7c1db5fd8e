/** Ids that must not be given out again: per context, the highest id that any record is known to have held. */

import { DEFAULT_CONTEXT } from "../../confluent/index.ts";
import { applyRecord } from "./apply.ts";
import type { LogRecord, StoredRecord } from "./log-record.ts";
import { NUMBER_MAX } from "./numbers.ts";
import { idsRecord } from "./records.ts";
import { createState } from "./state.ts";

/**
 * Records after which each context of a log goes on with an id that is `skipped` higher than it would
 * have been: a log may have lost records, and ids that were in them are in messages.
 */
export function markIdsAbove(records: Iterable<StoredRecord>, skipped: number): LogRecord[] {
  const state = createState();
  for (const record of records) applyRecord(state, record);
  const highest = new Map([[DEFAULT_CONTEXT, 0]]);
  for (const { name, maxId } of state.contexts.values()) highest.set(name, maxId);
  return [...highest].map(([name, id]) => idsRecord(name, Math.min(NUMBER_MAX, id + skipped)));
}
