import { expect, test } from "vitest";
import type { GenerateInput } from "../../codegen/index.ts";
import { generate } from "../../codegen/index.ts";
import { cases, record, source } from "./cases.ts";

const warningsOf = (schema: unknown): readonly string[] =>
  generate({ schemas: [source("s-value", schema)], topics: [] }).warnings;

const table: [rule: string, schema: unknown, warnings: string[]][] = [
  ["a schema without doubtful places has none", record("R", { a: "int" }), []],
  [
    "a logical type on a wrong base is ignored, and said so",
    record("x.R", { a: ["null", { type: "string", logicalType: "date" }] }),
    ["field a of x.R: logical type date does not apply to string and is ignored"],
  ],
  [
    "so is an unknown one, in arrays, in maps and at the root",
    { type: "map", values: { type: "array", items: { type: "int", logicalType: "shout" } } },
    ["the root: logical type shout does not apply to int and is ignored"],
  ],
  [
    "so is one on a fixed type, once",
    record("R", {
      a: { type: "fixed", name: "F", size: 3, logicalType: "duration" },
      b: "F",
    }),
    ["F: logical type duration does not apply to fixed and is ignored"],
  ],
  [
    "a record that must contain itself has no value",
    record("R", { r: "R" }),
    ["record R contains itself without end, so it has no value"],
  ],
  [
    "nor have records that must contain each other",
    record("A", { b: record("B", { a: ["A", "B"] }) }),
    [
      "record A contains itself without end, so it has no value",
      "record B contains itself without end, so it has no value",
    ],
  ],
  [
    "a list, a map or null ends the chain",
    record("R", {
      a: ["null", "R"],
      b: { type: "array", items: "R" },
      c: { type: "map", values: "R" },
    }),
    [],
  ],
];

test.each(table)("%s", (_, schema, warnings) => {
  expect(warningsOf(schema)).toEqual(warnings.map((warning) => `s-value: ${warning}`));
});

test("a name that references use for two versions, with both ways, once", () => {
  expect(generate(cases["two-versions"] as GenerateInput).warnings).toEqual([
    "all-value: references lead to two versions of shared.Money: subject invoice version 1 → subject money version 2 counts, subject order version 1 → subject money version 1 does not",
  ]);
});
