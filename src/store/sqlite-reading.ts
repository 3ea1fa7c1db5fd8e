/**
 * Reading the records of the registry's SQLite file, page by page.
 *
 * Invariants:
 * - A page ends with a whole write, as a statement sees one snapshot.
 * - A record is checked before it is handed on; one that does not fit the chain is never handed on.
 */
import type { StoredRecord } from "../registry/index.ts";
import type { ChainedRecord, Head } from "./chain.ts";
import { chainFault, EMPTY_HEAD, endFault, headAfter } from "./chain.ts";
import { storeErrors } from "./errors.ts";
import type { SqliteDatabase, Statement } from "./sqlite-engine.ts";
import { storeError } from "./sqlite-file.ts";
import { SELECT_HEAD } from "./sqlite-format.ts";

/** A page ends with the record that reaches one of the two. */
const PAGE_ROWS = 1000;
const PAGE_CHARS = 4_000_000;

/** The statements of one connection that read. */
export interface Reading {
  /** Everything from an offset on. */
  readonly tail: Statement<[number], ChainedRecord>;
  /** So many from an offset on. */
  readonly page: Statement<[number, number], ChainedRecord>;
  /** The last one before an offset. */
  readonly before: Statement<[number], ChainedRecord>;
  readonly head: Statement<[], Head>;
}

/**
 * Prepares them. Records of format 1 have empty hashes.
 *
 * @throws SQLite's errors
 */
export function prepareReading(database: SqliteDatabase, format: 1 | 2): Reading {
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
    const rows = asked(file, () => pageAt(reading, from, PAGE_CHARS));
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    from = last.offset + 1;
  }
}

/** One record at least, where there is one. */
function pageAt(reading: Reading, from: number, charsMax: number): readonly ChainedRecord[] {
  const rows: ChainedRecord[] = [];
  let chars = 0;
  for (const row of reading.page.iterate(from, PAGE_ROWS)) {
    rows.push(row);
    chars += row.key.length + (row.value?.length ?? 0);
    if (chars >= charsMax) break;
  }
  return rows;
}

/**
 * The first records from an offset on, until they have `charsMax` characters.
 *
 * @throws STORE_DAMAGED where they are to be checked, and what SQLite says, as one of ours
 */
export function readPage(
  reading: Reading,
  fromOffset: number,
  options: { readonly charsMax: number; readonly file: string; readonly isChecked: boolean },
): readonly StoredRecord[] {
  const { charsMax, file, isChecked } = options;
  let head = isChecked ? asked(file, () => headBefore(reading, fromOffset)) : EMPTY_HEAD;
  return asked(file, () => pageAt(reading, fromOffset, charsMax)).map((row) => {
    const problem = isChecked ? chainFault(head, row) : undefined;
    if (problem !== undefined) throw storeErrors.create("STORE_DAMAGED", { file, problem });
    head = headAfter(head, row);
    return storedRecord(row);
  });
}

function storedRecord({ offset, timestamp, key, value }: ChainedRecord): StoredRecord {
  return { offset, timestamp, key, value };
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
    yield storedRecord(row);
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
