/** Every error table of the sources, and the one of the HTTP API. */
import type { RefusalRow } from "../../src/api/index.ts";
import { refusalRows } from "../../src/api/index.ts";
import type { ErrorRow, ErrorRows, ErrorTable } from "../../src/base/index.ts";
import { readFiles, urlOf } from "../tidy/source.ts";

/** The table of one module. */
export interface ModuleErrors {
  readonly module: string;
  readonly path: string;
  readonly rows: Readonly<Record<string, ErrorRow>>;
}

/** The tables of `src/<module>/errors.ts` and `codegen/errors.ts`. */
export async function readModuleTables(): Promise<ModuleErrors[]> {
  const files = readFiles(["src", "codegen"], ["/errors.ts"]).filter(
    (file) => file.path !== "src/base/errors.ts",
  );
  return Promise.all(
    files.map(async ({ path }) => {
      // A table may be in a room of its module.
      const module = path.replace(/^src\//, "").split("/", 1)[0] ?? "";
      const exported = (await import(urlOf(path))) as Record<string, unknown>;
      const table = exported[`${module}Errors`] as ErrorTable<ErrorRows> | undefined;
      if (table === undefined) throw new Error(`${path} does not export ${module}Errors`);
      return { module, path, rows: table.rows };
    }),
  );
}

/** A row as the judge needs it: its code or name, and what in a test counts as naming it. */
export interface JudgedRow {
  readonly code: string;
  isNamedIn(text: string): boolean;
}

/** The rows of all tables. */
export async function readJudgedRows(): Promise<JudgedRow[]> {
  const codes = (await readModuleTables()).flatMap(({ rows }) => Object.keys(rows));
  const refusals = Object.entries(refusalRows).map(([code, row]): JudgedRow => {
    const expected = expectationOf(row);
    return { code, isNamedIn: (text) => isQuoted(code, text) || expected.test(text) };
  });
  return [
    ...codes.map((code) => ({ code, isNamedIn: (text: string) => isQuoted(code, text) })),
    ...refusals,
  ];
}

function isQuoted(code: string, text: string): boolean {
  return new RegExp(`(?<!\\w)${code}(?!\\w)`).test(text);
}

/** The number and, later in the line, the message with anything for its parameters. */
function expectationOf({ errorCode, message }: RefusalRow): RegExp {
  const words = message.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`\\b${errorCode}\\b.*${words.join(".+")}`);
}
