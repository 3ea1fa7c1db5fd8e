/**
 * Ranges of the sorted subject names: a context, a prefix.
 *
 * Invariant: names of the default context are stored short, those of others begin with `:.`, so a
 * context is one range and the default context is everything around the range of `:.`.
 */

import { byUnits } from "../../base/index.ts";
import {
  ALL_CONTEXTS,
  contextKey,
  DEFAULT_CONTEXT,
  isQualified,
  QUALIFIED_FROM,
  QUALIFIED_TO,
  splitSubject,
} from "../../confluent/index.ts";
import { withPrefix } from "./sorted-names.ts";
import type { State, SubjectState } from "./state.ts";
import { contextNames } from "./state.ts";

/** Subjects of a context, by name. */
export function* subjectsOfContext(
  state: State,
  context: string,
): Generator<SubjectState, void, undefined> {
  yield* subjectsOf(state, namesIn(state, context, ""));
}

/**
 * Subjects that a `subjectPrefix` query means, by name: `:*:` is every context, `:.ctx:pre` one
 * context, any other text a prefix in the default context.
 */
export function* subjectsWithPrefix(
  state: State,
  prefix: string,
): Generator<SubjectState, void, undefined> {
  if (prefix.startsWith(ALL_CONTEXTS)) {
    yield* subjectsOf(state, namesInAll(state, prefix.slice(ALL_CONTEXTS.length)));
  } else {
    const { context, subject } = splitSubject(prefix);
    yield* subjectsOf(state, namesIn(state, context, subject));
  }
}

/** Whether a `subjectPrefix` query means a subject, or the scope key of a config or a mode. */
export function hasSubjectPrefix(name: string, prefix: string): boolean {
  const { context, subject } = splitSubject(name);
  if (prefix.startsWith(ALL_CONTEXTS)) return subject.startsWith(prefix.slice(ALL_CONTEXTS.length));
  const wanted = splitSubject(prefix);
  return context === wanted.context && subject.startsWith(wanted.subject);
}

function* namesInAll(state: State, prefix: string): Generator<string, void, undefined> {
  if (prefix === "") {
    yield* state.names.range();
    return;
  }
  // Neither the contexts' order nor the default one's place is that of the names.
  const names = contextNames(state).flatMap((context) => [...namesIn(state, context, prefix)]);
  yield* names.sort(byUnits);
}

function* namesIn(
  state: State,
  context: string,
  prefix: string,
): Generator<string, void, undefined> {
  if (context !== DEFAULT_CONTEXT) {
    yield* withPrefix(state.names, `${contextKey(context)}${prefix}`);
  } else if (prefix === "" || prefix === ":") {
    for (const name of state.names.range(prefix, QUALIFIED_FROM)) yield name;
    for (const name of state.names.range(QUALIFIED_TO)) {
      if (!name.startsWith(prefix)) return;
      yield name;
    }
  } else if (!isQualified(prefix)) {
    yield* withPrefix(state.names, prefix);
  }
}

function* subjectsOf(
  state: State,
  names: Iterable<string>,
): Generator<SubjectState, void, undefined> {
  for (const name of names) {
    const subject = state.subjects.get(name);
    if (subject !== undefined) yield subject;
  }
}
