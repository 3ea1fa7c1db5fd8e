/**
 * `/contexts/{context}/…`: every route again, with its subject in that context.
 *
 * Source: Confluent's `ContextFilter`: the path's subject and the queries `subject` and
 * `subjectPrefix` are qualified, unless they already are; `config` and `mode` without a subject act
 * on the context itself.
 */
import { ALL_CONTEXTS, contextKey, contextNamed, prefixSubject } from "../confluent/index.ts";

const PREFIX = "/contexts/";

/** A path under a context, taken apart. */
export interface ContextPath {
  /** The context as its qualifier, `:.name:`; `undefined` when its name cannot be one. */
  readonly qualifier: string | undefined;
  /** The path (and query) that is left. */
  readonly rest: string;
}

/** Takes the prefix off a URL; `undefined` when there is none, or when the context itself is meant. */
export function splitContext(url: string): ContextPath | undefined {
  if (!url.startsWith(PREFIX)) return undefined;
  const end = url.indexOf("/", PREFIX.length);
  const query = url.indexOf("?");
  const isContextItself = end === -1 || (query !== -1 && query < end) || end === PREFIX.length;
  if (isContextItself || end === url.length - 1 || url.charCodeAt(end + 1) === QUESTION_MARK) {
    return undefined;
  }
  return { qualifier: qualifierOf(url.slice(PREFIX.length, end)), rest: url.slice(end) };
}

const QUESTION_MARK = 0x3f;

function qualifierOf(segment: string): string | undefined {
  let name: string | undefined;
  try {
    name = contextNamed(decodeURIComponent(segment));
  } catch {
    return undefined;
  }
  return name === undefined ? undefined : contextKey(name);
}

/** A subject in a context; one that names its context itself keeps it. */
export function qualify(qualifier: string | undefined, subject: string): string {
  const isAsItIs = qualifier === undefined || subject.startsWith(ALL_CONTEXTS);
  return isAsItIs ? subject : prefixSubject(qualifier, subject);
}
