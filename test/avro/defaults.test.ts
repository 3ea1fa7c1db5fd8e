import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { generate } from "../../codegen/index.ts";
import type { MappingOptions, RecordSchema, Schema } from "../../src/avro/index.ts";
import {
  createCodec,
  createDecoder,
  Defaults,
  defaultProblem,
  parseSchema,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";

/** As a registry that never validated defaults holds it. */
const stored = (json: unknown): Schema => parseSchema(JSON.stringify(json), { mode: "stored" });
const K = { name: "k", type: "int" };
const withDefault = (type: unknown, value: unknown, more = {}): object => ({
  type: "record",
  name: "R",
  namespace: "x",
  fields: [K, { name: "f", type, default: value, ...more }],
});
const WITHOUT = stored({ type: "record", name: "R", namespace: "x", fields: [K] });

const logical = (type: string, logicalType: string, more = {}) => ({ type, logicalType, ...more });
const UUID = logical("string", "uuid");
const INSTANT = logical("long", "timestamp-millis");
const BIG = logical("bytes", "big-decimal");
const inner = (type: unknown, value: unknown) => ({
  type: "record",
  name: "I",
  fields: [{ name: "g", type, default: value }],
});

function codeOf(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return isTypewireError(error) ? `${error.code} ${String(error.details["field"])}` : `${error}`;
  }
}

const table: [rule: string, type: unknown, value: unknown, mapping?: MappingOptions][] = [
  ["a uuid without groups", UUID, ""],
  ["a fixed uuid of the wrong length", { ...UUID, type: "fixed", name: "U", size: 16 }, "short"],
  ["an instant beyond Date", INSTANT, 8_640_000_000_000_001],
  ["big-decimal bytes without a scale", BIG, ""],
  ["big-decimal bytes with something left over", BIG, "\u0002\u0001\u0000\u0000"],
  [
    "a decimal on a fixed of the wrong length",
    { ...logical("fixed", "decimal", { precision: 4 }), name: "D", size: 4 },
    "\u0001",
  ],
  ["a duration of the wrong length", { ...logical("fixed", "duration"), name: "P", size: 12 }, ""],
  ["a long that no number holds", "long", "BIG", { long: "number" }],
  ["null for text", "string", null],
  ["text for an int", "int", "1"],
  ["an int out of range", "int", 2_147_483_648],
  ["a date out of range", logical("int", "date"), -2_147_483_649],
  ["text that is no number", { type: "array", items: "double" }, ["NaNa"]],
  ["bytes over 255", "bytes", "\u0100"],
  ["an enum symbol that is none", { type: "enum", name: "E", symbols: ["A"] }, "B"],
  ["nothing for an empty union", [], null],
  ["no branch", ["null", "int"], "x"],
  [
    "an item of an array",
    { type: "array", items: UUID },
    ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", ""],
  ],
  ["a value of a map", { type: "map", values: INSTANT }, { a: 0, b: 8_640_000_000_000_001 }],
  ["a branch that only the mapping refuses", [UUID, "bytes"], ""],
  ["a field of a record, given", inner(UUID, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"), { g: "" }],
  ["a field of a record, by its own default", inner(UUID, ""), {}],
  ["a record without what it needs", { type: "record", name: "I", fields: [K] }, {}],
  [
    "a record that contains itself",
    { type: "record", name: "I", fields: [{ name: "i", type: "I", default: {} }] },
    {},
  ],
];

const textOf = (type: unknown, value: unknown): string =>
  JSON.stringify(withDefault(type, value)).replace('"BIG"', "9007199254740993");

describe.each(table)("a default that can't be used: %s", (_, type, value, mapping = {}) => {
  const text = textOf(type, value);
  const schema = parseSchema(text, { mode: "stored" });

  test.each([true, false])(
    "is written by nobody and filled in by nobody (compile: %s)",
    (compile) => {
      const codec = createCodec(schema, { mapping, compile });
      expect(codeOf(() => codec.toBuffer({ k: 1 }))).toBe("AVRO_DEFAULT_UNUSABLE x.R.f");
      const { decode } = createDecoder(WITHOUT, schema, { mapping, compile });
      expect(codeOf(() => decode(Buffer.from([2]), 0, 1))).toBe("AVRO_DEFAULT_UNUSABLE x.R.f");
    },
  );

  test("code generation warns, and the field has to be given", () => {
    const generated = generate({
      schemas: [{ subject: "s", text, references: [] }],
      topics: [],
      options: { mapping },
    });
    const warnings = generated.warnings.filter((warning) => warning.startsWith("s: x.R.f: "));
    expect(warnings).toEqual([expect.stringContaining("can't be used")]);
    expect(isOptional(generated.files)).toBe(false);
  });
});

const isOptional = (files: ReadonlyMap<string, string>): boolean =>
  /^ {2}f\?:/m.test(files.get("subjects/s.ts") ?? "");

test("the error names the field, the default, the place inside and the reason", () => {
  const schema = stored(withDefault({ type: "array", items: inner(UUID, "x") }, [{}]));
  expect(() => createCodec(schema).toBuffer({ k: 1 })).toThrow(
    "value.f: the default [{}] of field x.R.f can't be used: at [0].g it is text that is no UUID",
  );
});

test("a value for the field is written and read as ever", () => {
  const codec = createCodec(stored(withDefault("string", null)));
  expect(codec.fromBuffer(codec.toBuffer({ k: 1, f: "x" }))).toStrictEqual({ k: 1, f: "x" });
});

test("raw for the field makes the default of its base type usable", () => {
  const mapping: MappingOptions = { fields: { "x.R.f": "raw" } };
  const codec = createCodec(stored(withDefault(UUID, "")), { mapping });
  expect(codec.fromBuffer(codec.toBuffer({ k: 1 }))).toStrictEqual({ k: 1, f: "" });
});

test("defaults that multiply are judged by counting, not by making them", () => {
  const doubling = (n: number): object => ({
    type: "record",
    name: `D${n}`,
    fields: ["a", "b"].map((name, i) => ({
      name,
      type: n === 0 ? "string" : i === 0 ? doubling(n - 1) : `D${n - 1}`,
      default: n === 0 ? "x" : {},
    })),
  });
  const usable = stored(withDefault(doubling(10), {}));
  expect(createCodec(usable).toBuffer({ k: 1 })).toHaveLength(1 + 2 ** 11 * 2);
  const bomb = createCodec(stored(withDefault(doubling(60), {})));
  expect(() => bomb.toBuffer({ k: 1 })).toThrow(/has more than 100000 values/);
});

test("a default that comes to contain itself is none, also where a later branch of a union would end it", () => {
  const schema = stored({
    type: "record",
    name: "R",
    fields: [{ name: "f", type: ["R", { type: "map", values: "int" }], default: {} }],
  }) as RecordSchema;
  const [field] = schema.fields;
  if (field === undefined) throw new Error("no field");
  expect(defaultProblem(new Defaults({}), schema, field)).toContain("it contains itself");
});

test.each([
  [4000, true],
  [5000, false],
])("the encoding of a default of %i characters is kept: %s", (chars, isKept) => {
  const schema = stored(withDefault("string", "x".repeat(chars))) as RecordSchema;
  const [, field] = schema.fields;
  if (field === undefined) throw new Error("no field");
  const found = new Defaults({}).of(schema, field);
  if (!("bytes" in found)) throw found;
  const bytes = found.bytes();
  expect(found.bytes() === bytes).toBe(isKept);
  expect(found.bytes()).toEqual(bytes);
});

test("a chain of own defaults that is too long is unusable from its start, and usable further on", () => {
  const fields = Array.from({ length: 700 }, (_, i) => ({
    name: `f${i}`,
    type: {
      type: "record",
      name: `N${i}`,
      fields: [{ name: "x", type: i === 0 ? "int" : `N${i - 1}`, default: i === 0 ? 1 : {} }],
    },
    default: {},
  }));
  const chain = stored({ type: "record", name: "Chain", fields }) as RecordSchema;
  for (const order of [chain.fields, [...chain.fields].reverse()]) {
    const defaults = new Defaults({});
    const usable = order.map((field) => defaultProblem(defaults, chain, field) === undefined);
    expect(usable.filter(Boolean)).toHaveLength(500);
  }
});

const leaves = fc.constantFrom<unknown>(
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
  UUID,
  INSTANT,
  BIG,
  logical("int", "date"),
  logical("long", "local-timestamp-micros"),
  logical("long", "time-micros"),
  logical("bytes", "decimal", { precision: 4, scale: 2 }),
  { type: "long", "js-type": "number" },
  "E",
  "F",
  "P",
  "I",
);
const types = fc.letrec<{ type: unknown }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: leaves },
    { weight: 1, arbitrary: tie("type").map((items) => ({ type: "array", items })) },
    { weight: 1, arbitrary: tie("type").map((values) => ({ type: "map", values })) },
    {
      weight: 2,
      arbitrary: fc.uniqueArray(leaves, {
        maxLength: 4,
        selector: (leaf) => (typeof leaf === "string" ? leaf : (leaf as { type: string }).type),
      }),
    },
  ),
})).type;
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    {
      weight: 5,
      arbitrary: fc.constantFrom<unknown>(
        null,
        true,
        0,
        1,
        -1,
        1.5,
        2_147_483_648,
        9_007_199_254_740_991,
        8_640_000_000_000_001,
        "",
        "A",
        "NaN",
        "ab",
        "\u0100",
        "\u0000\u0000",
        "6BA7B810-9dad-11d1-80b4-00c04fd430c8",
        "\u0002\u0001\u0000",
        "123456789012",
      ),
    },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom("g", "h", "__proto__"), tie("value"), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
    },
  ),
})).value;

const NAMED = [
  { type: "enum", name: "E", symbols: ["A", "B"] },
  { type: "fixed", name: "F", size: 2 },
  { ...logical("fixed", "duration"), name: "P", size: 12 },
];

describe("over random defaults", () => {
  propertyTest.prop(
    [
      types,
      json,
      json,
      types,
      fc.constantFrom<MappingOptions>(
        {},
        { logical: "raw" },
        { long: "number" },
        { fields: { "x.R.f": "raw" } },
      ),
    ],
    { numRuns: 150 },
  )(
    "generated type, warning, encoder and decoder agree on what is usable",
    (type, value, innerValue, innerType, mapping) => {
      const record = {
        type: "record",
        name: "R",
        namespace: "x",
        fields: [
          K,
          ...NAMED.map((named, i) => ({ name: `n${i}`, type: ["null", named], default: null })),
          {
            name: "i",
            type: [
              "null",
              {
                type: "record",
                name: "I",
                fields: [
                  { name: "g", type: innerType, default: innerValue },
                  { name: "h", type: "int" },
                ],
              },
            ],
            default: null,
          },
          { name: "f", type, default: value },
        ],
      };
      let schema: RecordSchema;
      try {
        schema = stored(record) as RecordSchema;
      } catch {
        return;
      }
      const field = schema.fields.at(-1) as RecordSchema["fields"][number];
      const usable = defaultProblem(new Defaults(mapping), schema, field) === undefined;
      const generated = generate({
        schemas: [{ subject: "s", text: JSON.stringify(record), references: [] }],
        topics: [],
        options: { mapping },
      });
      expect(isOptional(generated.files)).toBe(usable);
      const warned = generated.warnings.some((text) => text.startsWith("s: x.R.f: the default"));
      expect(warned).toBe(!usable);
      const expected = usable ? "" : "AVRO_DEFAULT_UNUSABLE x.R.f";
      for (const compile of [true, false]) {
        const codec = createCodec(schema, { mapping, compile });
        expect(codeOf(() => codec.fromBuffer(codec.toBuffer({ k: 1 })))).toBe(expected);
        const { decode } = createDecoder(WITHOUT, schema, { mapping, compile });
        expect(codeOf(() => decode(Buffer.from([2]), 0, 1))).toBe(expected);
        if (!usable) continue;
        const read = codec.fromBuffer(codec.toBuffer({ k: 1 }));
        expect(decode(Buffer.from([2]), 0, 1)).toStrictEqual(read);
      }
    },
  );
});
