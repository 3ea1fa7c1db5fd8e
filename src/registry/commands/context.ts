/**
 * Deletes a context, which must be empty; its ids stay known as used.
 *
 * Its level and mode stay as well, because both can exist without any schema.
 */
import { refuse } from "../../api/index.ts";
import {
  contextKey,
  contextNamed,
  DEFAULT_CONTEXT,
  EVERYTHING_CONTEXT,
} from "../../confluent/index.ts";
import type { State } from "../state/index.ts";
import { contextRecordKey, idsRecord } from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import { tombstones } from "./removal.ts";

/** Decides the deletion of a context, named as the client wrote it. */
export function decideDeleteContext(state: State, text: string): Outcome<undefined> {
  const name = contextNamed(text);
  if (name === undefined) return unchanged(refuse("INVALID_CONTEXT", { context: text }));
  if (!isEmpty(state, name)) {
    return unchanged(refuse("CONTEXT_NOT_EMPTY", { context: contextKey(name) }));
  }
  const context = state.contexts.get(name);
  const mark = context !== undefined && context.maxId > context.markedId;
  return {
    records: [
      ...(context?.declared ? tombstones(state, contextRecordKey(name)) : []),
      ...(mark ? [idsRecord(name, context.maxId)] : []),
    ],
    result: undefined,
  };
}

/** The default context is always there, and everything is as empty as all contexts together. */
function isEmpty(state: State, name: string): boolean {
  if (name === DEFAULT_CONTEXT) return false;
  if (name === EVERYTHING_CONTEXT) return state.subjects.size === 0;
  return (state.contexts.get(name)?.subjects ?? 0) === 0;
}
