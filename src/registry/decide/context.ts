/** Delete a context (X2): only an empty one; its ids stay known as used. */
import type { Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { contextRecordKey, idsRecord } from "../records.ts";
import { settingsRemoval, tombstones } from "../removal.ts";
import type { Outcome } from "../rules.ts";
import { unchanged } from "../rules.ts";
import { isReadOnly, modeInScope } from "../scope.ts";
import type { State } from "../state.ts";
import { contextKey, DEFAULT_CONTEXT } from "../subjects.ts";
import { notPermitted } from "./texts.ts";

/** Decides the deletion of a context. */
export function decideDeleteContext(state: State, name: string): Outcome<undefined> {
  const context = state.contexts.get(name);
  const refusal = checkContext(state, name, context?.subjects ?? 0);
  if (refusal !== undefined) return unchanged(refusal);
  const mark = context !== undefined && context.maxId > context.markedId;
  return {
    records: [
      ...(context?.declared ? tombstones(state, contextRecordKey(name)) : []),
      ...settingsRemoval(state, contextKey(name)),
      ...(mark ? [idsRecord(name, context.maxId)] : []),
    ],
    result: undefined,
  };
}

function checkContext(state: State, name: string, subjects: number): Refusal | undefined {
  if (name === DEFAULT_CONTEXT || subjects > 0) {
    return refuse("CONTEXT_NOT_EMPTY", { context: name });
  }
  const key = contextKey(name);
  return isReadOnly(modeInScope(state, key)) ? notPermitted(key, "read-only") : undefined;
}
