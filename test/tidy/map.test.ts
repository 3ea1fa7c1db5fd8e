import { expect, test } from "vitest";
import type { SourceFile } from "./source.ts";
import { readFiles, readText, sectionOf } from "./source.ts";

const HEADING = "## File map";
const source = readFiles(["src", "codegen"], [".ts"]);

test("every source file says first what it is", () => {
  expect(source.filter((file) => purposeOf(file) === "").map((file) => file.path)).toEqual([]);
});

/** The map is written from the files' first comments: `npm run tidy`. */
test("the file map of ARCHITECTURE.md is what the files say of themselves", async () => {
  const page = readText("ARCHITECTURE.md");
  await expect(pageWithMap(page)).toMatchFileSnapshot("../../ARCHITECTURE.md");
});

test.each([
  ["/** One sentence. And another. */", "One sentence."],
  ["/**\n * Of two\n * lines\n *\n * Invariants: none\n */", "Of two lines."],
  ["/** Names: what is valid.\n * Invariants:\n * - a */", "Names: what is valid."],
  ["/** Whether {@link a} fits e.g.1; see `b.c`. */", "Whether `a` fits e.g.1; see `b.c`."],
  ["const a = 1;", ""],
])("%j says: %s", (text, purpose) => {
  expect(purposeOf({ path: "src/x.ts", text })).toBe(purpose);
});

function pageWithMap(page: string): string {
  const folders = new Map<string, string[]>();
  for (const file of source) {
    const [top = "", second = ""] = file.path.split("/");
    const folder = top === "src" && !second.endsWith(".ts") ? `${top}/${second}/` : `${top}/`;
    const lines = folders.get(folder) ?? [];
    lines.push(`- \`${file.path}\`: ${purposeOf(file)}`);
    folders.set(folder, lines);
  }
  const parts = [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([folder, lines]) => `### ${folder}\n\n${lines.join("\n")}\n`);
  const old = sectionOf(page, HEADING);
  const intro = old.split(/^### /m, 1)[0]?.trim() ?? "";
  const map = `\n${[intro, ...parts]
    .filter((part) => part !== "")
    .join("\n\n")
    .replace(/\n{3,}/g, "\n\n")}\n`;
  return old === ""
    ? `${page.trimEnd()}\n\n${HEADING}\n${map.trimEnd()}\n`
    : page.replace(old, () => map).replace(/\n+$/, "\n");
}

/** The first sentence of the first documentation comment. */
function purposeOf({ text }: SourceFile): string {
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  const prose = comment
    .replace(/^\s*\* ?/gm, "")
    .trim()
    .split(/\n\n|\n(?=Invariants?\b|@|- )/)[0]
    ?.replace(/\s+/g, " ")
    .replace(/\{@link (\w+)\}/g, "`$1`");
  const sentence = /^.*?\.(?= [A-Z`{]|$)/.exec(prose ?? "")?.[0] ?? prose ?? "";
  return sentence === "" || sentence.endsWith(".")
    ? sentence
    : `${sentence.replace(/[:;,]$/, "")}.`;
}
