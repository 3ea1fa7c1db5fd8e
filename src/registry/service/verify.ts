/**
 * Verification: the log is folded again from its start and checked.
 *
 * What is checked: what the log itself finds (`check`: records that are not what was written); every
 * record is understood, and no key type of ours is unknown; no record claims an id of other content;
 * every reference leads to a version, which may be soft-deleted (what is imported or not validated may
 * refer to such); every schema parses; what is in memory is what the log folds into.
 */
import { isRefusal } from "../../api/index.ts";
import type { VersionState, World } from "../state/index.ts";
import {
  applyRecord,
  createSchemaTools,
  createState,
  dumpState,
  messageOf,
  resolveReferences,
} from "../state/index.ts";
import type { Log } from "./log.ts";
import { createUnreadRecords } from "./unread-records.ts";

/** Something wrong in the store. */
export interface VerifyProblem {
  readonly subject?: string;
  readonly version?: number;
  readonly id?: number;
  /** A sentence. */
  readonly problem: string;
}

/** What a verification looked at and found. */
export interface VerifyReport {
  readonly records: number;
  readonly subjects: number;
  readonly versions: number;
  readonly schemas: number;
  readonly problems: readonly VerifyProblem[];
  /** Sentences about what is worth knowing and no problem; absent when there are none. */
  readonly notes?: readonly string[];
}

/** Verifies a log, and the state that was folded from it. */
export async function verifyLog(log: Log, live: () => World): Promise<VerifyReport> {
  const state = createState();
  // With a memory of its own: what it parses belongs to the state that it folds.
  const world = { ...live(), state, schemas: createSchemaTools() };
  const problems: VerifyProblem[] = [];
  const notes: string[] = [];
  const unread = createUnreadRecords();
  // Before the records are read: what is appended meanwhile is no damage.
  for await (const { problem, kind } of log.check?.() ?? []) {
    if (kind === "note") notes.push(problem);
    else problems.push({ problem });
  }
  let records = 0;
  let end = 0;
  for await (const record of log.read()) {
    const understood = applyRecord(state, record);
    if (understood.type === "unknown") unread.note(record, understood);
    records++;
    end = record.offset + 1;
  }
  problems.push(...unread.problems());
  notes.push(...unread.notes());
  for (const { value, offset } of state.rivals.values()) {
    const { subject, version, id } = value;
    const problem = `The record at offset ${offset} gives id ${id} to other content`;
    problems.push({ subject, version, id, problem });
  }
  for (const subject of state.subjects.values()) {
    for (const version of subject.versions) problems.push(...versionProblems(world, version));
  }
  // A write that came meanwhile is in memory only; then the next verification compares.
  if (log.end === end && !sameLines(dumpState(state), dumpState(live().state))) {
    problems.push({ problem: "The state in memory differs from what the log folds into" });
  }
  return {
    records,
    subjects: state.subjects.size,
    versions: state.counts.live + state.counts.deleted,
    schemas: state.guids.size,
    problems,
    ...(notes.length > 0 && { notes }),
  };
}

function versionProblems(world: World, one: VersionState): VerifyProblem[] {
  const { subject, version, entry } = one;
  const at = { subject: subject.name, version, id: entry.id };
  const { context, references } = entry.content;
  const problems: VerifyProblem[] = [];
  const uses = resolveReferences(world.state, context.name, references, true);
  if (isRefusal(uses)) problems.push({ ...at, problem: String(uses.params["detail"]) });
  else if (entry.content.schemaType === "AVRO") problems.push(...textProblems(world, one));
  return problems;
}

function textProblems(world: World, one: VersionState): VerifyProblem[] {
  const { subject, version, entry } = one;
  const at = { subject: subject.name, version, id: entry.id };
  try {
    world.schemas.parsed(world.state, entry.content);
    return [];
  } catch (error) {
    return [{ ...at, problem: `The schema does not parse: ${messageOf(error)}` }];
  }
}

function sameLines(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((line, index) => line === right[index]);
}
