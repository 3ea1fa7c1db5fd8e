/** Decoders of large schemas are made in steps in proportion to the schemas' size. */
import { describe, expect, test } from "vitest";
import { createCodec, createDecoder, parseSchema } from "../../src/avro/index.ts";
import { planReading } from "../../src/avro/resolution.ts";

const schemaOf = (json: unknown) => parseSchema(JSON.stringify(json), { mode: "stored" });
type Field = readonly [string, unknown] | readonly [string, unknown, unknown];
const record = (name: string, fields: readonly Field[]) => ({
  type: "record",
  name,
  fields: fields.map(([field, type, ...value]) => ({
    name: field,
    type,
    ...(value.length > 0 && { default: value[0] }),
  })),
});
/** A union of records with the same fields. */
const union = (prefix: string, count: number, fields: readonly Field[]) =>
  Array.from({ length: count }, (_, i) => record(`${prefix}${i}`, fields));
const branch = (index: number, ...body: readonly number[]) =>
  Buffer.concat([createCodec(schemaOf("int")).toBuffer(index), Buffer.from(body)]);

/** How the data of each branch ends, and how often. */
function outcomes(writer: unknown, reader: unknown, stepsMax: number, body: readonly number[]) {
  const { length } = writer as readonly unknown[];
  const limits = { resolutionStepsMax: stepsMax };
  const { decode } = createDecoder(schemaOf(writer), schemaOf(reader), { limits, compile: false });
  const counts: Record<string, number> = {};
  for (let i = 0; i < length; i++) {
    const bytes = branch(i, ...body);
    let ending = "read";
    try {
      decode(bytes, 0, bytes.length);
    } catch (error) {
      ending = String((error as { code?: unknown }).code);
    }
    counts[ending] = (counts[ending] ?? 0) + 1;
  }
  return counts;
}

const int = ["a", "int"] as const;

describe("unions of many records are fitted in steps that grow with their size", () => {
  const cases: [string, (n: number) => [unknown, unknown], string, number[]][] = [
    [
      "others without a field in common",
      (n) => [union("A", n, [int]), union("B", n, [["b", "int"]])],
      "AVRO_DATA_UNREADABLE",
      [2],
    ],
    [
      "others with one field in common",
      (n) => [union("A", n, [int]), union("B", n, [int, ["b", "int"]])],
      "AVRO_DATA_UNREADABLE",
      [2],
    ],
    [
      "others with the same fields",
      (n) => [union("A", n, [int]), union("B", n, [int])],
      "read",
      [2],
    ],
    ["the same", (n) => [union("A", n, [int]), union("A", n, [int])], "read", [2]],
    [
      "the same with one more field",
      (n) => [union("A", n, [int]), union("A", n, [int, ["z", "int", 0]])],
      "read",
      [2],
    ],
    [
      "enums of another namespace",
      (n) => {
        const all = (namespace: string) =>
          Array.from({ length: n }, (_, i) => ({
            type: "enum",
            name: `E${i}`,
            namespace,
            symbols: ["A"],
          }));
        return [all("x"), all("y")];
      },
      "read",
      [0],
    ],
  ];

  test.each(cases)("%s", (_, make, ending, body) => {
    for (const count of [100, 1600]) {
      const [writer, reader] = make(count);
      expect(outcomes(writer, reader, 20 * count, body)).toStrictEqual({ [ending]: count });
    }
  });

  test("what has no such order ends with an error of its own, and the rest goes on", () => {
    const writer = [...union("A", 1000, [int]), record("Good", [["g", "int"]])];
    const reader = [
      ...union("B", 1000, [["a", "string"]]),
      record("Good", [
        ["g", "int"],
        ["h", "int", 7],
      ]),
    ];
    const limits = { resolutionStepsMax: 10_000 };
    const { decode } = createDecoder(schemaOf(writer), schemaOf(reader), { limits });
    const good = branch(1000, 2);
    const read = () => decode(good, 0, good.length);
    expect(read()).toStrictEqual({ $type: "Good", g: 1, h: 7 });
    const codes = Array.from({ length: 50 }, (_, i) => {
      const bytes = branch(i, 2);
      try {
        decode(bytes, 0, bytes.length);
        return "read";
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    expect(new Set(codes)).toStrictEqual(
      new Set(["AVRO_DATA_UNREADABLE", "AVRO_RESOLUTION_TOO_LARGE"]),
    );
    expect(codes.at(-1)).toBe("AVRO_RESOLUTION_TOO_LARGE");
    expect(read()).toStrictEqual({ $type: "Good", g: 1, h: 7 });
  });
});

test("pairs of records are resolved when data meets them", () => {
  const ring = (prefix: string, count: number) => {
    const links = Array.from({ length: count }, (_, i) =>
      record(`${prefix}${i}`, [["next", ["null", `${prefix}${(i + 1) % count}`]]]),
    );
    return record("Root", [
      ["start", links[0]],
      ["rest", links.slice(1).concat([])],
    ]);
  };
  // 300 × 299 pairs are reachable, and 99 are met.
  const reader = schemaOf(ring("R", 299));
  const writer = schemaOf(ring("W", 300));
  const bytes = Buffer.concat([Buffer.alloc(99, 2), Buffer.of(0, 0, 0)]);
  for (const compile of [true, false]) {
    const { decode } = createDecoder(writer, reader, {
      compile,
      limits: { resolutionStepsMax: 30_000 },
    });
    expect(decode(bytes, 0, bytes.length)).toHaveProperty("start.next.next.next");
  }
  const plan = planReading(writer, reader, {}, 1000);
  expect(plan.kind).toBe("record");
});

describe("compiled code stays in proportion", () => {
  test("a schema of many records is read and written by parts, as the interpreter does", () => {
    const fields = Array.from(
      { length: 1000 },
      (_, i): Field => [
        `f${i}`,
        record(`N${i}`, [
          ["x", "int"],
          ["o", ["null", `N${Math.max(0, i - 1)}`]],
        ]),
      ],
    );
    const schema = schemaOf(record("Root", fields));
    const bytes = Buffer.alloc(2000, 0).map((_, i) => (i % 2 === 0 ? 2 : 0));
    const [compiled, interpreted] = [createCodec(schema), createCodec(schema, { compile: false })];
    const value = interpreted.fromBuffer(bytes);
    expect(compiled.fromBuffer(bytes)).toStrictEqual(value);
    expect(compiled.toBuffer(value)).toStrictEqual(interpreted.toBuffer(value));
  });

  test("records that use each other again and again are not printed again and again", () => {
    const fields = Array.from(
      { length: 200 },
      (_, i): Field => [
        `f${i}`,
        record(
          `N${i}`,
          ["a", "b", "c"].map((name): Field => [name, i === 0 ? "int" : ["null", `N${i - 1}`]]),
        ),
      ],
    );
    const schema = schemaOf(record("Root", fields));
    const codec = createCodec(schema);
    const bytes = Buffer.alloc(600, 0);
    expect(codec.toBuffer(codec.fromBuffer(bytes))).toStrictEqual(bytes);
  });

  test("depth is one count over all parts", () => {
    const fields = Array.from(
      { length: 2100 },
      (_, i): Field => [`f${i}`, record(`N${i}`, [["x", "int"]])],
    );
    const tree = record("T", [
      ["wide", ["null", record("Wide", fields)]],
      ["next", ["null", "T"]],
    ]);
    const schema = schemaOf(record("Root", [["tree", tree]]));
    let value: object | null = null;
    for (let i = 0; i < 30; i++) value = { wide: null, next: value };
    for (const compile of [true, false]) {
      const fits = createCodec(schema, { compile, limits: { depthMax: 30 } });
      expect(fits.fromBuffer(fits.toBuffer({ tree: value }))).toStrictEqual({ tree: value });
      const tight = createCodec(schema, { compile, limits: { depthMax: 29 } });
      expect(() => tight.toBuffer({ tree: value })).toThrow(/depthMax of 29/);
      expect(() => tight.fromBuffer(fits.toBuffer({ tree: value }))).toThrow(/depthMax of 29/);
    }
  });
});
