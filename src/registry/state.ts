/**
 * The registry's state: what the records fold into, with the indices that answer every question
 * without a scan.
 *
 * Invariants:
 * - Only `apply.ts` changes it.
 * - One `Content` per context and identity hash, however many subjects use it; equal text in
 *   several contexts is one string. Memory is in proportion to distinct text.
 * - `maxId` of a context never falls: not by deletes, not by compaction.
 * - `names` holds exactly the subjects that have a version, live or soft-deleted.
 */
import type { Metadata, RuleSet, SchemaReference } from "../api/index.ts";
import { compareUnits } from "./content.ts";
import type { ConfigValue } from "./records.ts";
import type { SortedNames } from "./sorted-names.ts";
import { createSortedNames } from "./sorted-names.ts";
import { GLOBAL_KEY, qualifySubject, splitSubject } from "./subjects.ts";

/** A context: an id space of its own. */
export interface ContextState {
  readonly name: string;
  /** Highest id ever used; 0 before the first. */
  maxId: number;
  /** Highest id that a high-water mark record vouches for. */
  markedId: number;
  /** Whether a context record says that it is there. */
  declared: boolean;
  /** Number of subjects with a version, live or soft-deleted. */
  subjects: number;
  readonly byGuid: Map<string, Content>;
  readonly byId: Map<number, IdEntry>;
}

/** Text, references, metadata and rules: what an identity hash stands for, in one context. */
export interface Content {
  readonly context: ContextState;
  readonly guid: string;
  readonly schemaType: string;
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
  /** Ids of this content, in order of arrival; more than one only after an import. */
  ids: IdEntry[];
}

/** An id and the versions that carry it. */
export interface IdEntry {
  readonly id: number;
  readonly content: Content;
  uses: VersionState[];
}

/** One version of a subject. */
export interface VersionState {
  readonly subject: SubjectState;
  readonly version: number;
  readonly entry: IdEntry;
  deleted: boolean;
  /** Milliseconds since the epoch of the registration. */
  readonly ts: number;
}

/** A subject with at least one version. */
export interface SubjectState {
  /** The registry's one spelling. */
  readonly name: string;
  readonly context: ContextState;
  /** The name inside its context. */
  readonly shortName: string;
  /** Ascending by number; soft-deleted ones included. */
  versions: VersionState[];
  /** How many of the versions are not soft-deleted. */
  live: number;
}

/** Two contents claim one id, or a record contradicts an earlier one; kept for `verify`. */
export interface Conflict {
  readonly offset: number;
  readonly subject: string;
  readonly version: number;
  readonly id: number;
}

/** The whole state. */
export interface State {
  readonly contexts: Map<string, ContextState>;
  readonly subjects: Map<string, SubjectState>;
  readonly names: SortedNames;
  /** By scope key. */
  readonly configs: Map<string, ConfigValue>;
  /** By scope key. */
  readonly modes: Map<string, string>;
  /** Scope keys of aliases by the subject that they stand for. */
  readonly aliases: Map<string, Set<string>>;
  /** GUID → contents, one per context at most. */
  readonly guids: Map<string, readonly Content[]>;
  /** `subject NUL version` → versions that refer to it. */
  readonly referrers: Map<string, Set<VersionState>>;
  /** `subject NUL version` → the text as it was registered, when it differs from the canonical. */
  readonly originals: Map<string, string>;
  /** Other registries' spellings of a key that still hold a value, by our spelling. */
  readonly foreignKeys: Map<string, Set<string>>;
  /** The last records that were left out because their id has other content. */
  readonly conflicts: Conflict[];
  /** Live and soft-deleted versions. */
  readonly counts: { live: number; deleted: number };
}

/** An empty state. */
export function createState(): State {
  return {
    contexts: new Map(),
    subjects: new Map(),
    names: createSortedNames(),
    configs: new Map(),
    modes: new Map(),
    aliases: new Map(),
    guids: new Map(),
    referrers: new Map(),
    originals: new Map(),
    foreignKeys: new Map(),
    conflicts: [],
    counts: { live: 0, deleted: 0 },
  };
}

/** A version by number. */
export function findVersion(
  subject: SubjectState | undefined,
  version: number,
): VersionState | undefined {
  if (subject === undefined) return undefined;
  const found = subject.versions[versionIndex(subject.versions, version)];
  return found?.version === version ? found : undefined;
}

/** Index of the first version that is not below the number. */
export function versionIndex(versions: readonly VersionState[], version: number): number {
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((versions[middle]?.version ?? 0) < version) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The highest live version. */
export function latestVersion(subject: SubjectState | undefined): VersionState | undefined {
  return subject?.versions.findLast((version) => !version.deleted);
}

/** Live versions, newest first. */
export function liveVersions(subject: SubjectState | undefined): VersionState[] {
  return (subject?.versions ?? []).filter((version) => !version.deleted).reverse();
}

/** The number after the highest version, soft-deleted ones included. */
export function nextVersion(subject: SubjectState | undefined): number {
  return (subject?.versions.at(-1)?.version ?? 0) + 1;
}

/** Subject name that a reference means: an unqualified one is in the referrer's context. */
export function referenceSubject(context: ContextState, reference: SchemaReference): string {
  return qualifySubject(context.name, reference.subject);
}

/** Key of the indices by subject and version. */
export function versionKey(subject: string, version: number): string {
  return `${subject}\u0000${version}`;
}

/** Versions that refer to a version. */
export function referrersOf(state: State, version: VersionState): readonly VersionState[] {
  return [...(state.referrers.get(versionKey(version.subject.name, version.version)) ?? [])];
}

/** Orders versions by the subject's name and their number. */
export function compareVersions(left: VersionState, right: VersionState): number {
  return compareUnits(left.subject.name, right.subject.name) || left.version - right.version;
}

/** Names of the contexts, with the default one, unsorted. */
export function contextNames(state: State): string[] {
  const names = new Set([splitSubject(GLOBAL_KEY).context]);
  for (const context of state.contexts.values()) {
    if (context.declared || context.subjects > 0) names.add(context.name);
  }
  return [...names];
}
