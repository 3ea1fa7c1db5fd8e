/**
 * What is known of a request while it is answered, and what is said of one that failed.
 *
 * Invariant: what fails for one reason, again and again (a full disk fails every write), is one line a
 * minute, which says how many there were; only what nobody foresaw has a stack.
 */
import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { isTypewireError, printable } from "../base/index.ts";
import type { Principal } from "./authenticate.ts";
import type { ContextPath } from "./read-call.ts";
import type { FailureReport } from "./settings.ts";

interface RequestNote {
  /** From `performance.now`. */
  readonly startedAtMs: number;
  readonly principal: Principal;
  /** The context that the path was below; `undefined` without one. */
  context?: ContextPath | undefined;
}

const NOTE = Symbol("note");
interface Noted extends IncomingMessage {
  [NOTE]?: RequestNote;
}

export function setNote(raw: IncomingMessage, note: RequestNote): void {
  (raw as Noted)[NOTE] = note;
}

/** The note of a request that was given to the framework: the front has made one. */
export function noteOf(raw: IncomingMessage): RequestNote {
  const note = (raw as Noted)[NOTE];
  if (note === undefined) throw new Error("a request came to the framework past the front");
  return note;
}

/** Milliseconds since the request came in. */
export function elapsedMs(raw: IncomingMessage): number {
  return performance.now() - noteOf(raw).startedAtMs;
}

/** The part of a report that says who sent the request; empty for an anonymous caller. */
export function sentBy({ name }: Principal): { readonly principal?: string } {
  return name === undefined ? {} : { principal: name };
}

/** The report of a failure on a route. */
export function failureOf(request: FastifyRequest, error: unknown): FailureReport {
  const { id: requestId, method, originalUrl: url, raw } = request;
  return { requestId, method, url, ...sentBy(noteOf(raw).principal), error };
}

const EVERY_MS = 60_000;

/** What {@link createFailureLog} needs; defaults are the process's own. */
interface FailureLogOptions {
  readonly write?: (text: string) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

interface Printed {
  atMs: number;
  /** Failures since then that were not printed. */
  more: number;
}

/** Makes a log of failures. */
export function createFailureLog(options: FailureLogOptions = {}): (report: FailureReport) => void {
  const { write = (text) => process.stderr.write(text), now = () => performance.now() } = options;
  // A stack has lines of its own; all else of a text is one line.
  const print = (text: string) => write(`${text.split("\n").map(printable).join("\n")}\n`);
  const byCode = new Map<string, Printed>();
  return ({ requestId, method, url, principal, error }) => {
    const sender = principal === undefined ? "" : ` of ${JSON.stringify(principal)}`;
    const request = `${method} ${JSON.stringify(url)} (request ${requestId}${sender}) failed`;
    if (!isTypewireError(error)) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      print(`${request}: ${text}`);
      return;
    }
    const { code, message, hint } = error;
    const last = byCode.get(code);
    if (last !== undefined && now() - last.atMs < EVERY_MS) {
      last.more++;
      return;
    }
    byCode.set(code, { atMs: now(), more: 0 });
    const more = last === undefined || last.more === 0 ? "" : `; so did ${last.more} before it`;
    print(`${request}${more}: ${message}. ${hint} [${code}]`);
  };
}
