/**
 * The version in a path, as a client writes it.
 *
 * Invariants (Confluent's): trimmed of blanks and control characters; `latest` in any case
 * and -1 mean the highest live version, whatever `deleted` says; otherwise a number from 1 to 2^31-1,
 * which may have a sign and leading zeros.
 */
import type { Refusal } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import type { State, VersionState } from "../state/index.ts";
import { findVersion, latestVersion } from "../state/index.ts";

const VERSION_MAX = 2 ** 31 - 1;
const VERSION_MIN = -(2 ** 31);

/** Removes blanks and control characters at both ends; a regular expression would take quadratic time. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

/** Reads a version; -1 is the latest. */
export function parseVersion(text: string): number | Refusal {
  const trimmed = trim(text);
  if (trimmed.toLowerCase() === "latest") return -1;
  const number = /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (number === -1 || (number >= 1 && number <= VERSION_MAX)) return number;
  // The message shows a 32-bit number in its plain form, any other text as the client wrote it.
  const isNumber = number <= 0 && number >= VERSION_MIN;
  return refuse("INVALID_VERSION", { version: isNumber ? String(number) : text });
}

/** The version that a path names; a refusal when there is none. */
export function findByText(
  state: State,
  name: string,
  text: string,
  { deleted }: { readonly deleted: boolean },
): VersionState | Refusal {
  const number = parseVersion(text);
  if (isRefusal(number)) return number;
  const subject = state.subjects.get(name);
  if (subject === undefined || (subject.live === 0 && !deleted)) {
    return refuse("SUBJECT_NOT_FOUND", { subject: name });
  }
  const found = number === -1 ? latestVersion(subject) : findVersion(subject, number);
  if (found === undefined || (found.deleted && !deleted)) {
    return refuse("VERSION_NOT_FOUND", { version: number });
  }
  return found;
}
