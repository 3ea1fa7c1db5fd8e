/**
 * Bring back what was softly deleted, with number and id kept.
 *
 * Invariant: a version comes back only when everything that it refers to is live, so that no live
 * schema refers to a deleted one.
 */
import type { Refusal } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import { qualifySubject } from "../../confluent/index.ts";
import { parseVersion } from "../queries/index.ts";
import type { LogRecord, State, VersionState } from "../state/index.ts";
import {
  findVersion,
  isReadOnly,
  modeInScope,
  resolveReferences,
  schemaRecord,
  versionValue,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import { rivalRecords } from "./removal.ts";
import { notPermitted } from "./texts.ts";

/** Decides the return of a version; `latest` is the highest one, deleted or not. */
export function decideUndeleteVersion(state: State, name: string, text: string): Outcome<number> {
  const number = parseVersion(text);
  if (isRefusal(number)) return unchanged(number);
  const subject = state.subjects.get(name);
  if (subject === undefined) return unchanged(refuse("SUBJECT_NOT_FOUND", { subject: name }));
  const found = number === -1 ? subject.versions.at(-1) : findVersion(subject, number);
  if (found === undefined) return unchanged(refuse("VERSION_NOT_FOUND", { version: number }));
  if (!found.deleted) return unchanged(found.version);
  const refusal = checkReturn(state, name, [found]);
  if (refusal !== undefined) return unchanged(refusal);
  return { records: returnRecords(state, [found]), result: found.version };
}

/** Decides the return of all soft-deleted versions of a subject. */
export function decideUndeleteSubject(state: State, name: string): Outcome<readonly number[]> {
  const subject = state.subjects.get(name);
  if (subject === undefined) return unchanged(refuse("SUBJECT_NOT_FOUND", { subject: name }));
  const versions = subject.versions.filter((version) => version.deleted);
  const refusal = checkReturn(state, name, versions);
  if (refusal !== undefined) return unchanged(refusal);
  return {
    records: returnRecords(state, versions),
    result: versions.map(({ version }) => version),
  };
}

function returnRecords(state: State, versions: readonly VersionState[]): LogRecord[] {
  const values = versions.map((version) => schemaRecord(versionValue(version, false)));
  return [...rivalRecords(state, versions), ...values];
}

function checkReturn(
  state: State,
  name: string,
  versions: readonly VersionState[],
): Refusal | undefined {
  if (versions.length > 0 && isReadOnly(modeInScope(state, name))) {
    return notPermitted(name, "read-only");
  }
  const returning = new Set(versions);
  for (const { subject, entry } of versions) {
    const { references } = entry.content;
    const uses = resolveReferences(state, subject.context.name, references, true);
    if (isRefusal(uses)) return uses;
    const missing = uses.findIndex((use) => use.deleted && !returning.has(use));
    const reference = references[missing];
    if (reference !== undefined) {
      const target = qualifySubject(subject.context.name, reference.subject);
      const detail = `No schema reference found for subject "${target}" and version ${reference.version}`;
      return refuse("INVALID_SCHEMA", { detail });
    }
  }
  return undefined;
}
