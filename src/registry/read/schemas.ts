/**
 * Reads about schemas by id, by GUID and over all subjects (I1–I7).
 *
 * Invariants (registry-http 1.4):
 * - `subject` chooses the context of an id; an unqualified one falls through to the other contexts.
 * - An id whose versions are all soft-deleted is still readable; after the last permanent delete it
 *   is unknown.
 */
import type { ContextId, ExtendedSchema, Refusal, SubjectVersion } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { compareUnits } from "../content.ts";
import { versionEntity } from "../entities.ts";
import type { Rules } from "../rules.ts";
import type { Paging } from "../service-types.ts";
import type { Content, IdEntry, State, SubjectState, VersionState } from "../state.ts";
import { contextNames, latestVersion } from "../state.ts";
import { DEFAULT_CONTEXT, isContextKey, isQualified, splitSubject } from "../subjects.ts";
import { subjectsWithPrefix } from "../subjects-in.ts";
import { paged } from "./paging.ts";

/** An id as found, and the version that the `subject` query picked. */
export interface FoundId {
  readonly entry: IdEntry;
  readonly version: VersionState | undefined;
}

/** Finds an id; `subject` is in the registry's spelling, `undefined` is the default context. */
export function findId(state: State, id: number, subject: string | undefined): FoundId | Refusal {
  const context = subject === undefined ? DEFAULT_CONTEXT : splitSubject(subject).context;
  const own = findIn(state, context, id, subject);
  if (own !== undefined) return own;
  if (subject !== undefined && !isQualified(subject)) {
    for (const other of contextNames(state).sort()) {
      const found = other === context ? undefined : findIn(state, other, id, subject);
      if (found !== undefined) return found;
    }
  }
  return refuse("SCHEMA_ID_NOT_FOUND", { id });
}

function findIn(
  state: State,
  context: string,
  id: number,
  subject: string | undefined,
): FoundId | undefined {
  const entry = state.contexts.get(context)?.byId.get(id);
  if (entry === undefined) return undefined;
  if (subject === undefined || isContextKey(subject) || subject === "") {
    return { entry, version: undefined };
  }
  const short = splitSubject(subject).subject;
  const uses = entry.uses.filter((use) => use.subject.shortName === short);
  // A soft-deleted version keeps the id next to a live one when something refers to it.
  return { entry, version: uses.findLast((use) => !use.deleted) ?? uses.at(-1) };
}

/** Subjects that carry an id, sorted. */
export function subjectsOfEntry(
  entry: IdEntry,
  query: { readonly deleted?: boolean } & Paging,
): string[] {
  const names = usesOf(entry, query.deleted).map((use) => use.subject.name);
  return paged([...new Set(names)].sort(compareUnits), query);
}

/** Subjects and versions that carry an id, sorted. */
export function versionsOfEntry(
  entry: IdEntry,
  query: { readonly deleted?: boolean } & Paging,
): SubjectVersion[] {
  const uses = usesOf(entry, query.deleted).sort(
    (left, right) =>
      compareUnits(left.subject.name, right.subject.name) || left.version - right.version,
  );
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
    .sort((left, right) => compareUnits(left.context, right.context) || left.id - right.id);
}

/** Query of I1. */
export interface SchemasQuery extends Paging {
  readonly subjectPrefix?: string;
  readonly aliases?: boolean;
  readonly deleted?: boolean;
  readonly latestOnly?: boolean;
  readonly ruleType?: string;
}

/** Schemas of all subjects, sorted by subject and version. */
export function listSchemas(state: State, rules: Rules, query: SchemasQuery): ExtendedSchema[] {
  const versions = versionsOf(state, query);
  return paged(versions, query).map((version) => ({
    ...versionEntity(state, rules, version),
    ...(query.aliases && aliasMembers(state, version.subject)),
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
  const prefix = query.subjectPrefix ?? "";
  const named = subjectsWithPrefix(state, prefix);
  if (!query.aliases) return named;
  const subjects = new Map([...named].map((subject) => [subject.name, subject]));
  for (const [target, keys] of state.aliases) {
    const subject = state.subjects.get(target);
    if (subject === undefined || subjects.has(target)) continue;
    if ([...keys].some((key) => key.startsWith(prefix))) subjects.set(target, subject);
  }
  return [...subjects.values()].sort((left, right) => compareUnits(left.name, right.name));
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

function aliasMembers(state: State, subject: SubjectState): { aliases?: string[] } {
  const keys = state.aliases.get(subject.name);
  return keys === undefined ? {} : { aliases: [...keys].sort(compareUnits) };
}
