/** Where the conformance files are. They are not part of the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(
  import.meta.dirname,
  "../..",
  process.env["TYPEWIRE_CONFORMANCE"] ?? "../shared/conformance",
);

/** Whether a file of Avro cases is there. */
export function hasCases(name: string): boolean {
  return existsSync(path.join(root, "avro", name));
}

/** The parsed file. */
export function readCases<T>(name: string): T {
  return JSON.parse(readFileSync(path.join(root, "avro", name), "utf8")) as T;
}

/** The schema files of a folder. */
export function readSchemaFiles(folder: string): { name: string; text: string }[] {
  const directory = path.join(root, "avro", folder);
  return readdirSync(directory)
    .filter((name) => name.endsWith(".avsc"))
    .map((name) => ({ name, text: readFileSync(path.join(directory, name), "utf8") }));
}

/** What a suite's title says when the files are absent. */
export const ABSENT = "(skipped: no conformance files, set TYPEWIRE_CONFORMANCE)";

/** The text of a file, for cases that turn on how a number is written. */
export function readCaseText(name: string): string {
  return readFileSync(path.join(root, "avro", name), "utf8");
}
