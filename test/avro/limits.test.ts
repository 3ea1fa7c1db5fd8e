import { describe, expect, test } from "vitest";
import type { CodecLimits } from "../../src/avro/index.ts";
import {
  createCodec,
  createDecoder,
  createSingleObjectCodec,
  parseSchema,
  readContainer,
  writeContainer,
} from "../../src/avro/index.ts";

const schemaOf = (json: unknown) => parseSchema(JSON.stringify(json), { mode: "stored" });
const record = (name: string, fields: readonly (readonly [string, unknown])[]) => ({
  type: "record",
  name,
  fields: fields.map(([field, type]) => ({ name: field, type })),
});
const nulls = (count: number, name = "N") =>
  record(
    name,
    Array.from({ length: count }, (_, i) => [`f${i}`, "null"] as const),
  );
const arrayOf = (items: unknown) => ({ type: "array", items });
const mapOf = (values: unknown) => ({ type: "map", values });
const EMPTY = { type: "fixed", name: "Empty", size: 0 };

/** Records that each use the next one twice and take no byte. */
const dag = (depth: number, leaf: unknown, prefix = "D"): unknown => {
  let inner = leaf;
  for (let i = 0; i < depth; i++) {
    const name = (inner as { name?: string }).name ?? inner;
    inner = record(`${prefix}${i}`, [
      ["a", inner],
      ["b", name],
    ]);
  }
  return inner;
};
/** Records around one value, each inside the other. */
const wrapped = (depth: number, leaf: unknown): unknown => {
  let inner = leaf;
  for (let i = 0; i < depth; i++) inner = record(`W${i}`, [["x", inner]]);
  return inner;
};
/** A block with this many items, and the bytes of each. */
const block = (count: number, item: readonly number[] = []) => {
  const head = createCodec(schemaOf("long")).toBuffer(count);
  return Buffer.concat([
    head,
    ...Array.from({ length: count }, () => Buffer.from(item)),
    Buffer.of(0),
  ]);
};
const headOnly = (count: number) =>
  Buffer.concat([createCodec(schemaOf("long")).toBuffer(count), Buffer.of(0)]);

const exceeded = (limit: string) =>
  expect.objectContaining({
    code: "AVRO_LIMIT_EXCEEDED",
    details: expect.objectContaining({ limit }) as unknown,
  });

describe.each([true, false])("values that take no byte (compile: %s)", (compile) => {
  const read = (schema: unknown, bytes: Buffer, limits: CodecLimits = {}, reader = schema) =>
    createDecoder(schemaOf(schema), schemaOf(reader), { compile, limits }).decode(
      bytes,
      0,
      bytes.length,
    );

  test.each<[string, unknown, Buffer]>([
    ["nulls", arrayOf("null"), headOnly(100_001)],
    ["records of nulls", arrayOf(nulls(100)), headOnly(99_999)],
    ["records of many nulls", arrayOf(nulls(1000)), headOnly(99_999)],
    ["empty records", arrayOf(nulls(0)), headOnly(99_999)],
    ["empty fixed types", arrayOf(EMPTY), headOnly(99_999)],
    ["records that use the next one twice", dag(24, nulls(0)), Buffer.alloc(0)],
    [
      "such records at the end of a record with bytes",
      record("R", [
        ["a", "int"],
        ["d", dag(60, nulls(1))],
      ]),
      Buffer.of(2),
    ],
    ["the same in an array, each small enough", arrayOf(dag(10, nulls(0))), headOnly(1000)],
    [
      "collections, one budget for all of them",
      arrayOf(arrayOf("null")),
      Buffer.concat([headOnly(2).subarray(0, 1), headOnly(60_000), headOnly(60_000), Buffer.of(0)]),
    ],
    [
      "maps of records of nulls",
      mapOf(nulls(1000)),
      Buffer.concat([
        headOnly(200).subarray(0, 2),
        Buffer.alloc(400, 0).map((_, i) => (i % 2 === 0 ? 2 : 97)),
        Buffer.of(0),
      ]),
    ],
    ["records around each byte", arrayOf(wrapped(240, "int")), block(2000, [2])],
    [
      "nulls beside each byte",
      arrayOf(
        record("R", [
          ["i", "int"],
          ["n", nulls(900)],
        ]),
      ),
      block(2000, [2]),
    ],
    [
      "fraction digits of decimals",
      arrayOf({ type: "bytes", logicalType: "decimal", precision: 1000, scale: 1000 }),
      block(20_000, [0]),
    ],
  ])("%s are refused before they fill memory", (_, schema, bytes) => {
    expect(() => read(schema, bytes)).toThrow(exceeded("emptyItemsMax"));
  });

  test("defaults that are filled in count as what they hold", () => {
    const writer = record("R", []);
    const text = "x".repeat(100_000);
    const reader = {
      ...record("R", []),
      fields: [{ name: "t", type: "string", default: text }],
    };
    const [one] = read(arrayOf(writer), headOnly(1), {}, arrayOf(reader)) as { t: string }[];
    expect(one?.t).toBe(text);
    expect(() => read(arrayOf(writer), headOnly(99_999), {}, arrayOf(reader))).toThrow(
      exceeded("emptyItemsMax"),
    );
  });

  test("a default of many values counts for each of them", () => {
    const list = Array.from({ length: 1000 }, () => null);
    const reader = {
      ...record("R", []),
      fields: [{ name: "l", type: arrayOf("null"), default: list }],
    };
    expect(() => read(arrayOf(record("R", [])), headOnly(99_999), {}, arrayOf(reader))).toThrow(
      exceeded("emptyItemsMax"),
    );
  });

  test("bytes pay: long data may hold many nulls and defaults", () => {
    const writer = record("R", [
      ["id", "string"],
      ["n", "null"],
      ["inner", record("I", [["x", "int"]])],
    ]);
    const reader = {
      ...writer,
      fields: [
        ...writer.fields,
        ...Array.from({ length: 60 }, (_, i) => ({
          name: `d${i}`,
          type: ["null", "int"],
          default: null,
        })),
      ],
    };
    const item = [20, ...Buffer.from("0123456789"), 2];
    const values = read(arrayOf(writer), block(5000, item), {}, arrayOf(reader));
    expect(values).toHaveLength(5000);
  });

  test("what is passed over costs no memory, and no time for what takes no byte", () => {
    const writer = record("R", [
      ["gone", arrayOf(dag(60, nulls(0)))],
      ["also", dag(60, nulls(3, "M"), "E")],
      ["i", "int"],
    ]);
    const reader = record("R", [["i", "int"]]);
    const bytes = Buffer.concat([headOnly(9_000_000), Buffer.of(6)]);
    expect(read(writer, bytes, {}, reader)).toStrictEqual({ i: 3 });
  });

  test("records around each byte are counted when they are passed over, too", () => {
    const writer = record("R", [["gone", arrayOf(wrapped(240, "int"))]]);
    expect(() => read(writer, block(2000, [2]), {}, record("R", []))).toThrow(
      exceeded("emptyItemsMax"),
    );
  });

  test("the limit is that of the options", () => {
    expect(read(arrayOf("null"), headOnly(10), { emptyItemsMax: 10 })).toHaveLength(10);
    const limits = { emptyItemsMax: 10 };
    expect(() => read(arrayOf("null"), headOnly(49), limits)).toThrow(/emptyItemsMax of 10/);
    expect(read(arrayOf("null"), headOnly(200_000), { emptyItemsMax: 200_000 })).toHaveLength(
      200_000,
    );
  });
});

describe.each([true, false])("writing (compile: %s)", (compile) => {
  const write = (schema: unknown, value: unknown, limits: CodecLimits = {}) =>
    createCodec(schemaOf(schema), { compile, limits }).toBuffer(value);

  test("a datum is as long as a reader takes, and not longer", () => {
    const limits = { bytesMax: 10 };
    expect(write("string", "123456789", limits)).toHaveLength(10);
    expect(() => write("string", "1234567890", limits)).toThrow(exceeded("bytesMax"));
  });

  test("one object in many places ends at the limit, not with the heap", () => {
    let value: unknown[] = [];
    let schema: unknown = arrayOf("null");
    for (let i = 0; i < 60; i++) {
      value = [value, value];
      schema = arrayOf(schema);
    }
    expect(() => write(schema, value, { bytesMax: 100_000 })).toThrow(exceeded("bytesMax"));
    const tree = record("T", [
      ["l", ["null", "T"]],
      ["r", ["null", "T"]],
    ]);
    let node: unknown = null;
    for (let i = 0; i < 60; i++) node = { l: node, r: node };
    expect(() => write(tree, node, { bytesMax: 100_000 })).toThrow(exceeded("bytesMax"));
    const text = "x".repeat(1_000_000);
    const many = Array.from({ length: 1000 }, () => text);
    expect(() => write(arrayOf("string"), many, { bytesMax: 5_000_000 })).toThrow(
      exceeded("bytesMax"),
    );
  });

  test("values that contain themselves end at a limit, in arrays and maps too", () => {
    const tree = record("T", [
      ["kids", arrayOf("T")],
      ["names", mapOf("T")],
    ]);
    const self: { kids: unknown[]; names: object } = { kids: [], names: {} };
    self.kids.push(self, self);
    expect(() => write(tree, self)).toThrow(exceeded("depthMax"));
    const named = { kids: [], names: {} as Record<string, unknown> };
    named.names["me"] = named;
    expect(() => write(tree, named)).toThrow(exceeded("depthMax"));
  });

  test("holes of huge arrays and objects with borrowed prototypes are misfits", () => {
    const hole: unknown[] = [];
    hole.length = 2 ** 32 - 1;
    const cases: [unknown, unknown][] = [
      [arrayOf("null"), hole],
      ["bytes", Object.create(Uint8Array.prototype)],
      [{ type: "fixed", name: "F", size: 1 }, Object.create(Uint8Array.prototype)],
      [["null", "bytes"], Object.create(Uint8Array.prototype)],
      [{ type: "long", logicalType: "timestamp-millis" }, Object.create(Date.prototype)],
      [mapOf("int"), Object.create(Uint8Array.prototype)],
    ];
    for (const [schema, value] of cases) {
      expect(() => write(schema, value)).toThrow(
        expect.objectContaining({ code: "AVRO_VALUE_INVALID" }),
      );
    }
  });

  test("limits may be infinite", () => {
    const limits = { bytesMax: Number.POSITIVE_INFINITY, depthMax: Number.POSITIVE_INFINITY };
    expect(write("string", "x", limits).toString("hex")).toBe("0278");
  });
});

describe("decimals", () => {
  const decimal = (precision: number, more: object = {}) => ({
    type: "bytes",
    logicalType: "decimal",
    precision,
    scale: precision,
    ...more,
  });

  test.each([
    ["the root", decimal(2_147_483_647), "the root"],
    ["a field", record("x.R", [["f", ["null", arrayOf(decimal(1001))]]]), "x.R.f"],
    [
      "a fixed type",
      record("x.R", [["f", { ...decimal(900), type: "fixed", name: "F", size: 8193 }]]),
      "x.R.f",
    ],
  ])("too many digits are refused where the codec is made: %s", (_, schema, place) => {
    for (const make of [
      () => createCodec(schemaOf(schema)),
      () => createDecoder(schemaOf(schema), schemaOf(schema)),
      () => createSingleObjectCodec(schemaOf(schema)),
    ]) {
      expect(make).toThrow(
        expect.objectContaining({
          code: "AVRO_DECIMAL_TOO_LARGE",
          details: expect.objectContaining({ place }) as unknown,
        }),
      );
    }
    const raw = createCodec(schemaOf(schema), { mapping: { logical: "raw" } });
    expect(raw).toHaveProperty("toBuffer");
  });

  test("a writer's large decimal can be read as bytes, and a field of it mapped to them", () => {
    const schema = schemaOf(record("x.R", [["f", decimal(5000)]]));
    const bytes = createCodec(schema, { mapping: { fields: { "x.R.f": "raw" } } });
    expect(bytes.fromBuffer(Buffer.of(2, 5))).toStrictEqual({ f: new Uint8Array([5]) });
    const reader = schemaOf(record("x.R", [["f", "bytes"]]));
    expect(createDecoder(schema, reader).decode(Buffer.of(2, 5), 0, 2)).toStrictEqual({
      f: new Uint8Array([5]),
    });
  });

  test("values beyond the precision are read as they are, and refused on writing", () => {
    const codec = createCodec(schemaOf(decimal(4, { scale: 2 })));
    expect(codec.fromBuffer(Buffer.of(8, 0x7f, 0xff, 0xff, 0xff))).toBe("21474836.47");
    expect(() => codec.toBuffer("21474836.47")).toThrow(/at most 4 digits/);
  });

  test("the largest legal ones are written and read", () => {
    const codec = createCodec(schemaOf(decimal(1000)));
    const text = `-0.${"9".repeat(1000)}`;
    expect(codec.fromBuffer(codec.toBuffer(text))).toBe(text);
    const big = createCodec(schemaOf({ type: "bytes", logicalType: "big-decimal" }));
    for (const value of [`${"9".repeat(18_728)}.${"9".repeat(1000)}`, `-0.${"0".repeat(999)}1`]) {
      expect(big.fromBuffer(big.toBuffer(value))).toBe(value);
    }
    for (const value of ["9".repeat(19_729), `0.${"1".repeat(1001)}`]) {
      expect(() => big.toBuffer(value)).toThrow(/a decimal number/);
    }
    expect(() => big.fromBuffer(Buffer.of(6, 0, 0xd2, 0x0f))).toThrow(/decimal scale 1001/);
  });

  test("integers of every length keep their bytes", () => {
    const codec = createCodec(schemaOf({ type: "bytes", logicalType: "decimal", precision: 60 }));
    for (let bits = 0n; bits < 150n; bits += 1n) {
      for (const value of [2n ** bits, 2n ** bits - 1n, -(2n ** bits), -(2n ** bits) - 1n]) {
        const bytes = codec.toBuffer(value);
        expect(codec.fromBuffer(bytes)).toBe(String(value));
        const magnitude = value < 0n ? ~value : value;
        const length = Math.floor(magnitude.toString(2).length / 8) + 1;
        expect(bytes).toHaveLength(1 + (magnitude === 0n ? 1 : length));
      }
    }
  });
});

describe("container files", () => {
  const values = (file: Uint8Array, limits: CodecLimits = {}) => {
    let count = 0;
    for (const _ of readContainer(file, { limits }).values()) count++;
    return count;
  };

  test("values without bytes are counted over all blocks", () => {
    const file = writeContainer(schemaOf("null"), []);
    const sync = file.subarray(-16);
    const blocks = Array.from({ length: 50 }, () =>
      Buffer.concat([headOnly(50_000).subarray(0, -1), Buffer.of(0), sync]),
    );
    expect(values(Buffer.concat([file, ...blocks.slice(0, 2)]))).toBe(100_000);
    expect(() => values(Buffer.concat([file, ...blocks]))).toThrow(exceeded("emptyItemsMax"));
  });

  test("a block that claims more values than it has bytes for is cut short", () => {
    const file = writeContainer(schemaOf("int"), []);
    const bad = Buffer.concat([
      file,
      headOnly(9_000_000).subarray(0, -1),
      Buffer.of(2, 0),
      file.subarray(-16),
    ]);
    expect(() => values(bad)).toThrow(expect.objectContaining({ code: "AVRO_DATA_TRUNCATED" }));
  });

  test.each([0, -1, Number.NaN, 2 ** 40])("a block size of %d is refused", (blockBytes) => {
    expect(() => writeContainer(schemaOf("int"), [1], { blockBytes })).toThrow(
      expect.objectContaining({ code: "AVRO_VALUE_INVALID" }),
    );
  });
});
