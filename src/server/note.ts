/** What is known of a request before the framework sees it, kept on the request itself. */
import type { IncomingMessage } from "node:http";

export interface RequestNote {
  /** From `performance.now`. */
  readonly startedAtMs: number;
  /** Whether the path was below `/contexts/{context}`. */
  readonly inContext: boolean;
  /** The context as `:.name:`; `undefined` without one, or when its name cannot be one. */
  readonly qualifier: string | undefined;
}

const NOTE = Symbol("note");
interface Noted extends IncomingMessage {
  [NOTE]?: RequestNote;
}

export function setNote(raw: IncomingMessage, note: RequestNote): void {
  (raw as Noted)[NOTE] = note;
}

export function noteOf(raw: IncomingMessage): RequestNote | undefined {
  return (raw as Noted)[NOTE];
}

/** Milliseconds since the request came in. */
export function elapsedMs(raw: IncomingMessage): number {
  const note = noteOf(raw);
  return note === undefined ? 0 : performance.now() - note.startedAtMs;
}
