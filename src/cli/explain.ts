import { isTypewireError } from "../errors.ts";

/** An error as one line for a terminal: what failed, then the next step. */
export function explain(error: unknown): string {
  if (isTypewireError(error)) return `${error.message}. ${error.hint} [${error.code}]`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
