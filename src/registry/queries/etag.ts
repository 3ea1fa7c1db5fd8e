/**
 * Entity tags: what `ETag` says of a version and what `If-Match` on register is compared with.
 */
import type { Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import type { VersionState } from "../state/index.ts";

/** The strong ETag of a version, quotes included: its number and its content. */
export function versionEtag(version: number, guid: string): string {
  return `"${version}-${guid}"`;
}

/** The strong ETag of a content, quotes included. */
export function contentEtag(guid: string): string {
  return `"${guid}"`;
}

/** Refuses (412) when an `If-Match` header does not name the subject's latest version. */
export function ifMatchRefusal(
  header: string | undefined,
  subject: string,
  latest: VersionState | undefined,
): Refusal | undefined {
  if (header === undefined) return undefined;
  const tags = header.split(",").map((tag) => tag.trim());
  if (latest === undefined) {
    return refuse("PRECONDITION_FAILED", { detail: `Subject '${subject}' has no live version` });
  }
  const current = versionEtag(latest.version, latest.entry.content.guid);
  if (tags.includes("*") || tags.includes(current)) return undefined;
  return refuse("PRECONDITION_FAILED", {
    detail: `The latest version of subject '${subject}' is ${latest.version} with ETag ${current}, not ${header}`,
  });
}
