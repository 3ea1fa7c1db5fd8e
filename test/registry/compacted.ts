/** What Kafka's compaction makes of a log, as a function. */

import type { StoredRecord } from "../../src/registry/index.ts";
import { applyRecord } from "../../src/registry/state/apply.ts";
import type { State } from "../../src/registry/state/state.ts";
import { createState } from "../../src/registry/state/state.ts";

/** How a log was compacted. */
export interface Compaction {
  /** The part of the log that was cleaned, in per cent. */
  readonly cut: number;
  /** Whether tombstones in that part are gone, by their place in it; none when empty. */
  readonly forgets: readonly boolean[];
}

/**
 * Before the cut, the last record of each key stays, at its offset. A tombstone stays for a while,
 * some longer than others.
 */
export function compacted(
  records: readonly StoredRecord[],
  { cut, forgets }: Compaction,
): StoredRecord[] {
  const point = Math.ceil((records.length * cut) / 100);
  const cleaned = records.slice(0, point);
  const last = new Map(cleaned.map(({ key, offset }) => [key, offset]));
  const kept = cleaned.filter(
    ({ key, value, offset }, index) =>
      last.get(key) === offset && (value !== null || !forgets[index % forgets.length]),
  );
  return [...kept, ...records.slice(point)];
}

export function fold(records: readonly StoredRecord[]): State {
  const state = createState();
  for (const record of records) applyRecord(state, record);
  return state;
}
