/** `codegen.mapping.fields`: single fields mapped to their base types. */
import { describe, expect, test } from "vitest";
import type { CodegenMapping } from "../../codegen/index.ts";
import { findConfigProblems, generate } from "../../codegen/index.ts";
import { createCodec, createDecoder, parseSchema } from "../../src/avro/index.ts";
import { record, source } from "./cases.ts";

const INSTANT = { type: "long", logicalType: "timestamp-millis" };
const ORDER = record("com.example.Order", {
  placedAt: INSTANT,
  expiresAt: ["null", INSTANT],
  history: { type: "array", items: INSTANT },
  item: record("Item", { expiresAt: INSTANT }),
});
const PATHS = ["com.example.Order.expiresAt", "com.example.Order.history"];
const RAW: CodegenMapping = { fields: Object.fromEntries(PATHS.map((path) => [path, "raw"])) };

const generated = (mapping: CodegenMapping, schema: unknown = ORDER): string =>
  generate({
    schemas: [source("orders-value", schema)],
    topics: [],
    options: { mapping },
  }).files.get("subjects/orders-value.ts") ?? "";

/** PostgreSQL's `infinity`, as change data capture writes it. */
const INFINITY = 9_223_372_036_825_200_000n;

describe("raw for single fields", () => {
  const schema = parseSchema(JSON.stringify(ORDER), { mode: "strict" });

  test("is printed, down to the next record, and rides on the descriptor", () => {
    const text = generated(RAW);
    expect(text).toContain("  placedAt: Date;\n  expiresAt: bigint | null;\n  history: bigint[];");
    expect(text).toContain("export interface Item {\n  expiresAt: Date;\n}");
    expect(text).toContain(
      'mapping: {\n    fields: {\n      "com.example.Order.expiresAt": "raw",\n      "com.example.Order.history": "raw",\n    },\n  },',
    );
  });

  test("names only fields that the subject has, on its descriptor", () => {
    const other = record("x.Other", { at: INSTANT });
    const { files } = generate({
      schemas: [source("orders-value", ORDER), source("other-value", other)],
      topics: [],
      options: { mapping: { ...RAW, long: "number" } },
    });
    expect(files.get("subjects/other-value.ts")).toContain('mapping: { long: "number" },');
    expect(files.get("subjects/orders-value.ts")).toContain('mapping: {\n    long: "number",');
  });

  test.each([true, false])("is what the codec does (compile: %s)", (compile) => {
    const codec = createCodec(schema, { mapping: RAW, compile });
    const value = {
      placedAt: new Date(1),
      expiresAt: INFINITY,
      history: [INFINITY, 2n],
      item: { expiresAt: new Date(3) },
    };
    expect(codec.fromBuffer(codec.toBuffer(value))).toStrictEqual(value);
  });

  test("without it the error names the field, the value and the way out", () => {
    const raw = createCodec(schema, { mapping: RAW });
    const bytes = raw.toBuffer({
      placedAt: new Date(1),
      expiresAt: INFINITY,
      history: [],
      item: { expiresAt: new Date(3) },
    });
    expect(() => createDecoder(schema, schema).decode(bytes, 0, bytes.length)).toThrow(
      'value.expiresAt: the data has the instant 9223372036825200000 ms, beyond the range of Date (the mapping "raw" of the field reads it as a long)',
    );
  });

  test("safe for single fields turns the mapping back on", () => {
    const mapping: CodegenMapping = {
      logical: "raw",
      fields: { "com.example.Order.placedAt": "safe" },
    };
    expect(generated(mapping)).toContain("  placedAt: Date;\n  expiresAt: bigint | null;");
    const codec = createCodec(schema, { mapping });
    const value = { placedAt: new Date(1), expiresAt: 2n, history: [], item: { expiresAt: 3n } };
    expect(codec.fromBuffer(codec.toBuffer(value))).toStrictEqual(value);
  });

  test("a large decimal is bytes", () => {
    const decimal = { type: "bytes", logicalType: "decimal", precision: 5000 };
    const mapping: CodegenMapping = { fields: { "R.a": "raw" } };
    expect(generated(mapping, record("R", { a: decimal }))).toContain("  a: Uint8Array;");
  });

  test.each([
    "com.example.Order.expires",
    "Order.expiresAt",
    "com.example.Order.item.expiresAt",
    "toString",
  ])("a path that names no field is an error: %s", (path) => {
    const mapping: CodegenMapping = { fields: { ...RAW.fields, [path]: "raw" } };
    expect(() => generated(mapping)).toThrow(
      expect.objectContaining({ code: "CODEGEN_FIELD_UNKNOWN", details: { fields: path } }),
    );
    for (const make of [createCodec, (s: typeof schema, o: object) => createDecoder(s, s, o)]) {
      expect(() => make(schema, { mapping })).toThrow(
        expect.objectContaining({ code: "AVRO_FIELD_UNKNOWN", details: { field: path } }),
      );
    }
  });

  test("the configuration takes it", () => {
    expect(findConfigProblems({ codegen: { mapping: RAW } })).toEqual([]);
    const wrong = { codegen: { mapping: { fields: { "R.a": "bigint" } } } };
    expect(findConfigProblems(wrong)).toEqual([
      { pointer: "/codegen/mapping/fields/R.a", value: "bigint", expected: 'one of "safe", "raw"' },
    ]);
  });
});
