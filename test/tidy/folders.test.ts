/** `test/` mirrors the source: where the tests of a file are, and what a test file is about. */
import { expect, test } from "vitest";
import type { SourceFile } from "./source.ts";
import { readFiles, readText, tableBelow } from "./source.ts";

const source = readFiles(["src", "codegen"], [".ts"]);
const tests = readFiles(["test"], [".test.ts", ".test-d.ts"]);
const folders = new Set(readFiles(["test"], [""]).map(({ path }) => path.split("/")[1] ?? ""));
/** Folders of `test/` that are no module: name to reason, from docs/development.md. */
const others = new Map(
  tableBelow(readText("docs/development.md"), "### Folders that are no module").map(
    ([name = "", why = ""]) => [name.replace(/^`test\/(.+)\/`$/, "$1"), why],
  ),
);

test("each folder of test/ is a module of the sources, or is listed with its reason", () => {
  const modules = new Set(source.map(({ path }) => moduleOf(path)));
  expect([...folders].filter((name) => !modules.has(name) && !others.has(name))).toEqual([]);
  expect([...others.keys()].filter((name) => modules.has(name))).toEqual([]);
  expect([...others.values()].filter((why) => !why.endsWith("."))).toEqual([]);
});

test("a test file has the name of a source file of its module, or says first what it tests", () => {
  expect(unexplained(tests, source)).toEqual([]);
});

test("the search for unexplained test files finds a seeded one", () => {
  const seeded = ["names", "names.property", "odd", "said"].map((name) => ({
    path: `test/avro/${name}.test.ts`,
    text: name === "said" ? "/** What is said. */" : "import x",
  }));
  const file = { path: "src/avro/parse/names.ts", text: "" };
  expect(unexplained(seeded, [file])).toEqual(["test/avro/odd.test.ts"]);
});

function unexplained(files: readonly SourceFile[], sources: readonly SourceFile[]): string[] {
  const names = new Set(sources.map(({ path }) => `${moduleOf(path)}/${nameOf(path)}`));
  return files
    .filter(({ path, text }) => {
      const folder = path.split("/")[1] ?? "";
      return (
        !text.startsWith("/**") && !others.has(folder) && !names.has(`${folder}/${nameOf(path)}`)
      );
    })
    .map(({ path }) => path);
}

function moduleOf(path: string): string {
  return path.startsWith("src/") ? (path.split("/")[1] ?? "") : (path.split("/")[0] ?? "");
}

/** A file's name without its endings: `lanes` of `lanes.kafka.test.ts`. */
function nameOf(path: string): string {
  return (path.split("/").at(-1) ?? "").split(".")[0] ?? "";
}
