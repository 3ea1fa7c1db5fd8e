/** Subjects and versions as path segments. */
import { contextKey, contextNamed, contextPrefix, DEFAULT_CONTEXT } from "../confluent/index.ts";
import { clientErrors } from "./errors.ts";
import type { VersionName } from "./types.ts";

/**
 * A subject as one path segment. The empty subject would leave no segment, and `.` and `..`, even
 * encoded, would be resolved as relative paths. So all three are written with their context, which
 * means the same: the context that the registry's `url` names, or else the default one.
 */
export function subjectSegment(subject: string, url = ""): string {
  const isSwallowed = subject === "" || subject === "." || subject === "..";
  const name = isSwallowed ? `${contextAt(url, subject)}${subject}` : subject;
  try {
    return encodeURIComponent(name);
  } catch (cause) {
    const reason = "it has half of a surrogate pair";
    const details = { argument: "subject", value: subject, reason };
    throw clientErrors.create("CLIENT_ARGUMENT_INVALID", details, cause);
  }
}

/** Where a subject is in a registry at `url`, which may name the context: `:.ctx:`, never empty. */
export function contextAt(url: string, subject: string): string {
  return contextPrefix(subject) || contextKey(contextOfUrl(url) ?? DEFAULT_CONTEXT);
}

/** The context that a URL names; no registry takes one that is not well formed. */
function contextOfUrl(url: string): string | undefined {
  const [, name = ""] = /\/contexts\/([^/?#]+)/.exec(url) ?? [];
  try {
    return contextNamed(decodeURIComponent(name));
  } catch {
    return undefined;
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
