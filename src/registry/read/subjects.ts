/** Reads about subjects and their versions (S1, S3, S5, S9). */
import type { Refusal } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import { propertyOf } from "../content.ts";
import { findByText } from "../decide/versions.ts";
import type { DeletedFilter, Paging } from "../service-types.ts";
import type { State, SubjectState, VersionState } from "../state.ts";
import { referrersOf } from "../state.ts";
import { ALL_CONTEXTS } from "../subjects.ts";
import { subjectsWithPrefix } from "../subjects-in.ts";
import { paged } from "./paging.ts";

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

/** Numbers of a subject's versions, ascending. */
export function listVersions(
  state: State,
  name: string,
  query: DeletedFilter & Paging & { readonly deletedAsNegative?: boolean },
): number[] | Refusal {
  const versions = (state.subjects.get(name)?.versions ?? []).filter(
    (version) => query.deletedAsNegative || isShown(version.deleted, query),
  );
  if (versions.length === 0) return refuse("SUBJECT_NOT_FOUND", { subject: name });
  const numbers = versions.map(({ version, deleted }) =>
    deleted && query.deletedAsNegative ? -version : version,
  );
  return paged(numbers, query);
}

/** Ids of the schemas that refer to a version, ascending, each once. */
export function listReferrers(
  state: State,
  name: string,
  version: string,
  query: { readonly deleted?: boolean } & Paging,
): number[] | Refusal {
  const found = findByText(state, name, version, { deleted: true });
  if (isRefusal(found)) return found;
  const ids = referrersOf(state, found)
    .filter((referrer) => query.deleted || !referrer.deleted)
    .map((referrer) => referrer.entry.id);
  return paged(
    [...new Set(ids)].sort((left, right) => left - right),
    query,
  );
}

/** The newest version whose metadata has all the properties. */
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
  const found = subject.versions.findLast(
    (version) =>
      (deleted || !version.deleted) &&
      pairs.every(([key, value]) => propertyOf(version.entry.content.metadata, key) === value),
  );
  return found ?? refuse("SCHEMA_NOT_FOUND");
}
