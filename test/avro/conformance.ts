/**
 * The conformance cases, which Apache Avro Java 1.12.1 has judged (`test/java` asks 1.12.2): in `cases/`,
 * one case a line. The public schemas of `realworld/` are not ours to copy; they are read from outside
 * the repository.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const ours = path.join(import.meta.dirname, "cases");
const realworld = path.resolve(
  import.meta.dirname,
  "../..",
  process.env["TYPEWIRE_CONFORMANCE"] ?? "../shared/conformance",
  "avro/realworld",
);

/** A file of cases, parsed. */
export function readCases<T>(name: string): T {
  return JSON.parse(readCaseText(name)) as T;
}

/** The text of a file of cases, for those that turn on how a number is written. */
export function readCaseText(name: string): string {
  return readFileSync(path.join(ours, name), "utf8");
}

/** Whether the public schemas are there. */
export const hasPublicSchemas = existsSync(realworld);

/** What a suite's title says when they are not. */
export const PUBLIC_ABSENT = hasPublicSchemas
  ? ""
  : "(skipped: no public schemas, set TYPEWIRE_CONFORMANCE)";

/** The text of a file of the public schemas. */
export function readPublic(name: string): string {
  return readFileSync(path.join(realworld, name), "utf8");
}

/** The public schemas that stand alone. */
export function readPublicSchemas(): { name: string; text: string }[] {
  if (!hasPublicSchemas) return [];
  return readdirSync(realworld)
    .filter((name) => name.endsWith(".avsc"))
    .map((name) => ({ name, text: readPublic(name) }));
}
