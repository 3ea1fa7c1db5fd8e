/**
 * Register several schemas, all or none.
 *
 * Invariant: each item is decided as if the items before it were registered already, so they may
 * refer to each other in order; the records of all are one append.
 */
import type { Refusal, RegisterSchemaRequest, RegisterSchemaResponse } from "../../api/index.ts";
import { isRefusal } from "../../api/index.ts";
import type { LogRecord, World } from "../state/index.ts";
import type { Decision } from "./outcome.ts";
import { decideRegister } from "./register.ts";
import { speculate } from "./speculate.ts";

/** One registration of a batch. */
export interface BatchItem {
  readonly subject: string;
  readonly body: RegisterSchemaRequest;
  readonly normalize?: boolean;
  readonly force?: boolean;
}

/** What became of the items of a batch, in their order. */
export interface BatchResult {
  /** Whether everything was written; false for a dry run and when any item was refused. */
  readonly isApplied: boolean;
  /** An item after a refused one is decided as if the refused one were not there. */
  readonly items: readonly (RegisterSchemaResponse | Refusal)[];
}

/** What to register together. */
export interface BatchCommand {
  readonly items: readonly BatchItem[];
  readonly dryRun: boolean;
  /** Gives a subject the registry's spelling, its alias resolved. */
  readonly subjectOf: (text: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How long the reasons of all refusals may be together, in characters; the last ones are cut. */
const ANSWER_CHARS_MAX = 1_000_000;

/** Many small items can each have a long reason: an old schema is quoted in every one. */
function fitted<T>(answer: T | Refusal, room: { chars: number }): T | Refusal {
  if (!isRefusal(answer) || answer.refusal !== "INCOMPATIBLE_SCHEMA") return answer;
  const details = String(answer.params["details"]);
  const shown = details.slice(0, Math.max(room.chars, 0));
  room.chars -= shown.length;
  if (shown.length === details.length) return answer;
  return { ...answer, params: { ...answer.params, details: `${shown}...` } };
}

/** Decides a batch. */
export function decideBatch(
  world: World,
  { items, dryRun, subjectOf, now }: BatchCommand,
): Decision<BatchResult> {
  const records: LogRecord[] = [];
  const answers: (RegisterSchemaResponse | Refusal)[] = [];
  const room = { chars: ANSWER_CHARS_MAX };
  speculate(world.state, (speculation) => {
    for (const { subject, body, normalize = false, force = false } of items) {
      const decision = decideRegister(world, {
        subject: subjectOf(subject),
        body,
        normalize,
        force,
        ifMatch: undefined,
        now,
      });
      speculation.apply(decision.records);
      records.push(...decision.records);
      answers.push(fitted(decision.result, room));
    }
  });
  const isApplied = !dryRun && !answers.some((answer) => isRefusal(answer));
  return { records: isApplied ? records : [], result: { isApplied, items: answers } };
}
