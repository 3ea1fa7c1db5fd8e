/**
 * Reading the records of the registry's SQLite file, page by page.
 *
 * Invariants:
 * - A page ends with a whole write, as a statement sees one snapshot.
 * - What is checked is checked before it is handed on: a record that does not fit the chain is not.
 */
import type Database from "better-sqlite3";
import type { StoredRecord } from "../registry/index.ts";
import type { ChainedRecord, Head } from "./chain.ts";
import { chainFault, EMPTY_HEAD, endFault, headAfter } from "./chain.ts";
import { storeErrors } from "./errors.ts";
import { storeError } from "./sqlite-file.ts";
import { SELECT_HEAD } from "./sqlite-format.ts";

const PAGE_ROWS = 1000;

/** The statements of one connection that read. */
export interface Reading {
  /** Everything from an offset on. */
  readonly tail: Database.Statement<[number], ChainedRecord>;
  /** So many from an offset on. */
  readonly page: Database.Statement<[number, number], ChainedRecord>;
  /** The last one before an offset. */
  readonly before: Database.Statement<[number], ChainedRecord>;
  readonly head: Database.Statement<[], Head>;
}

/**
 * Prepares them. Records of format 1 have empty hashes.
 *
 * @throws SQLite's errors
 */
export function prepareReading(database: Database.Database, format: 1 | 2): Reading {
  const hash = format === 1 ? "'' AS hash" : "hash";
  const records = `SELECT offset, timestamp, key, value, ${hash} FROM records`;
  return {
    tail: database.prepare<[number], ChainedRecord>(`${records} WHERE offset >= ? ORDER BY offset`),
    page: database.prepare<[number, number], ChainedRecord>(
      `${records} WHERE offset >= ? ORDER BY offset LIMIT ?`,
    ),
    before: database.prepare<[number], ChainedRecord>(
      `${records} WHERE offset < ? ORDER BY offset DESC LIMIT 1`,
    ),
    head: database.prepare<[], Head>(
      format === 1 ? `SELECT 0 AS records, 0 AS "end", '' AS hash` : SELECT_HEAD,
    ),
  };
}

/**
 * The records from an offset on, with their hashes.
 *
 * @throws what SQLite says, as one of ours
 */
export function* pagesFrom(reading: Reading, fromOffset: number, file: string) {
  for (let from = fromOffset; ; ) {
    const rows = asked(file, () => reading.page.all(from, PAGE_ROWS));
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    from = last.offset + 1;
  }
}

/**
 * The records from an offset on, as they were written where they are to be checked.
 *
 * @throws STORE_DAMAGED, and what SQLite says, as one of ours
 */
export function* readPages(reading: Reading, fromOffset: number, file: string, isChecked: boolean) {
  const goal = isChecked ? headIn(reading, file) : EMPTY_HEAD;
  const damaged = (problem: string) => storeErrors.create("STORE_DAMAGED", { file, problem });
  let head = isChecked ? asked(file, () => headBefore(reading, fromOffset)) : EMPTY_HEAD;
  let atGoal = head;
  for (const row of pagesFrom(reading, fromOffset, file)) {
    const fault = isChecked ? chainFault(head, row) : undefined;
    if (fault !== undefined) throw damaged(fault);
    head = headAfter(head, row);
    if (head.end <= goal.end) atGoal = head;
    const { offset, timestamp, key, value } = row;
    yield { offset, timestamp, key, value } satisfies StoredRecord;
  }
  if (!isChecked) return;
  // From a place on, the number of records is not known.
  const records = fromOffset === 0 ? atGoal.records : goal.records;
  const fault = atGoal.end > goal.end ? undefined : endFault({ ...atGoal, records }, goal);
  if (fault !== undefined) throw damaged(fault);
}

/** The head as the record before an offset says it; the number of records is not known. */
function headBefore(reading: Reading, offset: number): Head {
  const row = reading.before.get(offset);
  return row === undefined ? EMPTY_HEAD : headAfter(EMPTY_HEAD, row);
}

/**
 * The end as the file's own count of records has it.
 *
 * @throws what SQLite says, as one of ours
 */
export function headIn(reading: Reading, file: string): Head {
  return asked(file, () => reading.head.get()) ?? EMPTY_HEAD;
}

function asked<T>(file: string, query: () => T): T {
  try {
    return query();
  } catch (error) {
    throw storeError(file, error);
  }
}
