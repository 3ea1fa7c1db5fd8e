/** Doc comments of what users can import. */
import { expect, test } from "vitest";
import { packageEntries, readFiles, readText, resolveImport } from "./source.ts";

/** What a newcomer calls first, each with an `@example`; `test/docs` compiles and runs them. */
const CALLED_FIRST = [
  ...["createRegistryClient", "refusalOf", "isTypewireError", "topic", "renamed", "avroType"],
  ...["createProducer", "createConsumer", "createAdmin", "partitionBy", "startEmbeddedKafka"],
  ...["createRegistryServer", "startTestEnvironment", "generate", "runCodegen"],
  ...["parseSchema", "printSchema", "createCodec", "createEncoder", "createDecoder"],
  ...["checkCompatibility", "satisfiedLevels", "diffSchemas"],
  ...["readContainer", "writeContainer", "createSingleObjectCodec"],
];

const DECLARED =
  "^export (?:async |abstract |declare )*(?:function\\*?|const|let|class|interface|type) NAME\\b";

const names = [...packageEntries().values()].flatMap((path) =>
  exportedFrom(path).map((name) => ({ name, doc: docOf(path, name) })),
);
const sources = readFiles(["src", "codegen"], [".ts"]);

test("every public name has a doc comment", () => {
  expect(names.filter(({ doc }) => doc === "").map(({ name }) => name)).toEqual([]);
});

test("what a newcomer calls has an example, and is public", () => {
  const known = new Map(names.map(({ name, doc }) => [name, doc ?? ""]));
  expect(CALLED_FIRST.filter((name) => !known.get(name)?.includes("@example"))).toEqual([]);
});

test("every example is a block of TypeScript, which the test of the documents compiles", () => {
  const bare = sources.filter(({ text }) => / \* @example(?!\n \* ```ts\n)/.test(text));
  expect(bare.map(({ path }) => path)).toEqual([]);
});

test("errors are named behind `@throws`, without quotes", () => {
  const odd = sources.flatMap(({ path, text }) =>
    (text.match(/@throws `.*|\b(?:Throws|Rejects) (?:with |as |what )?[`A-Z{].*/g) ?? []).map(
      (line) => `${path}: ${line}`,
    ),
  );
  expect(odd).toEqual([]);
});

test("the errors behind `@throws` are rows of a table", () => {
  const tables = sources.filter(({ path }) => /\/errors\.ts$/.test(path));
  const rows = new Set(
    tables.flatMap(({ text }) => text.match(/^ {2}[A-Z]+_[A-Z_\d]+(?=: \{)/gm) ?? []),
  );
  const codes = new Set([...rows].map((row) => row.trim()));
  expect(codes.size).toBeGreaterThan(50);
  const unknown = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/@throws ((?:(?! \* @|\*\/)[\s\S])*)/g)].flatMap(([, said = ""]) =>
      (said.match(/\b[A-Z]+_[A-Z_\d]+\b/g) ?? [])
        .filter((code) => !codes.has(code))
        .map((code) => `${path}: ${code}`),
    ),
  );
  expect(unknown).toEqual([]);
});

test("doc comments are found through re-exports, and a missing one is seen", () => {
  expect(docIn("/** A. */\nexport function a() {}", "a")).toBe("/** A. */");
  expect(docIn("/** A. */\n// biome-ignore lint: x\nexport type B = 1;", "B")).toBe("/** A. */");
  expect(docIn("/** Of another. */\nconst x = 1;\nexport const c = 1;", "c")).toBe("");
  expect(names.length).toBeGreaterThan(150);
});

/** The names that a file declares or lists. */
function exportedFrom(path: string): string[] {
  const text = readText(path);
  const listed = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = ""]) =>
    list.split(",").map((item) => /(\w+)\s*$/.exec(item)?.[1] ?? ""),
  );
  const declared = [...text.matchAll(new RegExp(DECLARED.replace("NAME", "(\\w+)"), "gm"))];
  return [...listed, ...declared.map(([, name = ""]) => name)].filter((name) => name !== "");
}

/** The doc comment of a name, looked for where it is declared; undefined for a package's own. */
function docOf(path: string, name: string): string | undefined {
  const text = readText(path);
  for (const [, list = "", from = ""] of text.matchAll(
    /^export (?:type )?\{([^}]*)\} from "([^"]+)"/gm,
  )) {
    const item = list.split(",").find((each) => new RegExp(`\\b${name}\\s*$`).test(each.trim()));
    if (item === undefined) continue;
    const target = resolveImport(path, from);
    const original = /(\w+) as \w+\s*$/.exec(item)?.[1] ?? name;
    return target === undefined ? undefined : docOf(target, original);
  }
  return docIn(text, name);
}

function docIn(text: string, name: string): string {
  const at = new RegExp(DECLARED.replace("NAME", name), "m").exec(text)?.index ?? 0;
  const above = text.slice(0, at).replace(/(?:\/\/.*\n)+$/, "");
  return /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n$/.exec(above)?.[0].trim() ?? "";
}
