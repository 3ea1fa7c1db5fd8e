import { expect, test } from "vitest";
import type { SourceFile } from "./source.ts";
import { importsOf, packageEntries, readFiles, resolveImport, withoutComments } from "./source.ts";

const source = readFiles(["src", "codegen"], [".ts"]);
const everything = readFiles(
  ["src", "codegen", "test", "bench", "examples", "bin"],
  [".ts", ".mjs", ".js"],
);
const LINES_MAX = 500;
/** Tables of cases and generators belong together, so tests may be somewhat longer. */
const TEST_LINES_MAX = 600;

/** `bin/typewire.js` imports it by an address that is only known when it runs. */
const COMMAND = "src/cli/main.ts";

test("every source file is reached from an entry of the package", () => {
  expect(unreached([...packageEntries().values(), COMMAND], source)).toEqual([]);
});

test("the search for unreached files finds a seeded one", () => {
  const files = [
    { path: "src/a.ts", text: `import { b } from "./b.ts";` },
    { path: "src/b.ts", text: "" },
    { path: "src/dead.ts", text: `import { b } from "./b.ts";` },
  ];
  expect(unreached(["src/a.ts"], files)).toEqual(["src/dead.ts"]);
});

test(`no file has more than ${LINES_MAX} lines (tests: ${TEST_LINES_MAX})`, () => {
  const isLong = ({ path, text }: SourceFile) =>
    text.split("\n").length - 1 > (inTests(path) ? TEST_LINES_MAX : LINES_MAX);
  expect(everything.filter(isLong).map((file) => file.path)).toEqual([]);
});

/** A pattern, where it counts, and what to do instead. */
const banned: readonly (readonly [RegExp, (path: string) => boolean, string])[] = [
  [/\b(?:TODO|FIXME|XXX|HACK)\b/, everywhere, "do it, or write an issue"],
  [/^\s*\/\/ *@ts-(?:ignore|nocheck)/m, everywhere, "@ts-expect-error with a reason"],
  [/@ts-expect-error *$/m, everywhere, "say why after @ts-expect-error"],
  [/oxlint-disable(?:-next-line|-line)?(?: [\w/-]+)* *$/m, everywhere, "say why after --"],
];

/** The same, in code without its comments. */
const bannedCode: readonly (readonly [RegExp, (path: string) => boolean, string])[] = [
  [/\bprocess\.exit\(/, inLibrary, "throw, or set process.exitCode in src/cli"],
  [/\beval\(/, everywhere, "new Function in src/avro's codec, nothing elsewhere"],
  [/\bnew Function\(/, (path) => inLibrary(path) && !path.startsWith("src/avro/"), "a closure"],
  [/\bprocess\.env\b/, (path) => inLibrary(path) && !inCommands(path), "an option"],
  [/\bas any\b/, everywhere, "unknown, and narrow it"],
  [/\.only\(/, inTests, "run it with -t"],
  [/\b(?:test|it|describe)\.(?:todo|fails)\(/, inTests, "a test that holds"],
  [/\.toBe(?:Defined|Truthy)\(/, inTests, "what the value is"],
  // `not.toThrow()` is left: it fails with whatever is thrown.
  [/(?<!\bnot)\.toThrow(?:Error)?\(\)/, inTests, "what is thrown"],
  [
    /(?<![\\\w/])\/(?:\.[*+?]?|\.\*\??|\[\\s\\S\][*+]?|\^|\$|\(\?:\))\/[a-z]*(?=[\s,;)\]])/,
    inTests,
    "a pattern that something fails",
  ],
  [/\bexpect\((?:true|false|\d+|"[^"]*")\)/, inTests, "a value of the code"],
  [/\bexpect\(([\w.]+)\)\.(?:toBe|toEqual|toStrictEqual)\(\1\)/, inTests, "two values"],
  [/\.skip\(\s*(?!`[^`]*\()/, inTests, "a title that says why in brackets"],
  [/\.skipIf\([^\n]*\)\(\s*"[^"(]*"/, inTests, "a title that says why in brackets"],
];

test("no banned text is left", () => {
  const faults = everything
    .filter((file) => !file.path.startsWith("test/tidy/"))
    .flatMap((file) => [
      ...faultsOf(file, file.text, banned),
      ...faultsOf(file, withoutComments(file.text), bannedCode),
    ]);
  expect(faults).toEqual([]);
});

test.each([
  ["src/x.ts", "// TODO later"],
  ["src/x.ts", "// @ts-expect-error"],
  ["src/x.ts", "process.exit(1)"],
  ["src/kafka/x.ts", "process.env.HOME"],
  ["src/kafka/x.ts", "new Function('a')"],
  ["test/x.test.ts", 'test.only("a rule", () => {})'],
  ["test/x.test.ts", "expect(value).toBeDefined()"],
  ["test/x.test.ts", "expect(() => read()).toThrow()"],
  ["test/x.test.ts", "expect(text).toMatch(/./)"],
  ["test/x.test.ts", "expect(text).toMatch(/.*/s)"],
  ["test/x.test.ts", '["a title", bytes, /./],'],
  ["test/x.test.ts", "expect(true).toBe(one)"],
  ["test/x.test.ts", "expect(a.b).toEqual(a.b)"],
  ["test/x.test.ts", 'describe.skip("a rule", () => {})'],
  ["test/x.test.ts", 'describe.skipIf(missing)("a rule", () => {})'],
])("the search for banned text finds it in %s: %s", (path, text) => {
  const file = { path, text };
  expect([...faultsOf(file, text, banned), ...faultsOf(file, text, bannedCode)]).toHaveLength(1);
});

function faultsOf(file: SourceFile, text: string, rules: typeof banned): string[] {
  return rules
    .filter(([pattern, counts]) => counts(file.path) && pattern.test(text))
    .map(([pattern, , instead]) => `${file.path}: ${pattern.exec(text)?.[0]} (${instead})`);
}

function unreached(entries: readonly string[], files: readonly SourceFile[]): string[] {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  const reached = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const specifier of importsOf(texts.get(path) ?? "")) {
      const target = resolveImport(path, specifier);
      if (target !== undefined) open.push(target);
    }
  }
  return files.map((file) => file.path).filter((path) => !reached.has(path));
}

function everywhere(): boolean {
  return true;
}

function inLibrary(path: string): boolean {
  return (path.startsWith("src/") && !path.startsWith("src/cli/")) || path.startsWith("codegen/");
}

function inCommands(path: string): boolean {
  return path.startsWith("src/cli/") || path.startsWith("src/testing/");
}

function inTests(path: string): boolean {
  return path.startsWith("test/");
}
