/**
 * The state as lines of text: equal states have equal lines, whatever way led to them.
 *
 * Used to prove that a replay, a restore or another replica arrived at the same registry.
 */
import { compareUnits } from "./content.ts";
import type { State, VersionState } from "./state.ts";

/** Everything that a client can see or a later decision depends on, sorted. */
export function dumpState(state: State): string[] {
  return [
    ...[...state.contexts.values()].map(
      ({ name, maxId, declared }) => `context ${JSON.stringify({ name, maxId, declared })}`,
    ),
    ...[...state.subjects.values()].flatMap(({ versions }) => versions.map(versionLine)),
    ...[...state.configs].map(([key, config]) => `config ${JSON.stringify([key, config])}`),
    ...[...state.modes].map(([key, mode]) => `mode ${JSON.stringify([key, mode])}`),
    ...[...state.originals].map(([key, text]) => `original ${JSON.stringify([key, text])}`),
    ...[...state.referrers].map(
      ([key, versions]) => `referrers ${JSON.stringify([key, [...versions].map(nameOf).sort()])}`,
    ),
    `counts ${JSON.stringify(state.counts)}`,
  ].sort(compareUnits);
}

function versionLine({ subject, version, entry, deleted, ts }: VersionState): string {
  const { guid, text, schemaType, references, metadata, ruleSet } = entry.content;
  const parts = [subject.name, version, entry.id, deleted, ts, guid, schemaType, text];
  return `version ${JSON.stringify([...parts, references, metadata, ruleSet])}`;
}

function nameOf({ subject, version }: VersionState): string {
  return `${subject.name} ${version}`;
}
