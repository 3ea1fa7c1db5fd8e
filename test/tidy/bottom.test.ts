/** The rooms at the bottom: what everyone may import stays small and light, and stands once. */
import { expect, test } from "vitest";
import type { SourceFile } from "./source.ts";
import { importsOf, readFiles, resolveImport, withoutComments } from "./source.ts";

const source = readFiles(["src", "codegen"], [".ts"]);

/**
 * Just above what is there. A helper belongs in base when two modules have it already; who raises
 * these numbers says in the commit what came in and which copies went.
 */
const BASE_LINES_MAX = 780;
const BASE_FILES_MAX = 11;

test(`src/base has at most ${BASE_FILES_MAX} files and ${BASE_LINES_MAX} lines`, () => {
  const files = source.filter(({ path }) => path.startsWith("src/base/"));
  const lines = files.reduce((sum, { text }) => sum + text.split("\n").length - 1, 0);
  expect(files.length).toBeLessThanOrEqual(BASE_FILES_MAX);
  expect(lines).toBeLessThanOrEqual(BASE_LINES_MAX);
});

test.each(["src/base/index.ts", "src/confluent/index.ts", "src/files/index.ts"])(
  "%s loads no package, directly or not",
  (door) => {
    expect(packagesBehind(door, source)).toEqual([]);
  },
);

test("the search for packages finds a seeded one", () => {
  const files = [
    { path: "src/a/index.ts", text: `export { b } from "./b.ts";\nimport "node:fs";` },
    { path: "src/a/b.ts", text: `import Ajv from "ajv";\nimport type { T } from "fastify";` },
  ];
  expect(packagesBehind("src/a/index.ts", files)).toEqual(["ajv"]);
});

/** What has one home; the pattern finds a copy. */
const HOMES: readonly (readonly [what: string, home: string, copy: RegExp])[] = [
  [
    "the grammar of subjects and contexts",
    "src/confluent/subjects.ts",
    /["'`]:\.(?:["'`$]|\w*:)|["'`]:\*|\^:\\\.|`:\$\{[^}`]*\}:|startsWith\(":"\)/,
  ],
  ["the compatibility levels", "src/confluent/level-names.ts", /"BACKWARD_TRANSITIVE"/],
  ["the promotions of Avro", "src/avro/promotions.ts", /\["(?:long|float|double)", \["/],
  [
    "the text of what was thrown",
    "src/base/errors.ts",
    /(\w+) instanceof Error \? \1\.message : String\(\1\)/,
  ],
  ["the order by code units", "src/base/compare.ts", /(\w+) < (\w+) \? -1/],
  ["making folders", "src/files/make-folder.ts", /\bmkdir(?:Sync)?\(/],
  [
    "the guard for objects",
    "src/base/guards.ts",
    /typeof (\w+) === "object" && \1 !== null && !Array\.isArray\(\1\)/,
  ],
  ["the plural", "src/base/counted.ts", /=== 1 \? "" : "s"/],
];

test.each(HOMES)("%s: nowhere but in %s", (_what, home, copy) => {
  expect(copiesOf(copy, source)).toEqual([home]);
});

test.each([
  [0, 'name.startsWith(":.")'],
  [0, "const root = ':.:'"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
  [0, "const key = `:${context}:`"],
  [0, 'const all = ":*:"'],
  [0, "/^:\\.[^:]*:/.exec(name)"],
  [0, 'const everything = ":.__GLOBAL:"'],
  [1, 'const LEVELS = ["NONE", "BACKWARD_TRANSITIVE"]'],
  [2, 'new Map([["long", ["int"]]])'],
  [3, "e instanceof Error ? e.message : String(e)"],
  [4, "return a < b ? -1 : 1"],
  [5, "await mkdir(folder)"],
  [6, 'typeof v === "object" && v !== null && !Array.isArray(v)'],
  [7, 'thing + (n === 1 ? "" : "s")'],
])("the search for copies finds one of row %i: %s", (row, text) => {
  const [, , copy] = HOMES[row] as (typeof HOMES)[number];
  expect(copiesOf(copy, [{ path: "src/x.ts", text }])).toEqual(["src/x.ts"]);
});

function copiesOf(copy: RegExp, files: readonly SourceFile[]): string[] {
  return files.filter(({ text }) => copy.test(withoutComments(text))).map(({ path }) => path);
}

/** Packages that are loaded when a file is; types load nothing. */
function packagesBehind(door: string, files: readonly SourceFile[]): string[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const seen = new Set<string>();
  const packages = new Set<string>();
  const open = [door];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const loaded = (texts.get(path) ?? "").replace(/^(?:import|export) type [^;]*;$/gm, "");
    for (const specifier of importsOf(loaded)) {
      const target = resolveImport(path, specifier);
      if (target !== undefined) open.push(target);
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  }
  return [...packages];
}
