/**
 * Whatever schemas say, reading, comparing and printing them costs steps in proportion to their
 * size, or is refused.
 */
import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Incompatibility, Schema } from "../../src/avro/index.ts";
import {
  canRead,
  createStepBudget,
  parseSchema,
  readerIncompatibilities,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import {
  checkCompatibility,
  diffSchemas,
  LEVELS,
  normalizedSchema,
  satisfiedLevels,
} from "../../src/confluent/index.ts";
import { arbSchemaPair } from "./arbitraries.ts";

const read = (json: unknown, mode: "strict" | "lenient" | "stored" = "strict"): Schema =>
  parseSchema(JSON.stringify(json), { mode });
const record = (name: string, fields: readonly object[], more: object = {}): object => ({
  type: "record",
  name,
  fields,
  ...more,
});
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

/** Types that use the next one twice, level after level: the findings are 2^depth. */
function bomb(
  depth: number,
  leaf: unknown,
  wrap = (type: unknown): unknown => type,
  field = "",
): Schema {
  const at = (n: number): unknown =>
    n === depth
      ? leaf
      : record(`R${n}`, [
          { name: `a${field}`, type: wrap(at(n + 1)) },
          { name: `b${field}`, type: wrap(n + 1 === depth ? leaf : `R${n + 1}`) },
        ]);
  return read(at(0));
}

const chars = (findings: readonly Incompatibility[]): number => JSON.stringify(findings).length;

describe("findings are counted, and told as far as they are worth reading", () => {
  test("all of them up to 200", () => {
    const findings = readerIncompatibilities(bomb(7, "int"), bomb(7, "string"));
    expect(findings).toHaveLength(128);
    expect(findings.every(({ type }) => type === "TYPE_MISMATCH")).toBe(true);
  });

  test("of more the first 200, in the order of the schema, and their number", () => {
    const side = (letter: string): Schema =>
      read(
        record(
          "R",
          many(500, (n) => ({ name: `${letter}${n}`, type: "int" })),
        ),
      );
    const findings = readerIncompatibilities(side("a"), side("b"));
    expect(findings.slice(0, 200).map(({ message }) => message)).toEqual(many(200, (n) => `a${n}`));
    expect(findings.slice(200)).toEqual([
      {
        type: "MORE_FINDINGS",
        location: "/",
        message: "300 more",
        readerPath: "",
        writerPath: "",
      },
    ]);
  });

  test.each<[string, (type: unknown) => unknown]>([
    ["records", (type) => type],
    ["arrays", (type) => ({ type: "array", items: type })],
    ["maps", (type) => ({ type: "map", values: type })],
  ])("of 2^20 and of 2^150, through %s", (_what, wrap) => {
    const budget = createStepBudget();
    const some = readerIncompatibilities(bomb(20, "int", wrap), bomb(20, "string", wrap), budget);
    expect(some.length).toBeGreaterThan(150);
    expect(some.at(-1)?.message).toBe(`${2 ** 20 - some.length + 1} more`);
    const all = readerIncompatibilities(bomb(150, "int", wrap), bomb(150, "string", wrap), budget);
    expect(all.at(-1)?.message).toBe(`more than ${Number.MAX_SAFE_INTEGER - all.length + 1} more`);
    expect(budget.max - budget.left).toBeLessThan(5000);
  });

  test("as one missing branch, inside a union", () => {
    const union = (type: unknown): unknown => ["null", type];
    expect(readerIncompatibilities(bomb(60, "int", union), bomb(60, "string", union))).toHaveLength(
      2,
    );
  });

  test("with texts that are bounded: long names, lists of symbols, deep places", () => {
    const symbols = (letter: string): object => ({
      type: "enum",
      name: "E",
      symbols: many(20_000, (n) => `${letter}${n}`),
    });
    // The leaf is defined twice, in equal words.
    const enums = readerIncompatibilities(bomb(20, symbols("A")), bomb(20, symbols("B")));
    expect(enums[0]?.message).toMatch(/^\[B0, B1, B10,.*\.\.\.$/);
    expect(chars(enums)).toBeLessThan(300_000);
    const long = "x".repeat(5_000);
    const names = readerIncompatibilities(
      bomb(20, "int", undefined, long),
      bomb(20, "string", undefined, `${long}y`),
    );
    expect(chars(names)).toBeLessThan(300_000);
    const deep = readerIncompatibilities(bomb(300, "int"), bomb(300, "string"));
    expect(chars(deep)).toBeLessThan(300_000);
    expect(deep[0]?.readerPath).toHaveLength(300 * "/fields/0/type".length);
  });

  test("in Confluent's messages at every level, and in the levels that would do", () => {
    const [before, after] = [bomb(100, "string"), bomb(100, "int")];
    const history = [{ schema: before, text: "x".repeat(1_000_000), version: 1 }];
    for (const level of LEVELS.slice(1)) {
      const { messages } = checkCompatibility({ level, candidate: { schema: after }, history });
      expect(messages.join().length).toBeLessThan(800_000);
      const more = messages.find((message) => message.includes("MORE_FINDINGS"));
      expect(more).toMatch(
        /^\{errorType:'MORE_FINDINGS', description:'More incompatibilities were found than are shown', additionalInfo:'more than \d+ more'\}$/,
      );
    }
    expect([...satisfiedLevels(after, history)]).toEqual(["NONE"]);
  });
});

describe("steps", () => {
  const union = (letter: string, count: number, more: (n: number) => object = () => ({})): Schema =>
    read(
      many(count, (n) => ({
        ...record(`${letter}${n}`, [{ name: letter, type: "int" }]),
        ...more(n),
      })),
    );

  test("of unions of thousands are in proportion to them", () => {
    const budget = createStepBudget();
    expect(readerIncompatibilities(union("a", 4000), union("b", 4000), budget)).toHaveLength(201);
    expect(canRead(union("a", 4000), union("a", 4000), budget)).toBe(true);
    const aliased = union("c", 4000, (n) => ({ aliases: [`b${n}`] }));
    const withDefaults = union("b", 4000, () => ({ fields: [] }));
    expect(
      canRead(
        read(many(4000, (n) => record(`c${n}`, [], { aliases: [`b${n}`] }))),
        withDefaults,
        budget,
      ),
    ).toBe(true);
    expect(canRead(aliased, withDefaults, budget)).toBe(false);
    expect(budget.max - budget.left).toBeLessThan(4 * 50_000 + 4 * 10 * 4000);
  });

  test("of long lists of aliases and symbols are in proportion to them, too", () => {
    const aliases = many(20_000, (n) => `A${n}`);
    const reader = read([record("R", [], { aliases }), "null"]);
    const budget = createStepBudget();
    expect(canRead(reader, read(many(2000, (n) => record(`A${n}`, []))), budget)).toBe(true);
    expect(budget.max - budget.left).toBeLessThan(100_000);
  });

  test("are bounded where every type may fit every other, and the error says so", () => {
    const side = (letter: string): Schema =>
      read(
        many(150, (n) =>
          record("R", [{ name: letter, type: "int" }], { namespace: `${letter}${n}` }),
        ),
      );
    const [reader, writer] = [side("a"), side("b")];
    const tooLarge = expect.objectContaining({ code: "AVRO_COMPARISON_TOO_LARGE" }) as Error;
    const budget = createStepBudget(60_000);
    expect(() => readerIncompatibilities(reader, writer, budget)).toThrow(
      "Comparing the schemas takes more than 60000 steps",
    );
    // What is used up stays used up, and is never taken for a verdict.
    expect(() => canRead(read("int"), read("int"), budget)).toThrow(tooLarge);
    const history = [{ schema: writer, text: "" }];
    const check = { candidate: { schema: reader }, history, budget: createStepBudget(60_000) };
    expect(() => checkCompatibility({ level: "BACKWARD", ...check })).toThrow(tooLarge);
    expect(() => satisfiedLevels(reader, history, createStepBudget(60_000))).toThrow(tooLarge);
    expect(readerIncompatibilities(reader, writer)).toHaveLength(150);
  });

  test("through arrays inside of cycles end in an error, not in a stack overflow", () => {
    const nested = (depth: number, type: unknown): unknown =>
      depth === 0 ? type : { type: "array", items: nested(depth - 1, type) };
    const cycle = (length: number): Schema => {
      const at = (n: number): object =>
        record(`C${n}`, [{ name: "f", type: nested(100, n + 1 < length ? at(n + 1) : "C0") }]);
      return read(at(0));
    };
    expect(() => readerIncompatibilities(cycle(7), cycle(9))).toThrow("deeper than 1000 levels");
  });

  /** Takes more steps than the exact way may, and is compatible. */
  const padding = many(300, (n) => record(`Padding${n}`, [], { namespace: "padding" }));
  const padded = (text: string): Schema =>
    parseSchema(
      `{"type":"record","name":"PaddingRoot","fields":[{"name":"p","type":${JSON.stringify(padding)}},{"name":"x","type":${text}}]}`,
      { mode: "lenient" },
    );

  prop.prop([arbSchemaPair], { numRuns: 30 })(
    "looking branches up by name has the verdict of trying them all",
    ([left, right]) => {
      const verdict = (reader: () => Schema, writer: () => Schema): unknown => {
        try {
          return canRead(reader(), writer());
        } catch (error) {
          if (!isTypewireError(error)) throw error;
          return error.code;
        }
      };
      const plain = (text: string) => () => parseSchema(text, { mode: "lenient" });
      const exact = verdict(plain(left), plain(right));
      fc.pre(typeof exact === "boolean");
      expect(
        verdict(
          () => padded(left),
          () => padded(right),
        ),
      ).toBe(exact);
    },
  );
});

describe("names", () => {
  const named = (length: number): object => record(`n.${"x".repeat(length - 2)}`, []);

  test.each(["strict", "lenient"] as const)("have 1,000 characters at most: %s", (mode) => {
    expect(() => read(named(1000), mode)).not.toThrow();
    expect(() => read(named(1001), mode)).toThrow(/^Name .* is not a valid type name$/);
    expect(() => read({ ...record("R", []), aliases: ["x".repeat(1001)] }, mode)).toThrow(
      "is not a valid alias",
    );
    const namespace = "n".repeat(995);
    expect(() =>
      read(record("R", [{ name: "f", type: record("Toolong", []) }], { namespace }), mode),
    ).toThrow(expect.objectContaining({ code: "AVRO_NAME_INVALID" }));
    expect(() => read(record("R", [{ name: "f", type: "Toolong" }], { namespace }), mode)).toThrow(
      expect.objectContaining({ code: "AVRO_NAME_INVALID" }),
    );
  });

  test("have 10,000 in schemas that a registry holds", () => {
    expect(() => read(named(10_000), "stored")).not.toThrow();
    expect(() => read(named(10_001), "stored")).toThrow(
      expect.objectContaining({ code: "AVRO_NAME_INVALID" }),
    );
  });

  test.each<[string, (count: number) => object]>([
    [
      "types",
      (count) =>
        record(
          "R",
          many(count, (n) => ({ name: `f${n}`, type: record(`T${n}`, []) })),
        ),
    ],
    [
      "references",
      (count) =>
        record("R", [
          { name: "t", type: record("T", []) },
          ...many(count, (n) => ({ name: `f${n}`, type: "T" })),
        ]),
    ],
    ["aliases", (count) => record("R", [], { aliases: many(count, (n) => `A${n}`) })],
  ])("inherit a namespace as often as 4,000,000 characters go: %s", (_what, make) => {
    const namespace = "n".repeat(900);
    expect(() => read({ ...make(4400), namespace })).not.toThrow();
    expect(() => read({ ...make(4450), namespace })).toThrow(
      "a namespace that is too long for the number of names that inherit it",
    );
    expect(() => read({ ...make(20_000), namespace: "com.example.orders" })).not.toThrow();
  });
});

describe("what is quadratic by nature is bounded", () => {
  test("defaults of unions of records", () => {
    const items = many(2000, (n) => record(`D${n}`, [{ name: "x", type: "int" }]));
    const type = { type: "array", items };
    const schema = (count: number): object =>
      record("R", [{ name: "a", type, default: many(count, () => ({})) }]);
    expect(() => read(schema(1))).toThrow("is not a value of its type");
    // An array ends at the first value that does not fit, so the last branch must fit.
    const last = { type: "array", items: [...items, record("Last", [])] };
    const costly = record("R", [{ name: "a", type: last, default: many(2000, () => ({})) }]);
    expect(() => read(costly)).toThrow(
      "Checking the defaults of the schema takes more than 500000 steps",
    );
    expect(() => read(costly)).toThrow(
      expect.objectContaining({ code: "AVRO_DEFAULTS_TOO_LARGE" }),
    );
    expect(() => read(costly, "lenient")).not.toThrow();
  });
});

test("large schemas are compared for people, normalised and pointed into", () => {
  const fields = (letter: string): object =>
    record(
      "R",
      many(4000, (n) => ({ name: `${letter}${n}`, type: "int", default: n })),
    );
  expect(diffSchemas(read(fields("a")), read(fields("b")))).toHaveLength(8000);
  const branches = (letter: string): Schema => read(many(200, (n) => record(`${letter}${n}`, [])));
  expect(diffSchemas(branches("a"), branches("b"))).toHaveLength(400);
  const inner = record(
    "I",
    many(4000, (n) => ({ name: `f${n}`, type: "float" })),
  );
  const value = Object.fromEntries(many(4000, (n) => [`f${n}`, n]));
  const text = normalizedSchema(read(record("R", [{ name: "i", type: inner, default: value }])));
  expect(text).toContain('"f3999":3999.0');
});
