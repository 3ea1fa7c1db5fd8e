/** What a command decides: the records to append, and the answer. */
import type { Refusal } from "../../api/index.ts";
import { answerWithin } from "../queries/index.ts";
import type { LogRecord, World } from "../state/index.ts";

/** What a decision yields: records to append (none is fine) and the caller's result. */
export interface Decision<Result> {
  readonly records: readonly LogRecord[];
  readonly result: Result;
}

/** A decision: records and the answer, or no records and a refusal. */
export type Outcome<T> = Decision<T | Refusal>;

/** A decision that writes nothing. */
export function unchanged<T>(result: T): Decision<T> {
  return { records: [], result };
}

/** Decides a request; refuses it when the budget is used up. */
export function decideWithin<T>(world: World, decide: (world: World) => Outcome<T>): Outcome<T> {
  const outcome = answerWithin(world, decide);
  return "refusal" in outcome ? unchanged(outcome) : outcome;
}
