/** Subjects and versions as path segments. */
import { clientErrors } from "./errors.ts";
import type { VersionName } from "./types.ts";

/**
 * A subject as one path segment. The empty one is none, `.` and `..` would be swallowed as relative
 * paths, even encoded, so they are written with their context, which means the same.
 */
export function subjectSegment(subject: string): string {
  const isSwallowed = subject === "" || subject === "." || subject === "..";
  const name = isSwallowed ? `:.:${subject}` : subject;
  try {
    return encodeURIComponent(name);
  } catch (cause) {
    const reason = "it has half of a surrogate pair";
    const details = { argument: "subject", value: subject, reason };
    throw clientErrors.create("CLIENT_ARGUMENT_INVALID", details, cause);
  }
}

export function versionSegment(version: VersionName): string {
  if (version === "latest" || (Number.isSafeInteger(version) && version > 0)) return `${version}`;
  const reason = 'use a number from 1, or "latest"';
  throw clientErrors.create("CLIENT_ARGUMENT_INVALID", {
    argument: "version",
    value: version,
    reason,
  });
}
