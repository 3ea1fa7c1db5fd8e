import { expect, test } from "vitest";
import type { JudgedRow } from "./rows.ts";
import { readJudgedRows } from "./rows.ts";
import { complaintsOf, textsOf } from "./sightings.ts";

const row = (code: string): JudgedRow => ({ code, isNamedIn: (text) => text.includes(code) });

test("a row that no test makes is told, and so is one that only unnamed tests make", () => {
  const notes = [
    { code: "B_SEEN", file: "test/b.test.ts" },
    { code: "C_BY_CHANCE", file: "test/b.test.ts" },
  ];
  const rows = [row("A_DEAD"), row("B_SEEN"), row("C_BY_CHANCE")];
  const textOf = (file: string) => (file === "test/b.test.ts" ? `code: "B_SEEN"` : "A_DEAD");
  expect(complaintsOf(rows, notes, textOf)).toEqual([
    "A_DEAD: no test makes it",
    "C_BY_CHANCE: made, and not named, in test/b.test.ts",
  ]);
});

test("a test names what stands in the modules that it imports, and in the tables that it runs", () => {
  const textOf = textsOf([
    { path: "test/a/a.test.ts", text: `import { b } from "./b.ts";\n// ONE` },
    { path: "test/a/b.ts", text: `import { run } from "../tables/run.ts";\n// TWO` },
    { path: "test/a/c.ts", text: "// THREE" },
    { path: "test/tables/run.ts", text: "" },
    { path: "test/tables/x.table", text: "FOUR" },
  ]);
  const named = (file: string) =>
    ["ONE", "TWO", "THREE", "FOUR"].filter((word) => textOf(file).includes(word));
  expect(named("test/a/a.test.ts")).toEqual(["ONE", "TWO", "FOUR"]);
  expect(named("test/a/c.ts")).toEqual(["THREE"]);
});

test("a refusal is named by its name, or by its number with its text", async () => {
  const refusal = (await readJudgedRows()).find(({ code }) => code === "SUBJECT_NOT_FOUND");
  const texts = [
    "SUBJECT_NOT_FOUND",
    "-> 40401 Subject 's' not found.",
    "NO_SUBJECT_NOT_FOUND",
    "-> 40401",
    "-> 40402 Subject 's' not found.",
  ];
  expect(texts.filter((text) => refusal?.isNamedIn(text))).toEqual(texts.slice(0, 2));
});
