/**
 * The registry's state: what the records fold into, with the indices that answer every question
 * without a scan.
 *
 * Invariants:
 * - Only the fold (`apply*.ts`) changes it, through `edit.ts`.
 * - It is a function of the live records: the last one of each key, in the order of their offsets.
 *   Nothing depends on a record that compaction drops, nor on the order in which a Map or a Set was
 *   filled. Where several things of a kind are one answer, the first by name, number or id is.
 *   The one exception is `maxId`: an id that was seen is never given out again.
 * - `dump.ts` shows every part of it; a test fails when one is added and not shown.
 * - One `Content` per context and identity hash, however many subjects use it; equal text in
 *   several contexts is one string. Memory is in proportion to distinct text.
 * - `maxId` of a context never falls: not by deletes, not by compaction.
 * - `names` holds exactly the subjects that have a version, live or soft-deleted.
 */

import type { Metadata, RuleSet, SchemaReference } from "../../api/index.ts";
import { byUnits } from "../../base/index.ts";
import { GLOBAL_KEY, qualifySubject, splitSubject } from "../../confluent/index.ts";
import type { ConfigValue, KnownRecord, SchemaValue } from "./records.ts";
import type { SortedNames } from "./sorted-names.ts";
import { createSortedNames } from "./sorted-names.ts";

/** A context: an id space of its own. */
export interface ContextState {
  readonly name: string;
  /** Highest id ever used that was seen; 0 before the first. */
  maxId: number;
  /** Highest id that the live high-water mark record vouches for; 0 without one. */
  markedId: number;
  /** Whether a context record says that it is there. */
  declared: boolean;
  /** Number of subjects with a version, live or soft-deleted. */
  subjects: number;
  readonly byGuid: Map<string, Content>;
  readonly byId: Map<number, IdEntry>;
  /** Live records that give an id to other content than the one which holds it, by that id. */
  readonly rivals: Map<number, Set<Claim>>;
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
  /** Ids of this content, ascending; more than one only after an import. */
  ids: IdEntry[];
  /** How many versions have records that say the same content otherwise (`VersionState.variant`). */
  variants: number;
}

/** An id and the versions that carry it. */
export interface IdEntry {
  readonly id: number;
  readonly content: Content;
  /** By subject and version. */
  uses: VersionState[];
}

/** One version of a subject. */
export interface VersionState {
  readonly subject: SubjectState;
  readonly version: number;
  readonly entry: IdEntry;
  /** Soft-deleted, by its own record or by its subject's. */
  deleted: boolean;
  /** Soft-deleted by its own record. */
  deletedAlone: boolean;
  /** Milliseconds since the epoch of the registration. */
  readonly ts: number;
  /** Where its record is in the log. */
  offset: number;
  /**
   * What its record says, where the content says something else under the same GUID: encrypted
   * metadata, another schema type. The content is what the first of its records says.
   */
  readonly variant: SchemaValue | undefined;
}

/** What the live record of a subject and version says. */
export interface Claim {
  readonly value: SchemaValue;
  readonly guid: string;
  readonly offset: number;
}

/** A live record under one of several spellings of a key. */
export interface Spelling {
  readonly record: KnownRecord;
  readonly offset: number;
}

/** What soft-deletes a subject: versions up to `version` whose records lie before `offset`. */
export interface Watermark {
  readonly version: number;
  readonly offset: number;
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
  /**
   * Keys that hold a value in another registry's spelling, by our spelling: every live record by its
   * very key, in order of offsets. The last one is in force.
   */
  readonly spellings: Map<string, Map<string, Spelling>>;
  /** Soft deletes of whole subjects. */
  readonly watermarks: Map<string, Watermark>;
  /** Offsets of records that drop what was soft-deleted before them, by scope key. */
  readonly clears: Map<string, number>;
  /** Versions that such a record hides, by subject and number. */
  readonly cleared: Map<string, Map<number, Claim>>;
  /** `subject NUL version` → the record that is left out because its id has other content. */
  readonly rivals: Map<string, Claim>;
  /** Live and soft-deleted versions. */
  readonly counts: { live: number; deleted: number };
  /** Offset after the last record. */
  end: number;
  /** How often versions were made anew without a record of their own: an index of them is stale. */
  remakes: number;
  /** Steps that take back what was changed since `speculate` began, last one last. */
  undo: (() => void)[] | undefined;
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
    spellings: new Map(),
    watermarks: new Map(),
    clears: new Map(),
    cleared: new Map(),
    rivals: new Map(),
    counts: { live: 0, deleted: 0 },
    end: 0,
    remakes: 0,
    undo: undefined,
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
  return byUnits(left.subject.name, right.subject.name) || left.version - right.version;
}

/** Names of the contexts, with the default one, sorted. */
export function contextNames(state: State): string[] {
  const names = new Set([splitSubject(GLOBAL_KEY).context]);
  for (const context of state.contexts.values()) {
    if (context.declared || context.subjects > 0) names.add(context.name);
  }
  return [...names].sort(byUnits);
}
