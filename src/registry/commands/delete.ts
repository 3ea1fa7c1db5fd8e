/**
 * Delete subjects and versions, softly or permanently.
 *
 * Invariants (Confluent's):
 * - Permanent needs soft before it; soft twice is refused.
 * - The order of checks: existence, second soft delete, mode; then for each version, lowest first,
 *   whether anything refers to it, and whether it is live.
 * - A version with referrers stays: live referrers prevent a soft delete, all referrers a permanent one.
 *   References between versions of the subject that is deleted do not count.
 * - A soft delete of a subject is one record with a watermark.
 */
import type { Refusal } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import { findByText } from "../queries/index.ts";
import type { State, SubjectState, VersionState, World } from "../state/index.ts";
import {
  deleteSubjectRecord,
  isReadOnly,
  latestVersion,
  liveVersions,
  modeInScope,
  referrersOf,
  schemaRecord,
  versionValue,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import { removalRecords, rivalRecords, settingsRemoval } from "./removal.ts";
import { notPermitted } from "./texts.ts";

/** Which subject to delete, and how. */
export interface DeleteSubjectCommand {
  readonly subject: string;
  readonly how: "soft" | "permanent";
}

/** Which version to delete, and how. */
export interface DeleteVersionCommand extends DeleteSubjectCommand {
  /** As it stood in the path. */
  readonly version: string;
}

/** Decides the deletion of a subject; the answer is the numbers that this call deleted. */
export function decideDeleteSubject(
  world: World,
  { subject: name, how }: DeleteSubjectCommand,
): Outcome<readonly number[]> {
  const { state } = world;
  const subject = state.subjects.get(name);
  if (subject === undefined) return unchanged(refuse("SUBJECT_NOT_FOUND", { subject: name }));
  const refusal = checkSubject(state, subject, how);
  if (refusal !== undefined) return unchanged(refusal);
  const versions = how === "soft" ? liveVersions(subject).reverse() : subject.versions;
  const result = versions.map(({ version }) => version);
  if (how === "permanent") {
    return {
      records: [...removalRecords(state, versions), ...settingsRemoval(state, name)],
      result,
    };
  }
  const settings = world.settings.subjectSettingsGoWith === "soft";
  return {
    records: [
      deleteSubjectRecord(name, watermarkOf(subject)),
      ...(settings ? settingsRemoval(state, name) : []),
    ],
    result,
  };
}

/**
 * The highest version that needs the record. There is one of a subject, so it has to cover what an
 * earlier one deleted and what was registered since.
 */
function watermarkOf({ versions }: SubjectState): number {
  return versions.findLast((version) => !version.deletedAlone)?.version ?? 0;
}

function checkSubject(
  state: State,
  subject: SubjectState,
  how: "soft" | "permanent",
): Refusal | undefined {
  const { name } = subject;
  if (how === "soft" && subject.live === 0)
    return refuse("SUBJECT_SOFT_DELETED", { subject: name });
  if (isReadOnly(modeInScope(state, name))) return notPermitted(name, "read-only");
  for (const version of subject.versions) {
    if (how === "soft" && version.deleted) continue;
    const held = referrersOf(state, version).some(
      (referrer) => referrer.subject !== subject && holds(referrer, how),
    );
    if (held) return refuse("REFERENCE_EXISTS", { subject: name, version: version.version });
    if (how === "permanent" && !version.deleted) {
      return refuse("SUBJECT_NOT_SOFT_DELETED", { subject: name });
    }
  }
  return undefined;
}

function holds(referrer: VersionState, how: "soft" | "permanent"): boolean {
  return how === "permanent" || !referrer.deleted;
}

/** Decides the deletion of a version; the answer is its number. */
export function decideDeleteVersion(world: World, command: DeleteVersionCommand): Outcome<number> {
  const { state } = world;
  const { subject: name, how } = command;
  const found = findByText(state, name, command.version, { deleted: true });
  if (isRefusal(found)) return unchanged(found);
  const refusal = checkVersion(state, found, how);
  if (refusal !== undefined) return unchanged(refusal);
  const records =
    how === "soft"
      ? [...rivalRecords(state, [found]), schemaRecord(versionValue(found, true))]
      : removalRecords(state, [found]);
  const settings = settingsGo(found, how, world) ? settingsRemoval(state, name) : [];
  return { records: [...records, ...settings], result: found.version };
}

function checkVersion(
  state: State,
  found: VersionState,
  how: "soft" | "permanent",
): Refusal | undefined {
  const params = { subject: found.subject.name, version: found.version };
  if (how === "soft" && found.deleted) return refuse("VERSION_SOFT_DELETED", params);
  if (isReadOnly(modeInScope(state, params.subject))) {
    return notPermitted(params.subject, "read-only");
  }
  const held = referrersOf(state, found).some((referrer) => holds(referrer, how));
  if (held) return refuse("REFERENCE_EXISTS", params);
  const isEarly = how === "permanent" && !found.deleted;
  return isEarly ? refuse("VERSION_NOT_SOFT_DELETED", params) : undefined;
}

function settingsGo(found: VersionState, how: "soft" | "permanent", world: World): boolean {
  if (how === "permanent") return found.subject.versions.length === 1;
  return (
    world.settings.subjectSettingsGoWith === "soft" &&
    found.subject.live === 1 &&
    latestVersion(found.subject) === found
  );
}
