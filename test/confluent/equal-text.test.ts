import { describe, expect, test } from "vitest";
import { parseSchema, printSchema } from "../../src/avro/index.ts";
import { equalText } from "../../src/confluent/index.ts";

const textOf = (schema: object | string): string =>
  equalText(parseSchema(JSON.stringify(schema), { mode: "strict" }));

const record = (field: object, rest: object = {}): object => ({
  type: "record",
  name: "R",
  fields: [{ name: "x", type: "int", ...field }],
  ...rest,
});

describe("the text by which schemas are compared", () => {
  test.each<[string, object, object]>([
    [
      "the order of a logical type's attributes",
      { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 },
      { type: "bytes", scale: 2, precision: 9, logicalType: "decimal" },
    ],
    ["the order of a record's attributes", record({}, { b: 1, a: 2 }), record({}, { a: 2, b: 1 })],
    ["the order of a field's attributes", record({ b: 1, a: 2 }), record({ a: 2, b: 1 })],
    [
      "members inside of attributes",
      record({ p: [{ b: 1, a: { d: 1, c: 2 } }] }),
      record({ p: [{ a: { c: 2, d: 1 }, b: 1 }] }),
    ],
    [
      "the order of aliases",
      record({ aliases: ["q", "p"] }, { aliases: ["n.T", "S"] }),
      record({ aliases: ["p", "q"] }, { aliases: ["S", "n.T"] }),
    ],
    [
      "members of a map's default, inside of a union, too",
      record({ type: [{ type: "map", values: "int" }, "null"], default: { b: 1, a: 2 } }),
      record({ type: [{ type: "map", values: "int" }, "null"], default: { a: 2, b: 1 } }),
    ],
    [
      "attributes of items and values",
      { type: "array", items: { type: "map", values: { type: "int", b: 1, a: 2 }, d: 1, c: 2 } },
      { type: "array", items: { type: "map", values: { type: "int", a: 2, b: 1 }, c: 2, d: 1 } },
    ],
    ["the way a number is written", record({ p: 1000 }), record({ p: 1e3 })],
  ])("does not tell %s", (_, left, right) => {
    expect(textOf(left)).toBe(textOf(right));
  });

  test.each<[string, object, object]>([
    ["values of attributes", record({ p: 1 }), record({ p: 2 })],
    ["the order of lists", record({ p: [1, 2] }), record({ p: [2, 1] })],
    ["defaults", record({ default: 1 }), record({ default: 2 })],
    ["a default and none", record({ type: "null", default: null }), record({ type: "null" })],
    ["docs", record({ doc: "a" }), record({ doc: "b" })],
    ["an empty doc and none", record({ doc: "" }), record({})],
    ["orders", record({ order: "ignore" }), record({})],
    ["aliases", record({ aliases: ["p"] }), record({ aliases: ["q"] })],
    [
      "enum defaults",
      { type: "enum", name: "E", symbols: ["A", "B"], default: "A" },
      { type: "enum", name: "E", symbols: ["A", "B"] },
    ],
    [
      "the order of symbols",
      { type: "enum", name: "E", symbols: ["A", "B"] },
      { type: "enum", name: "E", symbols: ["B", "A"] },
    ],
  ])("tells %s", (_, left, right) => {
    expect(textOf(left)).not.toBe(textOf(right));
  });

  test("tells 1 and 1.0", () => {
    const of = (text: string): string =>
      equalText(parseSchema(`{"type":"int","p":${text}}`, { mode: "strict" }));
    expect(of("1")).not.toBe(of("1.0"));
    expect(of("1.0")).toBe(of("1.00"));
  });

  test("has the letters of the stored text, and ends for a schema that contains itself", () => {
    const schema = parseSchema(
      JSON.stringify(
        record({ type: ["null", "R"], b: { d: 1, c: 2 }, a: 1 }, { aliases: ["B", "A"] }),
      ),
      { mode: "strict" },
    );
    const letters = (text: string): string => [...text].sort().join("");
    expect(letters(equalText(schema))).toBe(letters(printSchema(schema)));
  });
});
