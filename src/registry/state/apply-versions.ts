/**
 * The fold of versions: which of the live schema records are versions, with which id and content.
 *
 * Invariants, each for any set of live records, whatever else the log held before:
 * - A version is soft-deleted by its own record, or by its subject's watermark when that comes after.
 * - A record that drops what is soft-deleted hides what was so before it.
 * - Of records that give one id to different contents, the first one holds it; the others are left out
 *   (`rivals`) as long as there is a record of the content that holds it. Whatever this registry writes
 *   of such an id removes the rivals, so that the id is never taken away by what is written here.
 * - Of records that say one content (one GUID) differently, the first one says what it is.
 */

import { byUnits } from "../../base/index.ts";
import { contextKey, isContextKey, splitSubject } from "../../confluent/index.ts";
import { sameStored } from "./content.ts";
import {
  addName,
  addTo,
  assign,
  drop,
  inserted,
  put,
  removeAt,
  removeFrom,
  removeName,
} from "./edit.ts";
import type { SchemaValue } from "./records.ts";
import type {
  Claim,
  Content,
  ContextState,
  IdEntry,
  State,
  SubjectState,
  VersionState,
  Watermark,
} from "./state.ts";
import {
  compareVersions,
  findVersion,
  referenceSubject,
  versionIndex,
  versionKey,
} from "./state.ts";
import { claimOf } from "./version-value.ts";

/** A subject's name and the number of a version. */
interface VersionName {
  readonly subject: string;
  readonly version: number;
}

// Records ----------------------------------------------------------------------------------------

/** The live record of a subject and version, whether it is a version or left out. */
export function claimAt(state: State, name: string, number: number): Claim | undefined {
  const version = findVersion(state.subjects.get(name), number);
  if (version !== undefined) return claimOf(version);
  return state.cleared.get(name)?.get(number) ?? state.rivals.get(versionKey(name, number));
}

/** Puts a claim in the place of the one of the same subject and version, or takes that away. */
export function putClaim(state: State, name: VersionName, claim: Claim | undefined): void {
  const before = findVersion(state.subjects.get(name.subject), name.version);
  if (claim && before && isSameButFlag(before, claim)) {
    // Where the record is and what it says of deletion: the version itself stays the same object.
    assign(state, before, { offset: claim.offset, deletedAlone: claim.value.deleted });
    setDeleted(state, before, fateOf(state, claim).deleted);
    return;
  }
  withdraw(state, name);
  if (!claim) return;
  const context = contextOf(state, splitSubject(name.subject).context);
  if (claim.value.id > context.maxId) assign(state, context, { maxId: claim.value.id });
  admit(state, claim);
}

function isSameButFlag(before: VersionState, claim: Claim): boolean {
  const { id, content } = before.entry;
  return (
    id === claim.value.id &&
    content.guid === claim.guid &&
    before.ts === claim.value.ts &&
    content.variants === 0 &&
    !content.context.rivals.has(id) &&
    !isVariant(content, claim.value)
  );
}

/** Puts or removes the record that soft-deletes a subject. */
export function putWatermark(state: State, name: string, mark: Watermark | undefined): void {
  if (mark === undefined) drop(state, state.watermarks, name);
  else put(state, state.watermarks, name, mark);
  const subject = state.subjects.get(name);
  refresh(state, subject ? [subject] : [], (one) => one === name);
}

/** Puts or removes the record that drops what is soft-deleted in a scope. */
export function putClear(state: State, key: string, offset: number | undefined): void {
  if (offset === undefined) drop(state, state.clears, key);
  else put(state, state.clears, key, offset);
  const { context } = splitSubject(key);
  const isIn = (name: string) =>
    isContextKey(key) ? splitSubject(name).context === context : name === key;
  refresh(
    state,
    [...state.subjects.values()].filter(({ name }) => isIn(name)),
    isIn,
  );
}

/** Works out again what is soft-deleted and what is dropped. */
function refresh(
  state: State,
  subjects: readonly SubjectState[],
  isIn: (subject: string) => boolean,
): void {
  const hidden = hiddenIn(state, isIn);
  const names = subjects.flatMap(({ name, versions }) =>
    versions.map(({ version }) => ({ subject: name, version })),
  );
  for (const name of names) {
    // Looked for each time: what happens to one version can make another one anew.
    const version = findVersion(state.subjects.get(name.subject), name.version);
    if (version === undefined) continue;
    const { deleted, dropped } = fateOf(state, fatedOf(version));
    if (dropped) readmit(state, claimOf(version));
    else setDeleted(state, version, deleted);
  }
  for (const claim of hidden.sort(byOffset)) {
    const { subject, version } = claim.value;
    const { dropped } = fateOf(state, claim);
    const isCleared = state.cleared.get(subject)?.get(version) === claim;
    const isRival = state.rivals.get(versionKey(subject, version)) === claim;
    if (dropped ? isRival : isCleared) readmit(state, claim);
  }
}

/** Makes of a claim what it is now. */
function readmit(state: State, claim: Claim): void {
  withdraw(state, claim.value);
  admit(state, claim);
  const context = contextOf(state, splitSubject(claim.value.subject).context);
  settle(state, context, claim.value.id);
  const content = context.byId.get(claim.value.id)?.content;
  if (content !== undefined) remake(state, content);
  assign(state, state, { remakes: state.remakes + 1 });
}

function hiddenIn(state: State, isIn: (subject: string) => boolean): Claim[] {
  const cleared = [...state.cleared].flatMap(([name, claims]) =>
    isIn(name) ? [...claims.values()] : [],
  );
  return [...cleared, ...[...state.rivals.values()].filter(({ value }) => isIn(value.subject))];
}

/** What decides on a record's fate. */
export type Fated = Pick<Claim, "offset"> & {
  readonly value: VersionName & { readonly deleted: boolean };
};

function fatedOf({ subject, version, deletedAlone, offset }: VersionState): Fated {
  return { value: { subject: subject.name, version, deleted: deletedAlone }, offset };
}

/** What the records of subjects and scopes make of what a record says. */
interface Fate {
  readonly deleted: boolean;
  readonly dropped: boolean;
}

const LIVE: Fate = { deleted: false, dropped: false };

/** What becomes of a record. */
export function fateOf(state: State, fated: Fated): Fate {
  if (state.watermarks.size === 0 && !fated.value.deleted) return LIVE;
  const deleted = fated.value.deleted || markOver(state, fated) !== undefined;
  return { deleted, dropped: deleted && droppersOf(state, fated).length > 0 };
}

/** The watermark that deletes a version, if one does. */
function markOver(state: State, { value, offset }: Fated): Watermark | undefined {
  const mark = state.watermarks.get(value.subject);
  return mark && offset < mark.offset && value.version <= mark.version ? mark : undefined;
}

/** Scope keys of the records that drop a version. */
export function droppersOf(state: State, fated: Fated): readonly string[] {
  if (state.clears.size === 0) return [];
  const { value, offset } = fated;
  const mark = markOver(state, fated);
  return [value.subject, contextKey(splitSubject(value.subject).context)].filter((key) => {
    const clear = state.clears.get(key);
    if (clear === undefined || offset >= clear) return false;
    return value.deleted || (mark !== undefined && mark.offset < clear);
  });
}

// Who holds an id --------------------------------------------------------------------------------

/** Makes a claim a version, or leaves it out. */
function admit(state: State, claim: Claim): void {
  const { subject, version, id } = claim.value;
  if (fateOf(state, claim).dropped) {
    const claims = state.cleared.get(subject) ?? new Map<number, Claim>();
    put(state, state.cleared, subject, claims);
    put(state, claims, version, claim);
    return;
  }
  const context = contextOf(state, splitSubject(subject).context);
  const holder = context.byId.get(id);
  if (holder !== undefined && holder.content.guid !== claim.guid) {
    put(state, state.rivals, versionKey(subject, version), claim);
    addTo(state, context.rivals, id, claim);
    return;
  }
  addVersion(state, context, claim);
}

/** Takes away what a subject and version claim, and gives to others what it held. */
function withdraw(state: State, { subject: name, version: number }: VersionName): void {
  const version = findVersion(state.subjects.get(name), number);
  if (version !== undefined) {
    const { id, content } = version.entry;
    removeVersion(state, version);
    settle(state, content.context, id);
    remake(state, content);
    return;
  }
  const claims = state.cleared.get(name);
  if (claims?.has(number)) {
    drop(state, claims, number);
    if (claims.size === 0) drop(state, state.cleared, name);
  }
  const key = versionKey(name, number);
  const rival = state.rivals.get(key);
  if (rival === undefined) return;
  drop(state, state.rivals, key);
  const context = contextOf(state, splitSubject(name).context);
  removeFrom(state, context.rivals, rival.value.id, rival);
}

/** Gives an id to the first of the records that claim it. */
function settle(state: State, context: ContextState, id: number): void {
  const rivals = context.rivals.get(id);
  if (rivals === undefined) return;
  const entry = context.byId.get(id);
  const first = [...(entry?.uses ?? []), ...rivals].reduce((one, other) =>
    other.offset < one.offset ? other : one,
  );
  if (!("guid" in first)) return;
  const claims = [...(entry?.uses.map(claimOf) ?? []), ...rivals].sort(byOffset);
  const old = entry?.content;
  for (const version of entry?.uses.toReversed() ?? []) removeVersion(state, version);
  for (const claim of [...rivals]) withdraw(state, claim.value);
  for (const claim of claims) admit(state, claim);
  for (const content of [old, context.byId.get(id)?.content]) {
    if (content !== undefined) remake(state, content);
  }
  assign(state, state, { remakes: state.remakes + 1 });
}

/** Makes a content anew from its records when they differ: the first one may be another now. */
function remake(state: State, content: Content): void {
  if (content.variants === 0) return;
  const versions = content.ids.flatMap(({ uses }) => uses);
  const claims = versions.map(claimOf).sort(byOffset);
  for (const version of versions) removeVersion(state, version);
  for (const claim of claims) addVersion(state, content.context, claim);
  assign(state, state, { remakes: state.remakes + 1 });
}

function byOffset(left: Claim, right: Claim): number {
  return left.offset - right.offset;
}

// Versions and their indices ---------------------------------------------------------------------

/** The context of a name, made when it is new. */
export function contextOf(state: State, name: string): ContextState {
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
    rivals: new Map(),
  };
  put(state, state.contexts, name, context);
  return context;
}

function addVersion(state: State, context: ContextState, claim: Claim): void {
  const { value, offset } = claim;
  const { deleted } = fateOf(state, claim);
  const subject = subjectOf(state, value.subject, context);
  const entry = entryOf(state, context, claim);
  const { content } = entry;
  const variant = isVariant(content, value) ? value : undefined;
  if (variant !== undefined) assign(state, content, { variants: content.variants + 1 });
  const version: VersionState = {
    subject,
    version: value.version,
    entry,
    deleted,
    deletedAlone: value.deleted,
    ts: value.ts,
    offset,
    variant,
  };
  const place = versionIndex(subject.versions, value.version);
  const versions = inserted(state, subject.versions, place, version);
  if (versions !== subject.versions) assign(state, subject, { versions });
  const uses = inserted(state, entry.uses, useIndex(entry.uses, version), version);
  if (uses !== entry.uses) assign(state, entry, { uses });
  for (const reference of content.references) {
    const key = versionKey(referenceSubject(context, reference), reference.version);
    addTo(state, state.referrers, key, version);
  }
  count(state, subject, deleted, 1);
}

/** Whether a record says its content otherwise than the first record of the same GUID. */
function isVariant(content: Content, value: SchemaValue): boolean {
  return !(
    content.text === value.schema &&
    content.schemaType === value.schemaType &&
    sameStored(content.references, value.references) &&
    sameStored(content.metadata, value.metadata) &&
    sameStored(content.ruleSet, value.ruleSet)
  );
}

function useIndex(uses: readonly VersionState[], version: VersionState): number {
  let low = 0;
  let high = uses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const use = uses[middle];
    if (use !== undefined && compareVersions(use, version) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function subjectOf(state: State, name: string, context: ContextState): SubjectState {
  const known = state.subjects.get(name);
  if (known !== undefined) return known;
  const { subject: shortName } = splitSubject(name);
  const subject: SubjectState = { name, context, shortName, versions: [], live: 0 };
  put(state, state.subjects, name, subject);
  addName(state, name);
  assign(state, context, { subjects: context.subjects + 1 });
  return subject;
}

function entryOf(state: State, context: ContextState, claim: Claim): IdEntry {
  const { id } = claim.value;
  const known = context.byId.get(id);
  if (known !== undefined) return known;
  const content = contentOf(state, context, claim);
  const entry: IdEntry = { id, content, uses: [] };
  const after = content.ids.findIndex((other) => other.id > id);
  const place = after < 0 ? content.ids.length : after;
  assign(state, content, { ids: inserted(state, content.ids, place, entry) });
  put(state, context.byId, id, entry);
  return entry;
}

function contentOf(state: State, context: ContextState, { guid, value }: Claim): Content {
  const known = context.byGuid.get(guid);
  if (known !== undefined) return known;
  const twins = state.guids.get(guid) ?? [];
  // Equal text is one string in all contexts.
  const twin = twins.find(({ text }) => text === value.schema);
  const content: Content = {
    context,
    guid,
    schemaType: value.schemaType,
    text: twin?.text ?? value.schema,
    references: value.references,
    metadata: value.metadata,
    ruleSet: value.ruleSet,
    ids: [],
    variants: 0,
  };
  put(state, context.byGuid, guid, content);
  const all = [...twins, content];
  all.sort((left, right) => byUnits(left.context.name, right.context.name));
  put(state, state.guids, guid, all);
  return content;
}

function setDeleted(state: State, version: VersionState, deleted: boolean): void {
  if (version.deleted === deleted) return;
  count(state, version.subject, version.deleted, -1);
  assign(state, version, { deleted });
  count(state, version.subject, deleted, 1);
}

function count(state: State, subject: SubjectState, deleted: boolean, step: 1 | -1): void {
  const { counts } = state;
  if (deleted) {
    assign(state, counts, { deleted: counts.deleted + step });
  } else {
    assign(state, counts, { live: counts.live + step });
    assign(state, subject, { live: subject.live + step });
  }
}

function removeVersion(state: State, version: VersionState): void {
  const { subject, entry } = version;
  removeAt(state, subject.versions, versionIndex(subject.versions, version.version));
  count(state, subject, version.deleted, -1);
  for (const reference of entry.content.references) {
    const key = versionKey(referenceSubject(subject.context, reference), reference.version);
    removeFrom(state, state.referrers, key, version);
  }
  releaseEntry(state, version);
  if (subject.versions.length > 0) return;
  drop(state, state.subjects, subject.name);
  removeName(state, subject.name);
  assign(state, subject.context, { subjects: subject.context.subjects - 1 });
}

function releaseEntry(state: State, version: VersionState): void {
  const { entry, variant } = version;
  const { content } = entry;
  if (variant !== undefined) assign(state, content, { variants: content.variants - 1 });
  removeAt(state, entry.uses, useIndex(entry.uses, version));
  if (entry.uses.length > 0) return;
  drop(state, content.context.byId, entry.id);
  removeAt(state, content.ids, content.ids.indexOf(entry));
  if (content.ids.length > 0) return;
  drop(state, content.context.byGuid, content.guid);
  const twins = (state.guids.get(content.guid) ?? []).filter((twin) => twin !== content);
  if (twins.length === 0) drop(state, state.guids, content.guid);
  else put(state, state.guids, content.guid, twins);
}
