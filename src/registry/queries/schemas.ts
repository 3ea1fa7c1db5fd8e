/**
 * Reads about schemas by id, by GUID and over all subjects.
 *
 * Invariants (Confluent's):
 * - With a subject, its own id comes first; an unqualified one falls through to its namesakes in the
 *   other contexts, and last to whoever has the id in the default one. A context counts as no subject.
 * - An id whose versions are all soft-deleted is still readable; after the last permanent delete it
 *   is unknown.
 */

import type { ContextId, ExtendedSchema, Refusal, SubjectVersion } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { byUnits } from "../../base/index.ts";
import {
  DEFAULT_CONTEXT,
  GLOBAL_KEY,
  isQualified,
  qualifySubject,
  splitSubject,
} from "../../confluent/index.ts";
import type { Content, IdEntry, State, SubjectState, VersionState, World } from "../state/index.ts";
import {
  compareVersions,
  contextNames,
  hasSubjectPrefix,
  latestVersion,
  subjectsWithPrefix,
} from "../state/index.ts";
import { versionEntity } from "./entities.ts";
import type { Paging } from "./paging.ts";
import { paged } from "./paging.ts";

/** An id as found, and the version that stands for it when a subject was asked for. */
export interface FoundId {
  readonly entry: IdEntry;
  readonly version: VersionState | undefined;
}

/** Finds an id; `subject` is in the registry's spelling, empty for the default context. */
export function findId(state: State, id: number, subject: string): FoundId | undefined {
  const { context, subject: short } = splitSubject(subject);
  if (short !== "") return findPair(state, id, subject) ?? findElsewhere(state, id, subject);
  const entry = state.contexts.get(context)?.byId.get(id);
  return entry && { entry, version: undefined };
}

/** An unqualified subject that lacks the id: its namesakes, then anyone in the default context. */
function findElsewhere(state: State, id: number, subject: string): FoundId | undefined {
  if (isQualified(subject)) return undefined;
  for (const context of contextNames(state)) {
    const found = findPair(state, id, qualifySubject(context, subject));
    if (found !== undefined) return found;
  }
  const entry = state.contexts.get(DEFAULT_CONTEXT)?.byId.get(id);
  return entry && { entry, version: entry.uses.find((use) => !use.deleted) ?? entry.uses[0] };
}

function findPair(state: State, id: number, subject: string): FoundId | undefined {
  const versions = state.subjects.get(subject)?.versions;
  // A soft-deleted version keeps the id next to a live one when something refers to it.
  const version =
    versions?.findLast((one) => one.entry.id === id && !one.deleted) ??
    versions?.findLast((one) => one.entry.id === id);
  return version && { entry: version.entry, version };
}

/** Subjects that carry an id, sorted. */
export function subjectsOfEntry(
  entry: IdEntry,
  query: { readonly deleted?: boolean } & Paging,
): string[] {
  const names = usesOf(entry, query.deleted).map((use) => use.subject.name);
  return paged([...new Set(names)].sort(byUnits), query);
}

/** Subjects and versions that carry an id, sorted. */
export function versionsOfEntry(
  entry: IdEntry,
  query: { readonly deleted?: boolean } & Paging,
): SubjectVersion[] {
  const uses = usesOf(entry, query.deleted).sort(compareVersions);
  return paged(uses, query).map(({ subject, version }) => ({ subject: subject.name, version }));
}

function usesOf(entry: IdEntry, deleted: boolean | undefined): VersionState[] {
  return entry.uses.filter((use) => deleted || !use.deleted);
}

/** A content by GUID: the default context's when it has one. */
export function findGuid(state: State, guid: string): Content | Refusal {
  const contents = state.guids.get(guid.toLowerCase()) ?? [];
  const inDefault = contents.find((content) => content.context.name === DEFAULT_CONTEXT);
  return inDefault ?? contents[0] ?? refuse("SCHEMA_ID_NOT_FOUND", { id: guid });
}

/** Ids of a GUID in each context, sorted by context and id. */
export function idsOfGuid(state: State, guid: string): ContextId[] | Refusal {
  const contents = state.guids.get(guid.toLowerCase()) ?? [];
  if (contents.length === 0) return refuse("SCHEMA_ID_NOT_FOUND", { id: guid });
  return contents
    .flatMap((content) => content.ids.map(({ id }) => ({ context: content.context.name, id })))
    .sort((left, right) => byUnits(left.context, right.context) || left.id - right.id);
}

/** Query of `schemas.get-schemas`. */
export interface SchemasQuery extends Paging {
  readonly subjectPrefix?: string;
  readonly aliases?: boolean;
  readonly deleted?: boolean;
  readonly latestOnly?: boolean;
  readonly ruleType?: string;
}

/** Schemas of all subjects, sorted by subject and version. */
export function listSchemas(world: World, query: SchemasQuery): ExtendedSchema[] {
  const versions = versionsOf(world.state, query);
  return paged(versions, query).map((version) => ({
    ...versionEntity(world, version),
    ...(query.aliases && aliasMembers(world.state, version.subject, query)),
  }));
}

function* versionsOf(state: State, query: SchemasQuery): Generator<VersionState, void, undefined> {
  for (const subject of subjectsAsked(state, query)) {
    for (const version of candidates(subject, query)) {
      if (!query.ruleType || hasRule(version, query.ruleType)) yield version;
    }
  }
}

function subjectsAsked(state: State, query: SchemasQuery): Iterable<SubjectState> {
  const named = subjectsWithPrefix(state, query.subjectPrefix ?? "");
  if (!query.aliases) return named;
  const subjects = new Map([...named].map((subject) => [subject.name, subject]));
  for (const target of state.aliases.keys()) {
    const subject = state.subjects.get(target);
    if (subject !== undefined && aliasesOf(state, target, query).length > 0) {
      subjects.set(target, subject);
    }
  }
  return [...subjects.values()].sort((left, right) => byUnits(left.name, right.name));
}

function candidates(subject: SubjectState, query: SchemasQuery): readonly VersionState[] {
  if (query.latestOnly) {
    const newest = query.deleted ? subject.versions.at(-1) : latestVersion(subject);
    return newest === undefined ? [] : [newest];
  }
  return query.deleted ? subject.versions : subject.versions.filter((one) => !one.deleted);
}

function hasRule({ entry }: VersionState, type: string): boolean {
  const { ruleSet } = entry.content;
  return [ruleSet?.migrationRules, ruleSet?.domainRules, ruleSet?.encodingRules].some((rules) =>
    rules?.some((rule) => rule.type === type),
  );
}

/** A subject's aliases that the query means. */
function aliasesOf(state: State, target: string, { subjectPrefix = "" }: SchemasQuery): string[] {
  const keys = [...(state.aliases.get(target) ?? [])];
  return keys.filter((key) => key !== GLOBAL_KEY && hasSubjectPrefix(key, subjectPrefix));
}

function aliasMembers(state: State, { name }: SubjectState, query: SchemasQuery): Aliases {
  const aliases = aliasesOf(state, name, query).sort(byUnits);
  return aliases.length > 0 ? { aliases } : {};
}

interface Aliases {
  readonly aliases?: string[];
}
