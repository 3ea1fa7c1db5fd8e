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
  [
    "a logical type beside a field's type is said to belong into it",
    '{"type":"record","name":"x.R","fields":[{"name":"at","type":"long","logicalType":"timestamp-millis"}]}',
    [
      'x.R.at: "logicalType" beside the type of a field has no effect, it belongs into the type: "type": {"type": "long", "logicalType": "timestamp-millis"}',
    ],
  ],
  [
    "so is one beside a union",
    '{"type":"record","name":"R","fields":[{"name":"at","type":["null","long"],"logicalType":"date"}]}',
    [
      'R.at: "logicalType" beside the type of a field has no effect, it belongs into the type: "type": {"type": "…", "logicalType": "date"}',
    ],
  ],
  [
    "one that is in both places is not",
    '{"type":"record","name":"R","fields":[{"name":"d","type":{"type":"int","logicalType":"date"},"logicalType":"date"}]}',
    [],
  ],
  [
    "a default inside of the type is said to belong beside it",
    '{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"string","default":"x"}}]}',
    ['R.a: "default" inside of the type has no effect; it belongs beside the type of the field'],
  ],
  [
    "an empty union is the reason why its record has no value",
    '{"type":"record","name":"R","fields":[{"name":"e","type":[]}]}',
    [
      "field e of R is an empty union, which has no value",
      "record R has no value, because its field e has none",
    ],
  ],
  [
    "in a list or a map it leaves the record its values",
    record("R", { a: { type: "array", items: [] }, b: { type: "map", values: [] } }),
    [
      "an item of field a of R is an empty union, which has no value",
      "a value of field b of R is an empty union, which has no value",
    ],
  ],
  ["at the root it is said", "[]", ["the root is an empty union, which has no value"]],
  [
    "so is an enum without symbols, and what needs it, through other records",
    record("R", {
      a: record("A", { e: { type: "enum", name: "E", symbols: [] } }),
      maybe: ["null", "A"],
    }),
    [
      "record R has no value, because its field a has none",
      "record A has no value, because its field e has none",
      "enum E has no symbols, so it has no value",
    ],
  ],
  [
    "an enum without symbols as the only branch",
    record("R", { a: [{ type: "enum", name: "E", symbols: [] }] }),
    [
      "record R has no value, because its field a has none",
      "enum E has no symbols, so it has no value",
    ],
  ],
  [
    "what needs an endless record has no end of its own",
    record("R", { a: record("A", { a: "A" }) }),
    [
      "record R has no value, because its field a has none",
      "record A contains itself without end, so it has no value",
    ],
  ],
  [
    "a decimal of more digits than the codec handles",
    record("x.R", { a: ["null", { type: "bytes", logicalType: "decimal", precision: 1001 }] }),
    [
      'x.R.a: a decimal of precision 1001 is larger than the codec handles; map the field to "raw" in codegen.mapping.fields',
    ],
  ],
  [
    "a default that can't be used",
    record("x.R", { a: { type: { type: "string", logicalType: "uuid" }, default: "" } }),
    [
      `x.R.a: the default "" can't be used: it is text that is no UUID; writers have to give the field, and data without it can't be read`,
    ],
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
