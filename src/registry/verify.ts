/**
 * Verification: the log is folded again from its start and checked.
 *
 * What is checked: every record of a key of ours is understood; no record claims an id of other
 * content; every reference leads to a version, which may be soft-deleted (what is imported or not
 * validated may refer to such); every schema parses; what is in memory is what the log folds into.
 */
import { isRefusal } from "../api/index.ts";
import { applyRecord } from "./apply.ts";
import { dumpState } from "./dump.ts";
import type { VerifyProblem, VerifyReport } from "./extra-types.ts";
import type { Log, StoredRecord } from "./log.ts";
import type { UnknownRecord } from "./records.ts";
import type { Rules } from "./rules.ts";
import { messageOf, resolveReferences } from "./schemas.ts";
import type { State, VersionState } from "./state.ts";
import { createState } from "./state.ts";

/** Verifies a log, and the state that was folded from it. */
export async function verifyLog(log: Log, rules: Rules, live: () => State): Promise<VerifyReport> {
  const state = createState();
  const problems: VerifyProblem[] = [];
  let records = 0;
  let end = 0;
  for await (const record of log.read()) {
    const understood = applyRecord(state, record);
    if (understood.type === "unknown") problems.push(...recordProblems(record, understood));
    records++;
    end = record.offset + 1;
  }
  for (const { value, offset } of state.rivals.values()) {
    const { subject, version, id } = value;
    const problem = `The record at offset ${offset} gives id ${id} to other content`;
    problems.push({ subject, version, id, problem });
  }
  for (const subject of state.subjects.values()) {
    for (const version of subject.versions)
      problems.push(...versionProblems(state, rules, version));
  }
  // A write that came meanwhile is in memory only; then the next verification compares.
  if (log.end === end && !sameLines(dumpState(state), dumpState(live()))) {
    problems.push({ problem: "The state in memory differs from what the log folds into" });
  }
  return {
    records,
    subjects: state.subjects.size,
    versions: state.counts.live + state.counts.deleted,
    schemas: state.guids.size,
    problems,
  };
}

function recordProblems({ offset }: StoredRecord, unknown: UnknownRecord): VerifyProblem[] {
  const { voids, problem } = unknown;
  if (problem === undefined) return [];
  const at = voids?.type === "schema" && { subject: voids.subject, version: voids.version };
  return [{ ...at, problem: `The record at offset ${offset} is not understood: ${problem}` }];
}

function versionProblems(state: State, rules: Rules, one: VersionState): VerifyProblem[] {
  const { subject, version, entry } = one;
  const at = { subject: subject.name, version, id: entry.id };
  const { context, references } = entry.content;
  const problems: VerifyProblem[] = [];
  const uses = resolveReferences(state, context.name, references, true);
  if (isRefusal(uses)) problems.push({ ...at, problem: String(uses.params["detail"]) });
  else if (entry.content.schemaType === "AVRO") problems.push(...textProblems(state, rules, one));
  return problems;
}

function textProblems(state: State, rules: Rules, one: VersionState): VerifyProblem[] {
  const { subject, version, entry } = one;
  const at = { subject: subject.name, version, id: entry.id };
  try {
    rules.schemas.parsed(state, entry.content);
    return [];
  } catch (error) {
    return [{ ...at, problem: `The schema does not parse: ${messageOf(error)}` }];
  }
}

function sameLines(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((line, index) => line === right[index]);
}
