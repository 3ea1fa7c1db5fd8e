/** Subjects and versions as path segments. */
import { clientErrors } from "./errors.ts";
import type { VersionName } from "./types.ts";

/**
 * A subject as one path segment. The empty subject would leave no segment, and `.` and `..`, even
 * encoded, would be resolved as relative paths. So all three are written with their context, which
 * means the same.
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

/** `:.ctx:` as it stands before a subject, `:.:` for the default context; else empty text. */
export function contextOf(subject: string): string {
  return /^:\.[^:]*:/.exec(subject)?.[0] ?? "";
}

/** Where a subject is in a registry at `url`, which may name the context: `:.ctx:`, never empty. */
export function contextAt(url: string, subject: string): string {
  const [, name = ""] = /\/contexts\/([^/?#]+)/.exec(url) ?? [];
  const bare = decodeURIComponent(name).replaceAll(":", "");
  return contextOf(subject) || `:${bare.startsWith(".") ? bare : `.${bare}`}:`;
}

/** A subject without its context. */
export function subjectOf(subject: string): string {
  return subject.replace(/^:\.[^:]*:/, "");
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
