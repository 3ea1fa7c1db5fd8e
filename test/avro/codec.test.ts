import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { CodecOptions } from "../../src/avro/index.ts";
import { createCodec, createDecoder, createEncoder, parseSchema } from "../../src/avro/index.ts";

const record = (...fields: readonly unknown[]) => ({ type: "record", name: "R", fields });
const schemaOf = (json: unknown) => parseSchema(JSON.stringify(json), { mode: "strict" });
const codecOf = (json: unknown, options: CodecOptions = {}) => createCodec(schemaOf(json), options);

const ORDER = record(
  { name: "id", type: "string" },
  {
    name: "items",
    type: {
      type: "array",
      items: { type: "record", name: "Item", fields: [{ name: "qty", type: "int" }] },
    },
  },
  { name: "status", type: { type: "enum", name: "Status", symbols: ["NEW", "PAID"] } },
  { name: "labels", type: { type: "map", values: "long" } },
  { name: "sum", type: { type: "fixed", name: "Md5", size: 2 } },
);
const order = { id: "o-1", items: [{ qty: 1 }], status: "NEW", labels: {}, sum: Buffer.alloc(2) };

describe.each([true, false])("writing (compile: %s)", (compile) => {
  test.each([
    [{ items: [{ qty: 1 }, { qty: "2" }] }, 'value.items[1].qty: expected int, got \\"2\\"'],
    [{ items: [{ qty: 2 ** 31 }] }, "value.items[0].qty: expected int, got 2147483648"],
    [{ items: [{ qty: 1.5 }] }, "value.items[0].qty: expected int, got 1.5"],
    [{ items: [{}] }, "value.items[0].qty: expected int, got nothing"],
    [{ items: [[1]] }, "value.items[0]: expected record Item, got an array"],
    [{ items: {} }, "value.items: expected an array, got an object"],
    [{ id: null }, "value.id: expected string, got null"],
    [{ status: "LOST" }, 'value.status: expected one of NEW, PAID, got \\"LOST\\"'],
    [{ status: "toString" }, 'value.status: expected one of NEW, PAID, got \\"toString\\"'],
    [{ labels: { "a b": true } }, 'value.labels[\\"a b\\"]: expected long, got true'],
    [{ labels: { a: 2 ** 53 } }, "value.labels.a: expected long, got 9007199254740992"],
    [{ labels: { a: 2n ** 63n } }, "value.labels.a: expected long, got 9223372036854775808"],
    [{ labels: new Map() }, "value.labels: expected a map (a plain object), got an object"],
    [{ sum: Buffer.alloc(3) }, "value.sum: expected 2 bytes, got 3 bytes"],
  ])("%o is refused with its path", (change, message) => {
    const { toBuffer } = codecOf(ORDER, { compile });
    const plain = message.replaceAll('\\"', '"');
    const error = thrownBy(() => toBuffer({ ...order, ...change }));
    expect(error.code).toBe("AVRO_VALUE_INVALID");
    expect(error.message.replaceAll('\\"', '"')).toBe(plain);
  });

  test("fields without a value take their default, each time a fresh copy", () => {
    const { toBuffer, fromBuffer } = codecOf(
      record(
        { name: "a", type: "int", default: 5 },
        { name: "tags", type: { type: "array", items: "string" }, default: ["x"] },
        { name: "note", type: ["null", "string"], default: null },
        { name: "big", type: ["string", "long"], default: "second branch fits" },
      ),
      { compile },
    );
    const read = () => fromBuffer(toBuffer({})) as { tags: string[] };
    const expected = { a: 5, tags: ["x"], note: null, big: "second branch fits" };
    expect(read()).toStrictEqual(expected);
    read().tags.push("y");
    expect(read()).toStrictEqual(expected);
  });

  test("inherited properties are no fields", () => {
    const { toBuffer } = codecOf(record({ name: "toString", type: "string", default: "d" }), {
      compile,
    });
    expect(toBuffer({}).toString("hex")).toBe("0264");
    expect(toBuffer({ toString: "own" }).toString("hex")).toBe("066f776e");
  });

  test("lone surrogates become U+FFFD, short and long", () => {
    const { toBuffer } = codecOf("string", { compile });
    expect(toBuffer("a\ud800b").toString("hex")).toBe("0a61efbfbd62");
    const long = toBuffer(`${"x".repeat(100)}\udfff`);
    expect(long.subarray(-3).toString("hex")).toBe("efbfbd");
  });

  test("an exact buffer suffices", () => {
    const encoder = createEncoder(schemaOf(ORDER), { compile });
    const size = encoder.encode(order, Buffer.alloc(0), 0);
    const exact = Buffer.alloc(size);
    expect(encoder.encode(order, exact, 0)).toBe(size);
    expect(createCodec(schemaOf(ORDER)).fromBuffer(exact)).toMatchObject({ id: "o-1" });
  });

  test("a value that contains itself is refused, not followed for ever", () => {
    const list = record({ name: "next", type: ["null", "R"] });
    const loop: { next: unknown } = { next: null };
    loop.next = loop;
    expect(() => codecOf(list, { compile }).toBuffer(loop)).toThrow(
      expect.objectContaining({ code: "AVRO_LIMIT_EXCEEDED" }),
    );
  });
});

describe.each([true, false])("unions (compile: %s)", (compile) => {
  const A = { type: "record", name: "A", namespace: "n", fields: [{ name: "x", type: "int" }] };
  const tagged = codecOf(["null", A, { type: "map", values: "int" }], { compile });

  test("branches of one kind carry $type, first in the record", () => {
    const value = { $type: "n.A", x: 1 };
    const read = tagged.fromBuffer(tagged.toBuffer(value));
    expect(Object.entries(read as object)).toStrictEqual([
      ["$type", "n.A"],
      ["x", 1],
    ]);
  });

  test("a branch that is no record is boxed, null is bare", () => {
    const value = { $type: "map", value: { a: 1 } };
    expect(tagged.fromBuffer(tagged.toBuffer(value))).toStrictEqual(value);
    expect(tagged.fromBuffer(tagged.toBuffer(null))).toBeNull();
  });

  test.each([{ x: 1 }, { $type: "A", x: 1 }, { $type: "null" }, "x", undefined])(
    "%j has no tag that the union knows",
    (value) => {
      const error = thrownBy(() => tagged.toBuffer(value));
      expect(error.code).toBe("AVRO_VALUE_INVALID");
      expect(error.message).toContain("expected an object with a $type of null, n.A, map");
    },
  );

  test("branches of different kinds are told apart by value", () => {
    const plain = codecOf(["null", "string", "long", "boolean", "bytes", A], { compile });
    for (const value of [null, "s", 5n, true, new Uint8Array([1]), { x: 1 }]) {
      expect(plain.fromBuffer(plain.toBuffer(value))).toStrictEqual(value);
    }
    expect(() => plain.toBuffer(new Date(0))).toThrow(
      expect.objectContaining({ code: "AVRO_VALUE_INVALID" }),
    );
  });
});

describe.each([true, false])("logical values (compile: %s)", (compile) => {
  const decimal = { type: "bytes", logicalType: "decimal", precision: 5, scale: 2 };
  const fixedDecimal = { ...decimal, type: "fixed", name: "D", size: 4 };
  const uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

  test.each([
    [decimal, "19.90", "0407c6"],
    [decimal, "-0.01", "02ff"],
    [decimal, "999.99", "0601869f"],
    [fixedDecimal, "-1.00", "ffffff9c"],
    [{ type: "bytes", logicalType: "big-decimal" }, "1.50", "0804009604"],
    [{ type: "int", logicalType: "date" }, "1970-01-02", "02"],
    [{ type: "int", logicalType: "date" }, "1969-12-31", "01"],
    [{ type: "int", logicalType: "date" }, "+5881580-07-11", "feffffff0f"],
    [{ type: "int", logicalType: "date" }, "-5877641-06-23", "ffffffff0f"],
    [{ type: "long", logicalType: "timestamp-millis" }, new Date(1), "02"],
    [{ type: "long", logicalType: "timestamp-micros" }, 1n, "02"],
    [{ type: "long", logicalType: "time-micros" }, 86_399_999_999, "feffbadd8305"],
    [{ type: "long", logicalType: "local-timestamp-millis" }, "1970-01-01T00:00:01.000", "d00f"],
    [{ type: "long", logicalType: "local-timestamp-nanos" }, "1969-12-31T23:59:59.999999999", "01"],
    [{ type: "string", logicalType: "uuid" }, uuid, `48${Buffer.from(uuid).toString("hex")}`],
    [
      { type: "fixed", name: "U", size: 16, logicalType: "uuid" },
      uuid,
      "6ba7b8109dad11d180b400c04fd430c8",
    ],
    [
      { type: "fixed", name: "P", size: 12, logicalType: "duration" },
      { months: 1, days: 2, millis: 4294967295 },
      "0100000002000000ffffffff",
    ],
  ])("%j: %s is %s", (schema, value, hex) => {
    const { toBuffer, fromBuffer } = codecOf(schema, { compile });
    expect(toBuffer(value).toString("hex")).toBe(hex);
    expect(fromBuffer(Buffer.from(hex, "hex"))).toStrictEqual(value);
  });

  test.each([
    [decimal, "19.901"],
    [decimal, "1000.00"],
    [decimal, 19.9],
    [decimal, "1e2"],
    [{ type: "int", logicalType: "date" }, "2026-02-30"],
    [{ type: "int", logicalType: "date" }, "+5881580-07-12"],
    [{ type: "long", logicalType: "timestamp-millis" }, new Date(Number.NaN)],
    [{ type: "long", logicalType: "timestamp-millis" }, 5],
    [{ type: "long", logicalType: "local-timestamp-millis" }, "1970-01-01T00:00:01.0001"],
    [{ type: "long", logicalType: "local-timestamp-millis" }, "1970-01-01T24:00:00"],
    [{ type: "string", logicalType: "uuid" }, "no-uuid"],
    [{ type: "fixed", name: "P", size: 12, logicalType: "duration" }, { months: -1 }],
  ])("%j does not hold %s", (schema, value) => {
    expect(() => codecOf(schema, { compile }).toBuffer(value)).toThrow(
      expect.objectContaining({ code: "AVRO_VALUE_INVALID" }),
    );
  });

  test("wider input: bigint as a whole decimal, zeros behind the scale, any case of a UUID", () => {
    const { toBuffer, fromBuffer } = codecOf(decimal, { compile });
    expect(fromBuffer(toBuffer(7n))).toBe("7.00");
    expect(fromBuffer(toBuffer("7.5000"))).toBe("7.50");
    const id = codecOf({ type: "string", logicalType: "uuid" }, { compile });
    expect(id.fromBuffer(id.toBuffer(uuid.toUpperCase()))).toBe(uuid);
  });

  test.each([
    [{ type: "long", logicalType: "timestamp-millis" }, "ffffffffffffffffff01"],
    [{ type: "string", logicalType: "uuid" }, "0278"],
    [{ type: "long", "js-type": "number" }, "8080808080808020"],
    [{ type: "bytes", logicalType: "big-decimal" }, "06020101"],
  ])("%j: a datum that JavaScript cannot hold is refused: %s", (schema, hex) => {
    expect(() => codecOf(schema, { compile }).fromBuffer(Buffer.from(hex, "hex"))).toThrow(
      expect.objectContaining({ code: "AVRO_DATA_INVALID" }),
    );
  });
});

describe.each([true, false])("reading (compile: %s)", (compile) => {
  const bytes = (hex: string) => Buffer.from(hex, "hex");

  test.each([
    ["AVRO_DATA_TRUNCATED", "string", "0a6162", /^value: the data ends inside the value/],
    ["AVRO_DATA_TRAILING", "int", "020304", /^2 bytes follow the value, from byte 1$/],
    ["AVRO_DATA_INVALID", "boolean", "02", /the boolean byte 2/],
    ["AVRO_DATA_INVALID", ["null", "int"], "04", /branch 2 of 2/],
    ["AVRO_DATA_INVALID", "int", "ffffffff1f", /an int of more than 32 bits/],
    ["AVRO_DATA_INVALID", "long", "ffffffffffffffffff02", /a long of more than 64 bits/],
    ["AVRO_DATA_INVALID", "bytes", "01", /the negative length -1/],
    ["AVRO_DATA_TRUNCATED", { type: "array", items: "int" }, "80c2d72f", /^value: the data ends/],
    ["AVRO_LIMIT_EXCEEDED", { type: "array", items: "null" }, "80c2d72f00", /limit itemsMax/],
    ["AVRO_LIMIT_EXCEEDED", { type: "array", items: "null" }, "c29a0c00", /limit emptyItemsMax/],
  ])("%s: %j of %s", (code, schema, hex, message) => {
    const error = thrownBy(() => codecOf(schema, { compile }).fromBuffer(bytes(hex)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test("an error names the place in the value and the byte", () => {
    const { fromBuffer } = codecOf(ORDER, { compile });
    const error = thrownBy(() => fromBuffer(bytes("066f2d3104020480")));
    expect(error.message).toBe("value.items: the data ends inside the value that starts at byte 7");
  });

  test("the limits are those of the options", () => {
    const list = { type: "array", items: "int" };
    const limited = (limits: object) => codecOf(list, { compile, limits });
    expect(limited({ itemsMax: 2 }).fromBuffer(bytes("04020200"))).toEqual([1, 1]);
    expect(() => limited({ itemsMax: 1 }).fromBuffer(bytes("04020200"))).toThrow(/itemsMax of 1/);
    expect(() => limited({ bytesMax: 3 }).fromBuffer(bytes("04020200"))).toThrow(/bytesMax of 3/);
  });

  test("recursion ends at depthMax, in skipped fields too", () => {
    const node = { type: "record", name: "N", fields: [{ name: "next", type: ["null", "N"] }] };
    const deep = bytes("02".repeat(100_000));
    expect(() => codecOf(node, { compile }).fromBuffer(deep)).toThrow(/depthMax of 500/);
    const wide = schemaOf(record({ name: "a", type: node }));
    const skipping = createDecoder(wide, schemaOf(record()), { compile });
    expect(() => skipping.decode(deep, 0, deep.length)).toThrow(/depthMax of 500/);
    const limits = { depthMax: 1_000_000 };
    expect(() => codecOf(node, { compile, limits }).fromBuffer(deep)).toThrow(/depthMax/);
  });

  test("bytes are copies", () => {
    const source = bytes("0401ff");
    const value = codecOf("bytes", { compile }).fromBuffer(source) as Uint8Array;
    source.fill(0);
    expect(value).toStrictEqual(new Uint8Array([1, 255]));
    expect(value.buffer.byteLength).toBe(2);
  });

  test("__proto__ is an ordinary key and field", () => {
    const map = codecOf({ type: "map", values: "int" }, { compile });
    const read = map.fromBuffer(bytes("02125f5f70726f746f5f5f0a00")) as object;
    expect(Object.entries(read)).toStrictEqual([["__proto__", 5]]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    const row = codecOf(record({ name: "__proto__", type: "int" }), { compile });
    expect(Object.entries(row.fromBuffer(bytes("0a")) as object)).toStrictEqual([["__proto__", 5]]);
  });

  test("negative zero and the bits of a NaN are kept", () => {
    const { fromBuffer, toBuffer } = codecOf("double", { compile });
    expect(fromBuffer(toBuffer(-0))).toBe(-0);
    expect(toBuffer(fromBuffer(bytes("010000000000f87f"))).toString("hex")).toBe(
      "010000000000f87f",
    );
  });

  test("an enum symbol that the reader lacks is an error of that datum alone", () => {
    const writer = schemaOf({ type: "enum", name: "E", symbols: ["A", "B"] });
    const reader = schemaOf({ type: "enum", name: "E", symbols: ["B"] });
    const { decode } = createDecoder(writer, reader, { compile });
    expect(decode(bytes("02"), 0, 1)).toBe("B");
    expect(() => decode(bytes("00"), 0, 1)).toThrow(
      expect.objectContaining({ code: "AVRO_DATA_UNREADABLE" }),
    );
  });

  test("a default that is no value of its type is an error of the data that needs it", () => {
    const reader = parseSchema(JSON.stringify(record({ name: "a", type: "int", default: "x" })), {
      mode: "stored",
    });
    const { decode } = createDecoder(schemaOf(record()), reader, { compile });
    expect(() => decode(Buffer.alloc(0), 0, 0)).toThrow(
      expect.objectContaining({ code: "AVRO_DEFAULT_UNUSABLE" }),
    );
    expect(codecOf(record({ name: "a", type: "int" })).toBuffer({ a: 1 })).toHaveLength(1);
  });

  test("a long that becomes a float is rounded once", () => {
    const { decode } = createDecoder(schemaOf("long"), schemaOf("float"), { compile });
    const wire = codecOf("long").toBuffer(2n ** 62n + 2n ** 38n + 1n);
    expect(decode(wire, 0, wire.length)).toBe(2 ** 62 + 2 ** 39);
  });
});

describe("longs", () => {
  propertyTest.prop([fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })])(
    "every 64-bit integer is read as written",
    (value) => {
      for (const compile of [true, false]) {
        const { toBuffer, fromBuffer } = codecOf("long", { compile });
        expect(fromBuffer(toBuffer(value))).toBe(value);
        const z = value < 0n ? -2n * value - 1n : 2n * value;
        expect(toBuffer(value)).toHaveLength(Math.max(1, Math.ceil(z.toString(2).length / 7)));
      }
    },
  );

  propertyTest.prop([fc.maxSafeInteger()])("every safe integer is read as written", (value) => {
    const { toBuffer, fromBuffer } = codecOf("long", { mapping: { long: "number" } });
    expect(fromBuffer(toBuffer(value))).toBe(value);
    expect(codecOf("long").fromBuffer(toBuffer(value))).toBe(BigInt(value));
  });

  test("the ends of the ranges", () => {
    const number = codecOf("long", { mapping: { long: "number" } });
    const bigint = codecOf("long");
    for (const value of [2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 31, -(2 ** 31) - 1]) {
      expect(number.fromBuffer(bigint.toBuffer(BigInt(value)))).toBe(value);
    }
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n]) {
      expect(bigint.fromBuffer(bigint.toBuffer(value))).toBe(value);
      expect(() => number.fromBuffer(bigint.toBuffer(value))).toThrow(/no number holds exactly/);
    }
  });
});

describe("text of a schema is never run", () => {
  const ATTACKS = [
    '"]; globalThis.pwned = 1; //',
    "'); globalThis.pwned = 1; ('",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the attack itself
    "`${globalThis.pwned = 1}`",
    "*/ globalThis.pwned = 1; /*",
    "\u2028globalThis.pwned = 1\u2029",
    "\\",
    "__proto__",
    "constructor",
  ];

  test.each(ATTACKS)("%j as name, symbol, key, tag and default", (text) => {
    const named = { name: { name: text, namespace: "", fullName: text }, aliases: [] };
    const base = { attributes: new Map() };
    const string = { kind: "string", ...base } as const;
    const inner = { kind: "enum", ...base, ...named, symbols: [text, "B"] } as const;
    const field = { ...base, aliases: [], order: "ascending", index: 0 } as const;
    const row = {
      kind: "record",
      ...base,
      ...named,
      doc: text,
      isError: false,
      fields: [
        { ...field, name: text, schema: string, default: text },
        { ...field, name: "e", schema: { kind: "union", branches: [inner, string] } },
      ],
    } as const;
    const writer = { ...row, fields: row.fields.slice(1) };
    const { toBuffer } = createCodec(writer);
    const bytes = toBuffer({ e: { $type: text, value: text } });
    const read = createDecoder(writer, row).decode(bytes, 0, bytes.length) as object;
    expect(Object.entries(read)).toStrictEqual([
      [text, text],
      ["e", { $type: text, value: text }],
    ]);
    const both = createCodec(row);
    expect(both.fromBuffer(both.toBuffer(read))).toStrictEqual(read);
    expect("pwned" in globalThis).toBe(false);
  });
});

function thrownBy(call: () => unknown): Error & { code?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
