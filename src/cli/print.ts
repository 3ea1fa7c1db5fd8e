/**
 * Where commands write: lines on standard output (results) and on standard error (progress, errors).
 *
 * Invariant: text of a schema or a server passes {@link printable} on its way to a terminal, because
 * nothing in this folder or in `codegen/` writes to the process in another way.
 */
import { printable } from "../base/index.ts";

/** Prints one line of the result. */
export function printLine(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Prints one line that is not the result. */
export function printAside(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}
