import { test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { NamedSchema, ParseOptions, RecordSchema, Schema } from "../../src/avro/index.ts";
import {
  namedTypes,
  parseJson,
  parseSchema,
  parsingCanonicalForm,
  printSchema,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import { arbDamagedText, arbSchemaText } from "./arbitraries.ts";

const STRICT: ParseOptions = { mode: "strict" };

function canonical(schema: unknown, options: ParseOptions = STRICT): string {
  return parsingCanonicalForm(parseSchema(JSON.stringify(schema), options));
}

function refusal(schema: unknown, options: ParseOptions = STRICT): string {
  try {
    parseSchema(typeof schema === "string" ? schema : JSON.stringify(schema), options);
  } catch (error) {
    if (!isTypewireError(error)) throw error;
    return `${error.code} ${String(error.details["pointer"] ?? "")}`;
  }
  return "accepted";
}

function record(...fields: readonly object[]): object {
  return { type: "record", name: "R", fields };
}

function fixed(name: string, more: object = {}): object {
  return { type: "fixed", name, size: 1, ...more };
}

describe("names", () => {
  test.each([
    [
      "a dot makes a full name and the namespace beside it is ignored",
      fixed("a.F", { namespace: "b" }),
      "a.F",
    ],
    ["without a dot the namespace counts", fixed("F", { namespace: "b.c" }), "b.c.F"],
    ["an empty namespace is the null namespace", fixed("F", { namespace: "" }), "F"],
    ["a namespace that is not text is ignored", fixed("F", { namespace: null }), "F"],
    ["a leading dot is dropped", fixed(".F"), "F"],
    ["primitive names may stand in a namespace", fixed("ns.int"), "ns.int"],
    [
      "trap names are ordinary names",
      fixed("__proto__", { namespace: "constructor" }),
      "constructor.__proto__",
    ],
  ])("%s", (_, schema, fullName) => {
    expect([...namedTypes(parseSchema(JSON.stringify(schema), { mode: "strict" })).keys()]).toEqual(
      [fullName],
    );
  });

  test("types inside take the namespace of the name, not the ignored one", () => {
    const inner = { type: "enum", name: "E", symbols: ["A"] };
    const outer = { ...record({ name: "e", type: inner }), name: "a.b.R", namespace: "x.y" };
    expect(canonical(outer)).toContain('"a.b.E"');
  });

  test("a reference without a dot means its own namespace first, then the null namespace", () => {
    const users = (name: string): object => ({
      ...record({ name: "x", type: name }),
      name: "ns.U",
    });
    expect(canonical([fixed("F"), users("F")])).toContain('"type":"F"');
    expect(canonical([fixed("F"), fixed("ns.F"), users("F")])).toContain('"type":"ns.F"');
    expect(canonical(["int", { ...users("int"), name: "ns.U" }])).toContain('"type":"int"');
  });

  test("a reference may come before its definition and stand in an object", () => {
    expect(canonical(record({ name: "a", type: "F" }, { name: "b", type: fixed("F") }))).toBe(
      '{"name":"R","type":"record","fields":[{"name":"a","type":{"name":"F","type":"fixed","size":1}},{"name":"b","type":"F"}]}',
    );
    expect(canonical([fixed("F"), { type: "map", values: { type: "F" } }])).toContain(
      '"values":"F"',
    );
  });

  test("a recursive type is one node", () => {
    const schema = parseSchema(JSON.stringify(record({ name: "next", type: ["null", "R"] })), {
      mode: "strict",
    }) as RecordSchema;
    const next = schema.fields[0]?.schema as Schema & { kind: "union" };
    expect(next.branches[1]).toBe(schema);
  });

  test("an identical second definition is the first one; another is refused", () => {
    const twice = (second: object): object =>
      record({ name: "a", type: fixed("F", { doc: "one" }) }, { name: "b", type: second });
    expect(canonical(twice(fixed("F", { doc: "two", aliases: ["G"] })))).toContain('"type":"F"');
    expect(refusal(twice(fixed("F", { size: 2 })))).toBe("AVRO_NAME_REDEFINED /fields/1/type");
    expect(refusal(twice(fixed("F", { note: 1 })))).toBe("AVRO_NAME_REDEFINED /fields/1/type");
    const inner = (symbol: string): object =>
      record({ name: "e", type: { type: "enum", name: "E", symbols: [symbol] }, default: symbol });
    const both = (second: object): unknown => [
      { type: "array", items: inner("A") },
      { type: "map", values: second },
    ];
    expect(refusal(both(inner("A")))).toBe("accepted");
    expect(refusal(both(inner("B")))).toBe("AVRO_NAME_REDEFINED /1/values/fields/0/type");
    const loop = record({ name: "next", type: ["null", "R"] });
    expect(
      refusal([
        { type: "array", items: loop },
        { type: "map", values: loop },
      ]),
    ).toBe("AVRO_NAME_REDEFINED /1/values");
  });

  test("namespaces and aliases are checked in strict mode only", () => {
    for (const name of [fixed("F", { namespace: "x-y" }), fixed("x-y.F"), fixed("a..F")]) {
      expect(refusal(name)).toMatch("AVRO_NAME_INVALID");
      expect(refusal(name, { mode: "lenient" })).toBe("accepted");
    }
    const alias = fixed("F", { aliases: ["a-b"] });
    expect(refusal(alias)).toBe("AVRO_NAME_INVALID /aliases");
    expect(refusal(alias, { mode: "lenient" })).toBe("accepted");
  });

  test("letters of other scripts are for lenient mode, anything for stored mode", () => {
    expect(refusal(fixed("Żółw"))).toBe("AVRO_NAME_INVALID /name");
    expect(refusal(fixed("Żółw"), { mode: "lenient" })).toBe("accepted");
    expect(refusal(fixed("a-b"), { mode: "lenient" })).toBe("AVRO_NAME_INVALID /name");
    expect(refusal(fixed("a-b", { namespace: "x-y" }), { mode: "stored" })).toBe("accepted");
  });
});

test("a kind of type in the place of a name says where the definition goes", () => {
  const inline = { name: "a", type: "record", fields: [{ name: "b", type: "int" }] };
  expect(() => parseSchema(JSON.stringify(record(inline)), { mode: "strict" })).toThrow(
    expect.objectContaining({
      code: "AVRO_TYPE_INLINE",
      hint: expect.stringContaining('"type": { "type": "record", … }') as unknown,
    }),
  );
  const named = { type: "record", name: "record", fields: [] };
  expect(refusal(record({ name: "a", type: named }, { name: "b", type: "array" }))).toBe(
    "AVRO_TYPE_INLINE /fields/1/type",
  );
});

describe("refusals carry a pointer", () => {
  test.each<[unknown, string]>([
    ["null", "AVRO_SCHEMA_INVALID "],
    ['"x.Y"', "AVRO_NAME_UNKNOWN "],
    ["{", "AVRO_JSON_INVALID "],
    ['\ufeff"int"', "AVRO_JSON_INVALID "],
    [record({ name: "a", type: "record" }), "AVRO_TYPE_INLINE /fields/0/type"],
    [record({ name: "a", type: ["null", "enum"] }), "AVRO_TYPE_INLINE /fields/0/type/1"],
    [{ type: "array", items: "fixed" }, "AVRO_TYPE_INLINE /items"],
    [record({ name: "a", type: "union" }), "AVRO_TYPE_INLINE /fields/0/type"],
    [{ type: ["null", "int"] }, "AVRO_SCHEMA_INVALID /type"],
    [{ type: "array" }, "AVRO_SCHEMA_INVALID "],
    [{ type: "map" }, "AVRO_SCHEMA_INVALID "],
    [{ type: "array", items: "Nope" }, "AVRO_NAME_UNKNOWN /items"],
    [["null", "null"], "AVRO_SCHEMA_INVALID "],
    [["null", ["int"]], "AVRO_SCHEMA_INVALID "],
    [
      [
        { type: "array", items: "int" },
        { type: "array", items: "long" },
      ],
      "AVRO_SCHEMA_INVALID ",
    ],
    [["F", { type: "map", values: fixed("F") }, "F"], "AVRO_SCHEMA_INVALID "],
    [{ type: "record", name: "R" }, "AVRO_SCHEMA_INVALID /fields"],
    [record({ type: "int" }), "AVRO_SCHEMA_INVALID /fields/0"],
    [record({ name: "a" }), "AVRO_SCHEMA_INVALID /fields/0"],
    [record({ name: "a-b", type: "int" }), "AVRO_NAME_INVALID /fields/0/name"],
    [
      record({ name: "a", type: "int" }, { name: "a", type: "int" }),
      "AVRO_SCHEMA_INVALID /fields/1/name",
    ],
    [record({ name: "a", type: "int", order: "up" }), "AVRO_SCHEMA_INVALID /fields/0/order"],
    [record({ name: "a", type: "int", aliases: "b" }), "AVRO_SCHEMA_INVALID /fields/0/aliases"],
    [record({ name: "a", type: "int", aliases: [1] }), "AVRO_SCHEMA_INVALID /fields/0/aliases"],
    [record({ name: "a", type: "int", default: "x" }), "AVRO_DEFAULT_INVALID /fields/0/default"],
    [record({ name: "a", type: "double", default: "x" }), "AVRO_SCHEMA_INVALID /fields/0/default"],
    [{ type: "enum", name: "E" }, "AVRO_SCHEMA_INVALID /symbols"],
    [{ type: "enum", name: "E", symbols: [1] }, "AVRO_SCHEMA_INVALID /symbols/0"],
    [{ type: "enum", name: "E", symbols: ["A", "A"] }, "AVRO_SCHEMA_INVALID /symbols/1"],
    [{ type: "enum", name: "E", symbols: ["a b"] }, "AVRO_NAME_INVALID /symbols/0"],
    [{ type: "enum", name: "E", symbols: ["A"], default: "B" }, "AVRO_SCHEMA_INVALID /default"],
    [{ type: "fixed", name: "F" }, "AVRO_SCHEMA_INVALID /size"],
    [fixed("F", { size: -1 }), "AVRO_SCHEMA_INVALID /size"],
    [fixed("F", { size: "16" }), "AVRO_SCHEMA_INVALID /size"],
    ['{"type":"fixed","name":"F","size":1.0}', "AVRO_SCHEMA_INVALID /size"],
    [fixed("F", { size: 2147483640 }), "AVRO_SCHEMA_INVALID /size"],
    [{ type: "fixed", size: 1 }, "AVRO_SCHEMA_INVALID /name"],
    [fixed("int"), "AVRO_SCHEMA_INVALID /name"],
    [fixed(""), "AVRO_NAME_INVALID /name"],
    [fixed("F", { namespace: "a..b" }), "AVRO_NAME_INVALID /namespace"],
    [fixed("a.1b.F"), "AVRO_NAME_INVALID /name"],
    [fixed("F", { aliases: ["x.y-z"] }), "AVRO_NAME_INVALID /aliases"],
  ])("%j is %s", (schema, expected) => {
    expect(refusal(schema)).toBe(expected);
  });

  test("and the offending text, and what would be right", () => {
    expect(() =>
      parseSchema(JSON.stringify(record({ name: "n", type: "int", default: 1.5 })), {
        mode: "strict",
      }),
    ).toThrow(
      expect.objectContaining({
        message: "Default 1.5 of field n at /fields/0/default is not a value of its type int",
        hint: "Write an integer from -2147483648 to 2147483647, without fraction or exponent.",
      }),
    );
    expect(() =>
      parseSchema(JSON.stringify(["null", fixed("Order-Line")]), { mode: "strict" }),
    ).toThrow(
      expect.objectContaining({
        code: "AVRO_NAME_INVALID",
        message: 'Name "Order-Line" at /1/name is not a valid type name',
        hint: "Write a letter A-Z, a-z or _, then letters, digits or _.",
      }),
    );
    expect(() =>
      parseSchema(JSON.stringify([fixed("F"), { type: "array", items: "G" }]), { mode: "strict" }),
    ).toThrow(
      expect.objectContaining({
        code: "AVRO_NAME_UNKNOWN",
        message: "Type G at /1/items is not defined",
        hint: "Define G in this schema, add a reference to the schema that defines it, or mend the name.",
      }),
    );
    const second = { type: "array", items: fixed("F", { size: 2 }) };
    expect(() => parseSchema(JSON.stringify([fixed("F"), second]), { mode: "strict" })).toThrow(
      expect.objectContaining({
        code: "AVRO_NAME_REDEFINED",
        message: "Can't redefine: F, defined differently at /1/items",
      }),
    );
  });
});

describe("defaults", () => {
  const withDefault = (type: unknown, text: string): string =>
    `{"type":"record","name":"R","fields":[{"name":"f","type":${JSON.stringify(type)},"default":${text}}]}`;
  const inner = {
    type: "record",
    name: "I",
    fields: [
      { name: "x", type: "int" },
      { name: "y", type: "int", default: 1 },
    ],
  };

  test.each<[unknown, string, boolean]>([
    ["null", "null", true],
    ["null", "0", false],
    ["boolean", "true", true],
    ["int", "2147483647", true],
    ["int", "2147483648", false],
    ["int", "-2147483648", true],
    ["int", "-2147483649", false],
    ["int", "1.0", false],
    ["long", "9223372036854775807", true],
    ["long", "9223372036854775808", false],
    ["long", "-9223372036854775808", true],
    ["long", "-9223372036854775809", false],
    ["long", "1e3", false],
    ["float", "1", true],
    ["double", '"NaN"', true],
    ["double", '" -Infinity "', true],
    ["double", '"1.5d"', true],
    ["double", '"1.5.5"', false],
    ["double", '"."', false],
    ["bytes", '"\\u00ff"', true],
    ["bytes", "[1]", false],
    ["string", '"x"', true],
    [{ type: "enum", name: "E", symbols: ["A"] }, '"B"', true],
    [{ type: "fixed", name: "F", size: 2 }, '"abc"', true],
    [{ type: "array", items: "int" }, "[1,2]", true],
    [{ type: "array", items: "int" }, "[1,2.5]", false],
    [{ type: "array", items: "int" }, "{}", false],
    [{ type: "map", values: "int" }, '{"__proto__":1}', true],
    [{ type: "map", values: "int" }, '{"__proto__":null}', false],
    [inner, '{"x":1}', true],
    [inner, '{"y":1}', false],
    [inner, "[]", false],
    [["null", "string"], '"x"', true],
    [["null", "string"], "1", false],
    [["null", "R"], "null", true],
    [["null", "R"], '{"f":null}', true],
    ["R", "{}", false],
    [["R", { type: "map", values: "int" }], "{}", false],
  ])("for %j, %s is legal: %s", (type, text, isLegal) => {
    const source = withDefault(type, text);
    const isNumber = type === "double" && text.startsWith('"');
    const code = isNumber ? "AVRO_SCHEMA_INVALID" : "AVRO_DEFAULT_INVALID";
    expect(refusal(source)).toBe(isLegal ? "accepted" : `${code} /fields/0/default`);
    if (!isNumber) expect(refusal(source, { mode: "lenient" })).toBe("accepted");
  });

  test("text as the default of a number is kept as the number", () => {
    expect(printSchema(parseSchema(withDefault("double", '"1e3"'), { mode: "strict" }))).toContain(
      '"default":1000.0',
    );
    expect(
      printSchema(parseSchema(withDefault("float", '"-Infinity"'), { mode: "strict" })),
    ).toContain('"default":"-Infinity"');
  });

  test("judging stays cheap where trying every branch at every level would not", () => {
    const branches = Array.from({ length: 12 }, (_, index) => ({
      type: "record",
      name: `R${index}`,
      fields: [{ name: "f", type: index === 0 ? ["null", "U"] : "Next" }],
    }));
    const next = record({ name: "f", type: branches.map(({ name }) => name) });
    const value = `${'{"f":'.repeat(60)}1${"}".repeat(60)}`;
    const source = `{"type":"record","name":"Root","fields":[
      {"name":"all","type":${JSON.stringify([...branches, { ...next, name: "Next" }, fixed("U")])}},
      {"name":"v","type":"Next","default":${value}}]}`;
    expect(refusal(source)).toBe("AVRO_DEFAULT_INVALID /fields/1/default");
  });
});

describe("logical types", () => {
  test.each<[object, unknown]>([
    [{ type: "int", logicalType: "date" }, { kind: "date" }],
    [{ type: "long", logicalType: "date" }, undefined],
    [{ type: "string", logicalType: "uuid" }, { kind: "uuid" }],
    [{ ...fixed("F", { size: 16 }), logicalType: "uuid" }, { kind: "uuid" }],
    [{ ...fixed("F", { size: 15 }), logicalType: "uuid" }, undefined],
    [{ ...fixed("F", { size: 12 }), logicalType: "duration" }, { kind: "duration" }],
    [{ type: "long", logicalType: "timestamp-nanos" }, { kind: "timestamp-nanos" }],
    [{ type: "bytes", logicalType: "big-decimal" }, { kind: "big-decimal" }],
    [
      { type: "bytes", logicalType: "decimal", precision: 5, scale: 2 },
      { kind: "decimal", precision: 5, scale: 2 },
    ],
    [
      { type: "bytes", logicalType: "decimal", precision: 5 },
      { kind: "decimal", precision: 5, scale: 0 },
    ],
    [{ type: "bytes", logicalType: "decimal" }, undefined],
    [{ type: "bytes", logicalType: "decimal", precision: "5" }, undefined],
    [{ type: "bytes", logicalType: "decimal", precision: 0 }, undefined],
    [{ type: "bytes", logicalType: "decimal", precision: 5, scale: 6 }, undefined],
    [{ type: "bytes", logicalType: "decimal", precision: 5, scale: null }, undefined],
    [
      { ...fixed("F", { size: 2 }), logicalType: "decimal", precision: 4 },
      { kind: "decimal", precision: 4, scale: 0 },
    ],
    [{ ...fixed("F", { size: 2 }), logicalType: "decimal", precision: 5 }, undefined],
    [{ type: "string", logicalType: "constructor" }, undefined],
    [{ type: "int", logicalType: 7 }, undefined],
  ])("%j means %j, and is never refused", (schema, logicalType) => {
    const parsed = parseSchema(JSON.stringify(schema), { mode: "strict" }) as NamedSchema;
    expect(parsed.logicalType).toEqual(logicalType);
    expect(parsed.attributes.has("logicalType")).toBe(true);
  });
});

describe("types of other schemas", () => {
  const address = parseSchema(
    JSON.stringify({ ...record({ name: "city", type: "string" }), name: "shop.Address" }),
    { mode: "strict" },
  );
  const types = namedTypes(address);

  test("are used by full name, or by short name in their namespace", () => {
    const user = {
      ...record({ name: "home", type: "Address" }, { name: "work", type: "shop.Address" }),
      name: "shop.User",
    };
    const schema = parseSchema(JSON.stringify(user), { mode: "strict", types }) as RecordSchema;
    expect(schema.fields.map((field) => field.schema)).toEqual([address, address]);
    expect(schema.fields[0]?.schema).toBe(address);
    expect([...namedTypes(schema).keys()]).toEqual(["shop.User", "shop.Address"]);
    expect(printSchema(schema, { external: types })).toContain('"type":"Address"');
  });

  test("alone can be a schema", () => {
    const schema = parseSchema('"shop.Address"', { mode: "strict", types });
    expect(schema).toBe(address);
    expect(printSchema(schema, { external: types })).toBe('"shop.Address"');
  });

  test("may be defined again, but not differently", () => {
    expect(refusal(printSchema(address), { mode: "strict", types })).toBe("accepted");
    expect(refusal(fixed("shop.Address"), { mode: "strict", types })).toBe("AVRO_NAME_REDEFINED ");
  });
});

describe("hostile text", () => {
  test("a chain of forward references is bounded like nesting", () => {
    const chain = (length: number): string =>
      JSON.stringify(
        Array.from({ length }, (_, index) => ({
          type: "record",
          name: `R${index}`,
          fields: index === length - 1 ? [] : [{ name: "next", type: `R${index + 1}` }],
        })),
      );
    expect(refusal(chain(900))).toBe("accepted");
    expect(refusal(chain(5000))).toMatch(/^AVRO_SCHEMA_TOO_DEEP \/0\/fields\/0\/type/);
  });

  test("so is a chain through the types of other schemas", () => {
    let types = new Map<string, NamedSchema>();
    let last = "accepted";
    for (let index = 0; index < 1200 && last === "accepted"; index++) {
      const fields = index === 0 ? [] : [{ name: "f", type: `R${index - 1}` }];
      const text = JSON.stringify({ type: "record", name: `R${index}`, fields });
      last = refusal(text, { mode: "strict", types });
      if (last === "accepted")
        types = new Map([
          ...types,
          [`R${index}`, parseSchema(text, { mode: "strict", types }) as NamedSchema],
        ]);
    }
    expect(last).toMatch(/^AVRO_SCHEMA_TOO_DEEP/);
  });

  test("JSON that did not come from text is bounded too", () => {
    let json = parseJson('"int"');
    for (let depth = 0; depth < 100_000; depth++) {
      json = new Map([
        ["type", "array"],
        ["items", json],
      ]);
    }
    expect(() => parseSchema(json, { mode: "strict" })).toThrow(
      expect.objectContaining({ code: "AVRO_SCHEMA_TOO_DEEP" }),
    );
  });

  test("names cannot forge the text of an error", () => {
    expect(() =>
      parseSchema(JSON.stringify(fixed('x"\n\u2028 at /forged')), { mode: "strict" }),
    ).toThrow(String.raw`Name "x"\n\u2028 at /forged" at /name is not a valid type name`);
  });

  test("a default that needs 2^40 steps when expanded is judged at once", () => {
    const types = Array.from({ length: 40 }, (_, index) => ({
      type: "record",
      name: `R${index}`,
      fields: ["a", "b"].map((name) =>
        index === 0
          ? { name, type: "int", default: 1 }
          : { name, type: `R${index - 1}`, default: {} },
      ),
    }));
    expect(refusal(types)).toBe("accepted");
  });
});

prop.prop([arbSchemaText], { numRuns: 500, seed: 20_261_121 })(
  "a printed schema is accepted, prints the same, and means the same",
  (text) => {
    const schema = parseSchema(text, { mode: "strict" });
    const printed = printSchema(schema);
    expect(printSchema(parseSchema(printed, { mode: "strict" }))).toBe(printed);
    expect(parsingCanonicalForm(parseSchema(printed, { mode: "strict" }))).toBe(
      parsingCanonicalForm(schema),
    );
  },
);

prop.prop([arbDamagedText], { numRuns: 1500, seed: 20_261_121 })(
  "damaged text is a schema or a typed error, in every mode",
  (text) => {
    for (const mode of ["strict", "lenient", "stored"] as const) {
      expect(refusal(text, { mode })).toMatch(/^(?:accepted$|AVRO_[A-Z_]+ )/);
    }
  },
);
