/** Reads about subjects and their versions. */
import type { Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { ALL_CONTEXTS } from "../../confluent/index.ts";
import type { State, SubjectState, VersionState } from "../state/index.ts";
import { propertyOf, referrersOf, subjectsWithPrefix } from "../state/index.ts";
import type { Paging } from "./paging.ts";
import { paged } from "./paging.ts";

/** Which versions or subjects of a list are meant: by default those that are not deleted. */
export interface DeletedFilter {
  readonly deleted?: boolean;
  readonly deletedOnly?: boolean;
}

/** Names of subjects, sorted. A subject is deleted when all of its versions are. */
export function listSubjects(
  state: State,
  query: DeletedFilter & Paging & { readonly subjectPrefix?: string },
): string[] {
  const subjects = subjectsWithPrefix(state, query.subjectPrefix ?? ALL_CONTEXTS);
  return paged(names(subjects, query), query);
}

function* names(
  subjects: Iterable<SubjectState>,
  filter: DeletedFilter,
): Generator<string, void, undefined> {
  for (const subject of subjects) {
    if (isShown(subject.live === 0, filter)) yield subject.name;
  }
}

function isShown(isDeleted: boolean, { deleted, deletedOnly }: DeletedFilter): boolean {
  if (deletedOnly) return isDeleted;
  return deleted || !isDeleted;
}

/** Numbers of a subject's versions, ascending. Negative numbers do not ask for deleted subjects. */
export function listVersions(
  state: State,
  name: string,
  query: DeletedFilter & Paging & { readonly deletedAsNegative?: boolean },
): number[] | Refusal {
  const subject = state.subjects.get(name);
  if (subject === undefined || (subject.live === 0 && !query.deleted && !query.deletedOnly)) {
    return refuse("SUBJECT_NOT_FOUND", { subject: name });
  }
  const numbers = subject.versions
    .filter((version) => query.deletedAsNegative || isShown(version.deleted, query))
    .map(({ version, deleted }) => (deleted && query.deletedAsNegative ? -version : version));
  return paged(numbers, query);
}

/** Ids of the schemas that refer to a version, ascending, each once. */
export function listReferrers(
  state: State,
  version: VersionState,
  query: { readonly deleted?: boolean } & Paging,
): number[] {
  const ids = referrersOf(state, version)
    .filter((referrer) => query.deleted || !referrer.deleted)
    .map((referrer) => referrer.entry.id);
  return paged(
    [...new Set(ids)].sort((left, right) => left - right),
    query,
  );
}

/** The newest version that has metadata, and in it all the properties; of a key, the last counts. */
export function findByMetadata(
  state: State,
  name: string,
  pairs: readonly (readonly [key: string, value: string])[],
  deleted: boolean,
): VersionState | Refusal {
  const subject = state.subjects.get(name);
  if (subject === undefined || (subject.live === 0 && !deleted)) {
    return refuse("SUBJECT_NOT_FOUND", { subject: name });
  }
  const wanted = [...new Map(pairs)];
  const found = subject.versions.findLast(({ deleted: isDeleted, entry: { content } }) => {
    if ((isDeleted && !deleted) || content.metadata === undefined) return false;
    return wanted.every(([key, value]) => propertyOf(content.metadata, key) === value);
  });
  return found ?? refuse("SCHEMA_NOT_FOUND");
}
