/**
 * Modes: set and reset.
 *
 * Invariants (Confluent's):
 * - Modes can be changed in any mode, unless the server forbids changes altogether.
 * - IMPORT needs a scope without live versions, and permanently removes what is soft-deleted there,
 *   unless anything refers to it: the ids stay known as used. With `force`, or where IMPORT is in
 *   force already, it asks for nothing and removes nothing.
 * - The scope of the default context's mode is every context, for IMPORT.
 * - FORWARD can be set globally only.
 */

import type { Mode, Refusal } from "../../api/index.ts";
import { asMode, refuse } from "../../api/index.ts";
import { byUnits } from "../../base/index.ts";
import {
  ALL_CONTEXTS,
  contextKey,
  EVERYTHING_KEY,
  GLOBAL_KEY,
  isContextKey,
  isValidScope,
  splitSubject,
} from "../../confluent/index.ts";
import type { LogRecord, State, SubjectState, World } from "../state/index.ts";
import {
  clearSubjectRecord,
  modeInScope,
  modeKey,
  modeRecord,
  ownMode,
  referrersOf,
  subjectsOfContext,
  subjectsWithPrefix,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import { removalRecords, tombstones } from "./removal.ts";

/** Which mode to set. */
export interface UpdateModeCommand {
  /** Scope key. */
  readonly key: string;
  /** As the client wrote it; `null` resets. */
  readonly mode: string | null | undefined;
  /** Sets IMPORT though there are live versions. */
  readonly force: boolean;
}

/** Decides a change of a mode; the answer is the mode as it was written. */
export function decideUpdateMode(
  world: World,
  command: UpdateModeCommand,
): Outcome<{ mode: string | null }> {
  const { state } = world;
  const { key, mode: written = null } = command;
  const mode = asMode(written);
  const refusal = checkMode(world, command, mode);
  if (refusal !== undefined) return unchanged(refusal);
  const result = { mode: written };
  if (mode === undefined) {
    return { records: state.modes.has(key) ? tombstones(state, modeKey(key)) : [], result };
  }
  const entering = mode === "IMPORT" && modeInScope(state, key) !== "IMPORT" && !command.force;
  const subjects = entering ? subjectsIn(state, key) : [];
  const held = checkEntry(state, subjects);
  if (held !== undefined) return unchanged(held);
  return { records: [...clearing(state, key, subjects), modeRecord(key, mode)], result };
}

function checkMode(
  world: World,
  { key, mode: written }: UpdateModeCommand,
  mode: Mode | undefined,
): Refusal | undefined {
  if (!isValidScope(key)) return refuse("INVALID_SUBJECT", { subject: key });
  if (written !== null && mode === undefined) return refuse("INVALID_MODE");
  if (mode === "FORWARD" && key !== EVERYTHING_KEY) return refuse("FORWARD_NOT_GLOBAL");
  return checkMutable(world);
}

function checkMutable(world: World): Refusal | undefined {
  if (world.settings.modeMutability) return undefined;
  return refuse("OPERATION_NOT_PERMITTED", { detail: "Mode changes are not allowed" });
}

function checkEntry(state: State, subjects: readonly SubjectState[]): Refusal | undefined {
  if (subjects.some((subject) => subject.live > 0)) {
    const detail = "Cannot import since found existing subjects";
    return refuse("OPERATION_NOT_PERMITTED", { detail });
  }
  for (const { name, versions } of subjects) {
    const held = versions.find((version) => referrersOf(state, version).length > 0);
    if (held) return refuse("REFERENCE_EXISTS", { subject: name, version: held.version });
  }
  return undefined;
}

function subjectsIn(state: State, key: string): SubjectState[] {
  if (key === GLOBAL_KEY || key === EVERYTHING_KEY) {
    return [...subjectsWithPrefix(state, ALL_CONTEXTS)];
  }
  if (isContextKey(key)) return [...subjectsOfContext(state, splitSubject(key).context)];
  const subject = state.subjects.get(key);
  return subject === undefined ? [] : [subject];
}

function clearing(state: State, key: string, subjects: readonly SubjectState[]): LogRecord[] {
  const deleted = subjects.flatMap((subject) =>
    subject.versions.filter((version) => version.deleted),
  );
  if (deleted.length === 0) return [];
  return [...removalRecords(state, deleted), clearSubjectRecord(key)];
}

/** Decides the reset of a mode; the answer is the one that was set. */
export function decideDeleteMode(
  world: World,
  { key, recursive }: { readonly key: string; readonly recursive: boolean },
): Outcome<{ mode?: string }> {
  const { state } = world;
  const old = ownMode(state, key);
  if (old === undefined && !recursive) {
    return unchanged(refuse("SUBJECT_NOT_FOUND", { subject: key }));
  }
  const refusal = checkMutable(world);
  if (refusal !== undefined) return unchanged(refusal);
  const keys = [key, ...(recursive ? keysUnder(state, key) : [])];
  const records = keys
    .filter((scope) => state.modes.has(scope))
    .flatMap((scope) => tombstones(state, modeKey(scope)));
  return { records, result: old === undefined ? {} : { mode: old } };
}

/** Scope keys of the subjects of a context that have a mode of their own. */
function keysUnder(state: State, key: string): string[] {
  if (!isContextKey(key)) return [];
  const { context } = splitSubject(key);
  return [...state.modes.keys()]
    .filter((scope) => scope !== contextKey(context) && splitSubject(scope).context === context)
    .sort(byUnits);
}
