/**
 * The fold: `apply(state, record)`.
 *
 * Invariants:
 * - Total and deterministic: any record, from any registry, in any order, changes the state in one
 *   way and never throws.
 * - The later record of a key wins; a tombstone removes; unknown records do nothing.
 * - A record that gives an id to other content than the one which holds it is left out and noted
 *   (`conflicts`): an id that was handed out is never taken away.
 */
import { guidOfIdentity } from "../avro/index.ts";
import type { StoredRecord } from "./log.ts";
import type { ConfigValue, RegistryRecord, SchemaValue } from "./records.ts";
import { canonicalKey, decodeRecord } from "./records.ts";
import type { Content, ContextState, IdEntry, State, SubjectState, VersionState } from "./state.ts";
import { findVersion, referenceSubject, versionIndex, versionKey } from "./state.ts";
import { isContextKey, qualifySubject, splitSubject } from "./subjects.ts";

/** How many conflicts are remembered. */
const CONFLICTS_MAX = 100;

/** Applies a record and says how it was understood. */
export function applyRecord(state: State, stored: StoredRecord): RegistryRecord {
  const record = decodeRecord(stored);
  noteForeignKey(state, stored, record);
  switch (record.type) {
    case "schema":
      if (record.value === null) removeVersion(state, record.subject, record.version);
      else putVersion(state, record.value, stored);
      break;
    case "config":
      putConfig(state, record.key, record.value);
      break;
    case "mode":
      if (record.value === null) state.modes.delete(record.key);
      else state.modes.set(record.key, record.value);
      break;
    case "delete-subject":
      softDeleteUpTo(state, record.subject, record.version);
      break;
    case "clear-subject":
      clearDeleted(state, record.key);
      break;
    case "context":
      contextOf(state, record.context).declared = record.present;
      break;
    case "ids":
      raiseMark(contextOf(state, record.context), record.maxId);
      break;
    case "original":
      putOriginal(state, record.subject, record.version, record.text);
      break;
    case "unknown":
      break;
  }
  return record;
}

/** The context of a name, made when it is new. */
function contextOf(state: State, name: string): ContextState {
  const known = state.contexts.get(name);
  if (known !== undefined) return known;
  const context: ContextState = {
    name,
    maxId: 0,
    markedId: 0,
    declared: false,
    subjects: 0,
    byGuid: new Map(),
    byId: new Map(),
  };
  state.contexts.set(name, context);
  return context;
}

function raiseMark(context: ContextState, maxId: number): void {
  context.markedId = Math.max(context.markedId, maxId);
  context.maxId = Math.max(context.maxId, maxId);
}

function putVersion(state: State, value: SchemaValue, stored: StoredRecord): void {
  const guid = guidOfValue(value);
  if (guid === undefined) return;
  const { context: contextName, subject: shortName } = splitSubject(value.subject);
  const context = contextOf(state, contextName);
  context.maxId = Math.max(context.maxId, value.id);
  const holder = context.byId.get(value.id);
  const previous = findVersion(state.subjects.get(value.subject), value.version);
  const replacesHolder =
    holder !== undefined && holder.uses.length === 1 && holder.uses[0] === previous;
  if (holder !== undefined && holder.content.guid !== guid && !replacesHolder) {
    noteConflict(state, value, stored.offset);
    return;
  }
  if (previous?.entry === holder && holder?.content.guid === guid && previous !== undefined) {
    setDeleted(state, previous, value.deleted);
    return;
  }
  if (previous !== undefined) removeVersion(state, value.subject, value.version);
  const subject = subjectOf(state, value.subject, context, shortName);
  const entry = entryOf(state, context, guid, value);
  const version: VersionState = {
    subject,
    version: value.version,
    entry,
    deleted: value.deleted,
    ts: value.ts ?? stored.timestamp,
  };
  const place = versionIndex(subject.versions, value.version);
  subject.versions = inserted(subject.versions, place, version);
  entry.uses = inserted(entry.uses, entry.uses.length, version);
  for (const reference of entry.content.references) addReferrer(state, version, reference);
  if (value.deleted) state.counts.deleted++;
  else {
    state.counts.live++;
    subject.live++;
  }
}

/** Most lists have one member, and growing an empty array reserves place for seventeen. */
function inserted<T>(list: T[], index: number, item: T): T[] {
  if (list.length === 0) return [item];
  list.splice(index, 0, item);
  return list;
}

function guidOfValue(value: SchemaValue): string | undefined {
  try {
    const { schema, references, metadata, ruleSet } = value;
    const guid = guidOfIdentity({ schema, references, metadata, ruleSet });
    return value.guid ?? guid;
  } catch {
    // Members of a type that no registry writes (a property that is a number, say).
    return undefined;
  }
}

function noteConflict(state: State, value: SchemaValue, offset: number): void {
  if (state.conflicts.length >= CONFLICTS_MAX) state.conflicts.shift();
  state.conflicts.push({ offset, subject: value.subject, version: value.version, id: value.id });
}

function subjectOf(
  state: State,
  name: string,
  context: ContextState,
  shortName: string,
): SubjectState {
  const known = state.subjects.get(name);
  if (known !== undefined) return known;
  const subject: SubjectState = { name, context, shortName, versions: [], live: 0 };
  state.subjects.set(name, subject);
  state.names.add(name);
  context.subjects++;
  return subject;
}

function entryOf(state: State, context: ContextState, guid: string, value: SchemaValue): IdEntry {
  const known = context.byId.get(value.id);
  if (known !== undefined) return known;
  const content = contentOf(state, context, guid, value);
  const entry: IdEntry = { id: value.id, content, uses: [] };
  content.ids = inserted(content.ids, content.ids.length, entry);
  context.byId.set(value.id, entry);
  return entry;
}

function contentOf(state: State, context: ContextState, guid: string, value: SchemaValue): Content {
  const known = context.byGuid.get(guid);
  if (known !== undefined) return known;
  const twins = state.guids.get(guid) ?? [];
  const [twin] = twins;
  const content: Content = {
    context,
    guid,
    schemaType: value.schemaType,
    text: twin?.text ?? value.schema,
    references: value.references,
    metadata: value.metadata,
    ruleSet: value.ruleSet,
    ids: [],
  };
  context.byGuid.set(guid, content);
  state.guids.set(guid, [...twins, content]);
  return content;
}

function setDeleted(state: State, version: VersionState, deleted: boolean): void {
  if (version.deleted === deleted) return;
  version.deleted = deleted;
  const step = deleted ? 1 : -1;
  state.counts.deleted += step;
  state.counts.live -= step;
  version.subject.live -= step;
}

function removeVersion(state: State, name: string, number: number): void {
  const subject = state.subjects.get(name);
  const version = findVersion(subject, number);
  if (subject === undefined || version === undefined) return;
  subject.versions.splice(versionIndex(subject.versions, number), 1);
  if (version.deleted) state.counts.deleted--;
  else {
    state.counts.live--;
    subject.live--;
  }
  for (const reference of version.entry.content.references) {
    const key = versionKey(referenceSubject(subject.context, reference), reference.version);
    const set = state.referrers.get(key);
    set?.delete(version);
    if (set?.size === 0) state.referrers.delete(key);
  }
  releaseEntry(state, version);
  if (subject.versions.length === 0) {
    state.subjects.delete(name);
    state.names.remove(name);
    subject.context.subjects--;
  }
}

function releaseEntry(state: State, version: VersionState): void {
  const { entry } = version;
  entry.uses.splice(entry.uses.indexOf(version), 1);
  if (entry.uses.length > 0) return;
  const { content } = entry;
  content.context.byId.delete(entry.id);
  content.ids.splice(content.ids.indexOf(entry), 1);
  if (content.ids.length > 0) return;
  content.context.byGuid.delete(content.guid);
  const twins = (state.guids.get(content.guid) ?? []).filter((twin) => twin !== content);
  if (twins.length === 0) state.guids.delete(content.guid);
  else state.guids.set(content.guid, twins);
}

function addReferrer(
  state: State,
  version: VersionState,
  reference: Content["references"][number],
): void {
  const key = versionKey(referenceSubject(version.subject.context, reference), reference.version);
  const set = state.referrers.get(key) ?? new Set();
  state.referrers.set(key, set.add(version));
}

function softDeleteUpTo(state: State, name: string, watermark: number): void {
  for (const version of state.subjects.get(name)?.versions ?? []) {
    if (version.version <= watermark) setDeleted(state, version, true);
  }
}

function clearDeleted(state: State, key: string): void {
  if (!isContextKey(key)) {
    clearSubject(state, key);
    return;
  }
  const { context } = splitSubject(key);
  for (const subject of [...state.subjects.values()]) {
    if (subject.context.name === context) clearSubject(state, subject.name);
  }
}

function clearSubject(state: State, name: string): void {
  for (const version of [...(state.subjects.get(name)?.versions ?? [])]) {
    if (version.deleted) removeVersion(state, name, version.version);
  }
}

function putOriginal(state: State, name: string, number: number, text: string | null): void {
  const key = versionKey(name, number);
  if (text === null) {
    state.originals.delete(key);
    return;
  }
  // One string for all versions of a content that were sent in the same spelling.
  const version = findVersion(state.subjects.get(name), number);
  for (const use of version?.entry.uses ?? []) {
    const twin = state.originals.get(versionKey(use.subject.name, use.version));
    if (twin === text) {
      state.originals.set(key, twin);
      return;
    }
  }
  state.originals.set(key, text);
}

function putConfig(state: State, key: string, value: ConfigValue | null): void {
  const old = state.configs.get(key)?.alias;
  if (old) {
    const target = aliasTarget(key, old);
    state.aliases.get(target)?.delete(key);
    if (state.aliases.get(target)?.size === 0) state.aliases.delete(target);
  }
  if (value === null) {
    state.configs.delete(key);
    return;
  }
  state.configs.set(key, value);
  if (value.alias) {
    const target = aliasTarget(key, value.alias);
    state.aliases.set(target, (state.aliases.get(target) ?? new Set()).add(key));
  }
}

/** The subject that an alias stands for: an unqualified one is in the context of the alias. */
export function aliasTarget(key: string, alias: string): string {
  return qualifySubject(splitSubject(key).context, alias);
}

function noteForeignKey(state: State, stored: StoredRecord, record: RegistryRecord): void {
  const ours = canonicalKey(record);
  if (ours === undefined || ours === stored.key) return;
  const keys = state.foreignKeys.get(ours) ?? new Set();
  if (stored.value === null) keys.delete(stored.key);
  else keys.add(stored.key);
  if (keys.size > 0) state.foreignKeys.set(ours, keys);
  else state.foreignKeys.delete(ours);
}
