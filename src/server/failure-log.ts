/**
 * Failures on standard error.
 *
 * Invariant: what fails for one reason, again and again (a full disk fails every write), is one line a
 * minute, which says how many there were; only what nobody foresaw has a stack.
 */
import { isTypewireError, printable } from "../base/index.ts";
import type { FailureReport } from "./settings.ts";

const EVERY_MS = 60_000;

/** What {@link createFailureLog} needs; defaults are the process's own. */
export interface FailureLogOptions {
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
  return ({ requestId, method, url, error }) => {
    const request = `${method} ${JSON.stringify(url)} (request ${requestId}) failed`;
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
