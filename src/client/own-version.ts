/**
 * The version of a subject itself, where an alias may stand in front of it.
 *
 * Invariants:
 * - A registry replaces an alias in every path, and in no reference: a reference means the versions
 *   of the very subject that it names. So an answer counts only when it is of that subject.
 * - Lists by prefix know no alias, in Confluent's registry and in ours: what an alias hides is found
 *   there. A registry without that list has no aliases either.
 */
import { splitSubject } from "../confluent/index.ts";
import { readSubjectSchema } from "./answers.ts";
import { clientErrors } from "./errors.ts";
import { contextAt } from "./paths.ts";
import { refusalOf } from "./refusal.ts";
import type { Transport } from "./transport.ts";
import type { RegistryClient, SubjectSchema, VersionName } from "./types.ts";

/** Entries of one page; registries answer at most as many. */
const PAGE = 1_000;
/** Pages that are looked through. */
const PAGES_MAX = 100;

/** Makes the call that finds a subject's own version, deleted or not. */
export function createOwnVersion(
  { send, url }: Transport,
  fetchVersion: RegistryClient["version"],
): (subject: string, name: VersionName) => Promise<SubjectSchema> {
  const listed = async (subject: string, version: number): Promise<SubjectSchema | undefined> => {
    for (let page = 0; page < PAGES_MAX; page++) {
      const query = { subjectPrefix: subject, deleted: true, offset: page * PAGE, limit: PAGE };
      const entries = await send("GET", "/schemas", { query }, readList);
      const found = entries
        .map(readSubjectSchema)
        .find((one) => one?.version === version && hasName(one.subject, subject));
      if (found !== undefined || entries.length < PAGE) return found;
    }
    return undefined;
  };
  const isRight = (answer: SubjectSchema | Error, subject: string): boolean =>
    !(answer instanceof Error) && isOf(answer.subject, subject, url());
  return async (subject, name) => {
    const answer = await fetchVersion(subject, name, { deleted: true }).catch(notThere);
    if (name === "latest" || isRight(answer, subject)) return given(answer);
    const found = await listed(subject, name).catch((error: unknown) => {
      const status = refusalOf(error)?.status;
      if (status === 404 || status === 405) return given(answer);
      throw error;
    });
    if (found !== undefined) return found;
    if (answer instanceof Error) throw answer;
    const reason = `the registry answers with subject ${answer.subject}, and lists no version ${name} of its own`;
    const details = { schema: `subject ${subject} version ${name}`, reason };
    throw clientErrors.create("CLIENT_REFERENCES_UNRESOLVED", details);
  };
}

/** What an alias stands for need not be there. */
function notThere(error: unknown): Error {
  if (error instanceof Error && refusalOf(error)?.status === 404) return error;
  throw error;
}

function given(answer: SubjectSchema | Error): SubjectSchema {
  if (answer instanceof Error) throw answer;
  return answer;
}

function isOf(answered: string, asked: string, url: string): boolean {
  // Answers name every context but the default one.
  return hasName(answered, asked) && contextAt("", answered) === contextAt(url, asked);
}

/** Whether two subjects have one name, in whatever context. */
function hasName(subject: string, other: string): boolean {
  return splitSubject(subject).subject === splitSubject(other).subject;
}

function readList(body: unknown): readonly unknown[] | undefined {
  return Array.isArray(body) ? body : undefined;
}
