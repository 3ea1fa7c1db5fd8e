/** Confluent's sentences about what is not permitted. */
import type { Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { contextKey, DEFAULT_CONTEXT, GLOBAL_KEY, splitSubject } from "../../confluent/index.ts";

/** `Subject … in context … is in read-only mode`, or `is not in … mode`. */
export function notPermitted(key: string, mode: string, missing = false): Refusal {
  const subject = key === GLOBAL_KEY ? "null" : key;
  const context = contextText(key);
  return refuse("OPERATION_NOT_PERMITTED", {
    detail: `Subject ${subject} in context ${context} is ${missing ? "not " : ""}in ${mode} mode`,
  });
}

/** The context of a name as Confluent's sentences have it: with its colons, the default one empty. */
export function contextText(name: string): string {
  const { context } = splitSubject(name);
  return context === DEFAULT_CONTEXT ? "" : contextKey(context);
}
