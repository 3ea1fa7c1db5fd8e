import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { group, hardline, indent, line, softline } from "../../codegen/layout.ts";
import { docComment, importedType, importedValue, printModule } from "../../codegen/printer.ts";
import { commentLines, literal, literalPropertyName, propertyName } from "../../codegen/text.ts";

const print = (doc: Parameters<typeof printModule>[1], taken: string[] = []): string =>
  printModule([], doc, new Set(taken));

describe("literals", () => {
  test.each([
    ["plain", '"plain"'],
    ['say "hi"', "'say \"hi\"'"],
    ["it's", '"it\'s"'],
    [`'"`, `"'\\""`],
    ['\\"', "'\\\\\"'"],
    ["a\u2028b\u2029c", '"a\\u2028b\\u2029c"'],
    ["\u202e\u0000\u007f", '"\\u202e\\u0000\\u007f"'],
    ["\ud800", '"\\ud800"'],
    ["🙂", '"🙂"'],
  ])("%j → %s", (text, printed) => {
    expect(literal(text)).toBe(printed);
  });

  property.prop([fc.string({ unit: "binary" })])("mean the text that they were made of", (text) => {
    const evaluate = new Function(`return ${literal(text)};`) as () => unknown;
    expect(evaluate()).toBe(text);
  });

  property.prop([
    fc.string({ unit: fc.constantFrom("'", '"', "\\", "\n", "\u2028", "a", "$", "`") }),
  ])("hold quotes and escapes of every kind", (text) => {
    const evaluate = new Function(`return ${literal(text)};`) as () => unknown;
    expect(evaluate()).toBe(text);
  });
});

describe("property names", () => {
  test.each([
    ["class", "class"],
    ["größe", "größe"],
    ["$type", "$type"],
    ["a-b", '"a-b"'],
    ["1", '"1"'],
    ["", '""'],
  ])("%j → %s", (name, printed) => {
    expect(propertyName(name)).toBe(printed);
  });

  test("__proto__ is computed in a literal, where it would set the prototype", () => {
    expect(literalPropertyName("__proto__")).toBe('["__proto__"]');
  });
});

describe("comments", () => {
  property.prop([fc.string({ unit: fc.constantFrom("*", "/", "\n", "\r", "a", "\\", "\u2028") })])(
    "end only at their end",
    (text) => {
      const printed = print(docComment([text]));
      expect(printed.split("*/").length).toBeLessThanOrEqual(2);
      expect(() => new Function(printed)).not.toThrow();
    },
  );

  test("give no orders to the compiler", () => {
    expect(commentLines("@ts-expect-error")).toEqual(["\\@ts-expect-error"]);
  });

  test("keep tags that are meant for readers", () => {
    expect(commentLines("Old.\n@deprecated use b")).toEqual(["Old.", "@deprecated use b"]);
  });

  test("are nothing without text", () => {
    expect(docComment(["", " \n "])).toEqual([]);
  });
});

describe("imports", () => {
  test("are collected, sorted, and types apart from values", () => {
    const doc = [importedValue("b", "x"), importedType("A", "x"), importedValue("a", "./y.js")];
    expect(print(doc)).toBe(
      'import type { A } from "x";\nimport { b } from "x";\nimport { a } from "./y.js";\n\nbAa\n',
    );
  });

  test("take another name when theirs is taken, in every place", () => {
    const doc = [
      importedValue("a", "x"),
      " ",
      importedValue("a", "x"),
      " ",
      importedType("a", "y"),
    ];
    expect(print(doc, ["a"])).toBe(
      'import { a as a$ } from "x";\nimport type { a as a$$ } from "y";\n\na$ a$ a$$\n',
    );
  });

  test("are values where one use needs the value", () => {
    const doc = [importedType("a", "x"), importedValue("a", "x")];
    expect(print(doc)).toBe('import { a } from "x";\n\naa\n');
  });
});

describe("groups", () => {
  const list = (items: string[]) => group("(", indent(softline, items.join(", ")), softline, ")");

  test("stay on one line of 100 columns", () => {
    expect(print(list(["x".repeat(98)]))).toBe(`(${"x".repeat(98)})\n`);
  });

  test("break beyond", () => {
    expect(print(list(["x".repeat(99)]))).toBe(`(\n  ${"x".repeat(99)}\n)\n`);
  });

  test("count what follows up to the next line break", () => {
    expect(print([list(["x".repeat(97)]), ";;"])).toBe(`(\n  ${"x".repeat(97)}\n);;\n`);
    expect(print([list(["x".repeat(97)]), ";", hardline, "y"])).toBe(`(${"x".repeat(97)});\ny\n`);
  });

  test("break when they hold a forced line break", () => {
    expect(print(group("a", line, "b", hardline, "c"))).toBe("a\nb\nc\n");
  });
});
