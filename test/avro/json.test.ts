import { fc, test as prop } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/avro/index.ts";
import {
  fromJson,
  JsonNumber,
  parseJson,
  positionAt,
  prettyJson,
  printJson,
  toJson,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";

const RUNS = { numRuns: 200, seed: 20_261_121 } as const;

function problemOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (!isTypewireError(error)) throw error;
    const { problem, line, column, offset } = error.details;
    return { code: error.code, problem, line, column, offset };
  }
}

describe("parseJson", () => {
  test("keeps the text of numbers and the order of members", () => {
    const text = '{"2":1.0,"1":[1e3,-0,9007199254740993],"__proto__":{"a":null}}';
    expect(prettyJson(parseJson(text)).replace(/\s/g, "")).toBe(text);
  });

  test("a repeated member keeps its place and takes the last value, as in Java", () => {
    expect(printJson(parseJson('{"a":1,"b":2,"a":3}'))).toBe('{"a":3,"b":2}');
  });

  test("a repeated member can be refused", () => {
    const read = (): unknown => parseJson('{"a":1,\n "a":2}', { duplicateKeys: "reject" });
    expect(problemOf(read)).toEqual({
      code: "AVRO_JSON_INVALID",
      problem: "a repeated member",
      line: 2,
      column: 2,
      offset: 9,
    });
  });

  test("comments stand wherever white space can, but not after the document", () => {
    expect(printJson(parseJson("/* a */ [1, // b\n 2 /* c */]"))).toBe("[1,2]");
    expect(problemOf(() => parseJson("1 // no"))).toMatchObject({ column: 3 });
  });

  test.each([
    ['"\\u00e9\\n\\"\\\\\\/\\b\\f\\r\\t"', 'é\n"\\/\b\f\r\t'],
    ['"\\ud83d\\ude00"', "😀"],
    ['"\\ud83d"', "\ud83d"],
    [" true ", true],
    ["false", false],
    ["null", null],
    ["{}", new Map()],
    ["-12.5E+2", new JsonNumber("-12.5E+2")],
  ])("%s is read", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test.each([
    ["", "a value is missing", 1, 1],
    ["[1,]", "a value is missing", 1, 4],
    ["{\n  x: 1}", "a member name is missing", 2, 3],
    ['{"a" 1}', "no colon after a member name", 1, 6],
    ['{"a":1', "an object that is not closed", 1, 7],
    ["[1", "an array that is not closed", 1, 3],
    ['"abc', "a string that is not closed", 1, 5],
    ['"a\nb"', "a control character in a string", 1, 3],
    ['"\\x"', "an unknown escape", 1, 2],
    ['"\\u12g4"', "an incomplete \\u escape", 1, 6],
    ['"\\u12', "an incomplete \\u escape", 1, 6],
    ["01", "a malformed number", 1, 1],
    ["1.", "an incomplete number", 1, 3],
    ["-", "an incomplete number", 1, 2],
    ["1e", "an incomplete number", 1, 3],
    ["1x", "a malformed number", 1, 1],
    ["1.5.5", "a malformed number", 1, 1],
    ["+1", "a value is missing", 1, 1],
    ["NaN", "a value is missing", 1, 1],
    ["nul", "an unknown word", 1, 1],
    ["truely", "an unknown word", 1, 1],
    ['"a" "b"', "text after the end of the document", 1, 5],
    ["/* open", "a comment that is not closed", 1, 1],
    ["/ 1", "a lone slash", 1, 1],
    ["\ufeff1", "a value is missing", 1, 1],
    ["9".repeat(1001), "a number that is too long", 1, 1],
  ])("%j is refused at the right place", (text, problem, line, column) => {
    const offset =
      text
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length +
      (line - 1) +
      column -
      1;
    expect(problemOf(() => parseJson(text))).toEqual({
      code: "AVRO_JSON_INVALID",
      problem,
      line,
      column,
      offset,
    });
  });

  test("nesting is read to 1,000 levels and refused beyond", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(printJson(parseJson(nested(1000)))).toBe(nested(1000));
    expect(problemOf(() => parseJson(nested(1001)))).toMatchObject({ code: "AVRO_JSON_TOO_DEEP" });
    expect(problemOf(() => parseJson('{"a":'.repeat(1_000_000)))).toMatchObject({
      code: "AVRO_JSON_TOO_DEEP",
    });
  });

  prop.prop([fc.jsonValue()], RUNS)("reads what JSON.stringify writes", (value) => {
    const text = JSON.stringify(value);
    expect(JSON.parse(prettyJson(parseJson(text)))).toEqual(JSON.parse(text));
  });

  prop.prop([fc.string({ unit: "binary" })], RUNS)(
    "any text is a string literal once printed",
    (text) => {
      expect(parseJson(printJson(text))).toBe(text);
    },
  );

  prop.prop([fc.string({ unit: fc.constantFrom(...'{}[]":,\\u01eE+-./*nt \n') })], {
    numRuns: 2000,
  })("accepts no text that JSON.parse refuses, but for comments", (text) => {
    fc.pre(!text.includes("/"));
    const isOurs = !isRefused(() => parseJson(text));
    expect(isOurs).toBe(!isRefused(() => JSON.parse(text)));
  });
});

function isRefused(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch (error) {
    expect(isTypewireError(error, "AVRO_JSON_INVALID") || error instanceof SyntaxError).toBe(true);
    return true;
  }
}

describe("printJson", () => {
  test.each([
    ["1", "1"],
    ["-0", "0"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["1.0", "1.0"],
    ["1.50", "1.5"],
    ["1e3", "1000.0"],
    ["-0.0", "-0.0"],
    ["1234567.5", "1234567.5"],
    ["12345678.5", "1.23456785E7"],
    ["0.001", "0.001"],
    ["0.0001", "1.0E-4"],
    ["1E10", "1.0E10"],
    ["1e400", '"Infinity"'],
  ])("number %s is written as Java writes it: %s", (text, printed) => {
    expect(printJson(new JsonNumber(text))).toBe(printed);
  });

  test("strings escape what Java escapes and nothing else", () => {
    expect(printJson('"\\/\b\f\n\r\t\u0001\u001f\u007f\u2028é\ud83d')).toBe(
      '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\u007f\u2028é\ud83d"',
    );
  });
});

describe("plain data", () => {
  test("goes in with all its digits and comes out without losing any", () => {
    const json = toJson({ a: 1, b: 9007199254740993n, c: [null, true, "x"], d: undefined });
    expect(printJson(json)).toBe('{"a":1,"b":9007199254740993,"c":[null,true,"x"]}');
    expect(fromJson(json)).toEqual({ a: 1, b: 9007199254740993n, c: [null, true, "x"] });
  });

  test("trap names stay members", () => {
    const plain = fromJson(parseJson('{"__proto__":1,"constructor":2}')) as Record<string, unknown>;
    expect(Object.getPrototypeOf(plain)).toBeNull();
    expect(Object.entries(plain)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  test("data that contains itself is an error, not a hang", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(problemOf(() => toJson(loop))).toMatchObject({ code: "AVRO_JSON_TOO_DEEP" });
  });

  test("what JSON does not have is refused", () => {
    for (const value of [Number.NaN, () => 1, Symbol("s")]) {
      expect(() => toJson([value])).toThrow(
        expect.objectContaining({ code: "AVRO_OPTION_INVALID" }) as Error,
      );
    }
  });

  test("pretty text has one member a line and empty containers on one", () => {
    const json: Json = new Map<string, Json>([
      ["a", [new JsonNumber("1.0"), new Map()]],
      ["b", []],
    ]);
    expect(prettyJson(json)).toBe('{\n  "a": [\n    1.0,\n    {}\n  ],\n  "b": []\n}');
  });
});

test("positions count lines and columns from 1", () => {
  expect(positionAt("a\nbc\n", 3)).toEqual({ line: 2, column: 2 });
  expect(positionAt("a\nbc\n", 5)).toEqual({ line: 3, column: 1 });
});
