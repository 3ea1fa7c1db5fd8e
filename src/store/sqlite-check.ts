/**
 * Looks for damage in the registry's SQLite file: anything that differs from what was written.
 *
 * Invariant: the heads are read before the records, so that what another process appends meanwhile
 * is no damage.
 */
import type { LogProblem } from "../registry/index.ts";
import type { Head } from "./chain.ts";
import { chainFault, EMPTY_HEAD, endFault, headAfter } from "./chain.ts";
import { readHeadFile } from "./head-file.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import type { Reading } from "./sqlite-reading.ts";
import { headIn, pagesFrom } from "./sqlite-reading.ts";

/** More say nothing new, and a file without any right hash has one for each record. */
const PROBLEMS_MAX = 100;

/**
 * Checks the offsets, the chain, and the ends that the file and `registry.sqlite-head` know.
 *
 * @throws what SQLite says, as one of ours
 */
export function* checkRecords(file: SqliteFile, reading: Reading): Generator<LogProblem> {
  const { path, format, lost } = file;
  const beside = readHeadFile(`${path}-head`);
  const own = headIn(reading, path);
  if (lost !== undefined) yield damage(lost.reason);
  if (beside === "unreadable") yield damage("registry.sqlite-head can't be read");
  if (format === 1) {
    yield {
      problem: "The file has format 1: its records have no hashes until a registry starts on it",
      kind: "note",
    };
  }
  let problems = 0;
  for (const problem of walk(file, reading, format === 1 ? undefined : own)) {
    problems++;
    if (problems <= PROBLEMS_MAX) yield damage(problem);
  }
  if (problems > PROBLEMS_MAX) yield damage(`and ${problems - PROBLEMS_MAX} more of this kind`);
}

/** `expected` is the end as the file knows it; a file without a chain has none. */
function* walk({ path }: SqliteFile, reading: Reading, expected: Head | undefined) {
  let head = EMPTY_HEAD;
  let atExpected: Head = EMPTY_HEAD;
  for (const row of pagesFrom(reading, 0, path)) {
    if (expected !== undefined) {
      const fault = chainFault(head, row);
      if (fault !== undefined) yield fault;
    } else if (row.offset > head.end) {
      yield `records ${head.end} to ${row.offset - 1} are missing`;
    }
    head = headAfter(head, row);
    if (expected !== undefined && head.end <= expected.end) atExpected = head;
  }
  if (expected === undefined) return;
  const fault = endFault(atExpected, expected);
  if (fault !== undefined) yield fault;
}

function damage(problem: string): LogProblem {
  return { problem: `${problem.charAt(0).toUpperCase()}${problem.slice(1)}`, kind: "damage" };
}
