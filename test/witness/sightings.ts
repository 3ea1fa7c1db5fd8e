/**
 * The judgement of the notes: which rows were made by no test, or by none that names them. A test file
 * names what stands in it, in the test modules that it imports, and in the tables when it runs those.
 */
import type { SourceFile } from "../tidy/source.ts";
import { importsOf, resolveImport } from "../tidy/source.ts";
import type { JudgedRow } from "./rows.ts";

/** That a row's error was made while a test file ran. */
export interface Note {
  readonly code: string;
  /** The path of the test file from the root. */
  readonly file: string;
}

/** What each row lacks, one line a row. */
export function complaintsOf(
  rows: readonly JudgedRow[],
  notes: readonly Note[],
  textOf: (file: string) => string,
): string[] {
  return rows.flatMap(({ code, isNamedIn }) => {
    const files = notes.filter((note) => note.code === code).map(({ file }) => file);
    if (files.length === 0) return [`${code}: no test makes it`];
    if (files.some((file) => isNamedIn(textOf(file)))) return [];
    return [`${code}: made, and not named, in ${files.join(", ")}`];
  });
}

/** The text of a test file together with everything that it takes its cases from. */
export function textsOf(files: readonly SourceFile[]): (file: string) => string {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const tables = files.filter(({ path }) => path.endsWith(".table")).map(({ text }) => text);
  const known = new Map<string, string>();
  return (file) => {
    const found = known.get(file) ?? [...reached(file, texts), ...tablesFor(file)].join("\n");
    known.set(file, found);
    return found;
  };

  function tablesFor(file: string): string[] {
    const runs = [...reachedPaths(file, texts)].some((path) => path.startsWith("test/tables/"));
    return runs ? tables : [];
  }
}

function reached(file: string, texts: ReadonlyMap<string, string>): string[] {
  return [...reachedPaths(file, texts)].map((path) => texts.get(path) ?? "");
}

function reachedPaths(start: string, texts: ReadonlyMap<string, string>): Set<string> {
  const paths = new Set<string>();
  const open = [start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (paths.has(path) || !texts.has(path)) continue;
    paths.add(path);
    for (const specifier of importsOf(texts.get(path) ?? "")) {
      const target = resolveImport(path, specifier);
      if (target?.startsWith("test/")) open.push(target);
    }
  }
  return paths;
}
