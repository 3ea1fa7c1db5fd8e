import { describe, expect, test } from "vitest";
import type { MappingOptions, RecordSchema, ValueShape } from "../../src/avro/index.ts";
import { branchTag, fieldShape, parseSchema, shapeOf } from "../../src/avro/index.ts";

const schemaOf = (json: unknown) => parseSchema(JSON.stringify(json), { mode: "strict" });
const shape = (json: unknown, mapping?: MappingOptions) => shapeOf(schemaOf(json), mapping);
const types = (json: unknown, mapping?: MappingOptions) => printed(shape(json, mapping));

function printed(value: ValueShape): readonly [string, string] | string {
  return value.kind === "scalar" ? [value.output, value.input] : value.kind;
}

const logical = (type: unknown, logicalType: string, more: object = {}) => ({
  ...(typeof type === "string" ? { type } : (type as object)),
  logicalType,
  ...more,
});
const fixed = (size: number) => ({ type: "fixed", name: "F", size });
const INT_RECORD = { type: "record", name: "A", fields: [{ name: "x", type: "int" }] };

describe("output and input types", () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: TypeScript template types as text
  test.each([
    ["null", "null", "null"],
    ["int", "number", "number"],
    ["long", "bigint", "bigint | number"],
    ["double", "number", "number"],
    ["bytes", "Uint8Array", "Uint8Array"],
    [logical("int", "date"), "`${number}-${number}-${number}`", "`${number}-${number}-${number}`"],
    [logical("int", "time-millis"), "number", "number"],
    [logical("long", "time-micros"), "number", "number | bigint"],
    [logical("long", "timestamp-millis"), "Date", "Date"],
    [logical("long", "timestamp-micros"), "bigint", "bigint | number"],
    [logical("long", "timestamp-nanos"), "bigint", "bigint | number"],
    [logical("long", "local-timestamp-micros"), "string", "string"],
    [logical("bytes", "decimal", { precision: 4, scale: 2 }), "string", "string | bigint"],
    [logical(fixed(4), "decimal", { precision: 4 }), "string", "string | bigint"],
    [logical("bytes", "big-decimal"), "string", "string | bigint"],
    [logical("int", "no-such-type"), "number", "number"],
    [logical("bytes", "decimal", { precision: 0 }), "Uint8Array", "Uint8Array"],
  ])("%j", (json, output, input) => {
    expect(types(json)).toStrictEqual([output, input]);
  });

  test("a UUID is five groups, on text and on 16 bytes", () => {
    const groups = "`${string}-${string}-${string}-${string}-${string}`";
    expect(types(logical("string", "uuid"))).toStrictEqual([groups, groups]);
    expect(types(logical(fixed(16), "uuid"))).toStrictEqual([groups, groups]);
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: end of the template types

  test("named types and containers are shapes of their own", () => {
    expect(types(INT_RECORD)).toBe("record");
    expect(types({ type: "enum", name: "E", symbols: ["A"] })).toBe("enum");
    expect(types(fixed(2))).toBe("fixed");
    expect(shape({ type: "array", items: "int" })).toMatchObject({
      kind: "array",
      items: { output: "number" },
    });
    expect(shape({ type: "map", values: "long" })).toMatchObject({
      kind: "map",
      values: { output: "bigint" },
    });
  });

  test("the mapping turns longs to numbers and logical types off", () => {
    expect(types("long", { long: "number" })).toStrictEqual(["number", "number | bigint"]);
    const micros = logical("long", "timestamp-micros");
    expect(types(micros, { long: "number" })).toStrictEqual(["bigint", "bigint | number"]);
    const raw = { long: "number", logical: "raw" } as const;
    expect(types(micros, raw)).toStrictEqual(["number", "number | bigint"]);
    expect(types(logical("int", "date"), raw)).toStrictEqual(["number", "number"]);
    expect(types(logical(fixed(12), "duration"), raw)).toBe("fixed");
  });

  test("js-type on a field reaches the longs of its type, down to the next record", () => {
    const inner = { type: "record", name: "I", fields: [{ name: "deep", type: "long" }] };
    const record = schemaOf({
      type: "record",
      name: "R",
      fields: [
        { name: "a", type: "long", "js-type": "number" },
        { name: "b", type: ["null", "long"], "js-type": "number" },
        { name: "c", type: inner, "js-type": "number" },
        { name: "d", type: "long" },
        { name: "e", type: { type: "long", "js-type": "number" } },
      ],
    }) as RecordSchema;
    const [a, b, c, d, e] = record.fields.map((field) => fieldShape(record, field));
    expect([a, d, e].map((s) => (s as { output?: string }).output)).toStrictEqual([
      "number",
      "bigint",
      "number",
    ]);
    expect(b).toMatchObject({ branches: [{}, { shape: { output: "number" } }] });
    expect(c).toStrictEqual(shapeOf(record.fields[2]?.schema as RecordSchema));
  });
});

describe("unions", () => {
  const B = { ...INT_RECORD, name: "B" };
  const E = { type: "enum", name: "E", symbols: ["X"] };
  const map = { type: "map", values: "int" };
  const array = { type: "array", items: "int" };
  const date = logical("long", "timestamp-millis");
  const decimal = logical("bytes", "decimal", { precision: 4 });

  test.each([
    [["null", "string"], false],
    [["null", "string", "long", "boolean", "bytes", INT_RECORD, array], false],
    [["null", date, INT_RECORD], false],
    [["int", date], false],
    [["int", "long"], true],
    [["long", "int"], true],
    [["long", "double"], true],
    [["int", "float"], true],
    [["float", "double"], true],
    [["string", E], true],
    [["string", logical("int", "date")], true],
    [["string", decimal], true],
    [["long", decimal], true],
    [["bytes", fixed(2)], true],
    [["bytes", logical(fixed(16), "uuid")], false],
    [[INT_RECORD, B], true],
    [[INT_RECORD, map], true],
    [[map, array], false],
    [[logical(fixed(12), "duration"), map], true],
  ])("%j is tagged: %s", (json, tagged) => {
    expect(shape(json)).toMatchObject({ kind: "union", tagged });
  });

  test("raw logical types are told apart by their base", () => {
    expect(shape(["string", decimal], { logical: "raw" })).toMatchObject({ tagged: false });
    expect(shape(["int", date], { logical: "raw" })).toMatchObject({ tagged: true });
  });

  test("tags are full names or the names of types; only records are not boxed", () => {
    const union = shape(["null", { ...INT_RECORD, namespace: "n" }, map, fixed(1), "long"]);
    expect(union).toMatchObject({
      branches: [
        { tag: "null", boxed: true },
        { tag: "n.A", boxed: false },
        { tag: "map", boxed: true },
        { tag: "F", boxed: true },
        { tag: "long", boxed: true },
      ],
    });
    expect(branchTag(schemaOf({ ...INT_RECORD, namespace: "n" }))).toBe("n.A");
  });
});
