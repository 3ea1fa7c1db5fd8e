/** Options that several commands have. */
import { Option } from "commander";
import { printLine } from "./print.ts";

/** `--data`: the folder of the registry's file. */
export function dataOption(): Option {
  return new Option("--data <folder>", "folder of the SQLite file")
    .env("TYPEWIRE_DATA")
    .default(".typewire");
}

/** `--json`: one JSON value on standard output instead of sentences. */
export function jsonOption(): Option {
  return new Option("--json", "print the result as JSON").default(false);
}

/** Prints the result: as JSON when that was asked for, else as lines. */
export function printResult(
  { json }: { readonly json: boolean },
  value: unknown,
  lines: readonly string[],
): void {
  for (const line of json ? [JSON.stringify(value)] : lines) printLine(line);
}
