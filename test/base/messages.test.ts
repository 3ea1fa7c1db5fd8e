/** How values look in the messages of errors, whichever module makes them. */
import { test as property } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineErrors, messageLines, printable, shorten, show } from "../../src/base/index.ts";
import { explain } from "../../src/cli/explain.ts";

const table = defineErrors({
  TEST_SHOWN: { message: "The value {value} at {pointer}: {reason}", hint: "Write {value}." },
  TEST_LISTED: { message: "{file} is wrong: {problems}", hint: "Mend it." },
});

const messageOf = (details: Record<string, unknown>): string =>
  table.create("TEST_SHOWN", { value: 1, pointer: "/a", reason: "x", ...details }).message;

test.each([
  ["text", "The value text at /a: x"],
  ['"quoted"', 'The value "quoted" at /a: x'],
  [String.raw`C:\new "x"`, String.raw`The value C:\new "x" at /a: x`],
  [String.raw`\"`, String.raw`The value \" at /a: x`],
  ["two\nlines\u2028\u001b[1m", String.raw`The value two\nlines\u2028\u001b[1m at /a: x`],
  [["a", "b"], 'The value ["a","b"] at /a: x'],
  [7n, "The value 7 at /a: x"],
])("%o is shown on one line, with its quotes as they are", (value, message) => {
  expect(messageOf({ value })).toBe(message);
});

test.each(['"a"', String.raw`{"default":"say \"hi\""}`, String.raw`C:\new`, "a\nb", "\u001b[1m"])(
  "%o reads the same in a message that is quoted by messages",
  (value) => {
    const inner = messageOf({ value });
    const middle = messageOf({ reason: inner });
    expect(middle).toBe(`The value 1 at /a: ${inner}`);
    expect(messageOf({ reason: middle })).toBe(`The value 1 at /a: ${middle}`);
  },
);

property.prop([fc.string({ unit: "binary", maxLength: 150 })])(
  "what was shown once stays as it is, on one line",
  (text) => {
    const once = show(text);
    if (!once.endsWith("…")) expect(show(once)).toBe(once);
    expect(once).toBe(printable(once));
  },
);

test("the pointer of a whole document is called the root", () => {
  const error = table.create("TEST_SHOWN", { value: 1, pointer: "", reason: "x" });
  expect(error.message).toBe("The value 1 at the root: x");
  expect(error.details["pointer"]).toBe("");
});

test("a value is cut after 200 characters, a sentence in the middle after 1,000", () => {
  const long = "a".repeat(2000);
  expect(messageOf({ value: long })).toBe(`The value ${"a".repeat(200)}… at /a: x`);
  expect(messageOf({ reason: `${long}: the end` })).toBe(
    `The value 1 at /a: ${"a".repeat(300)} … ${"a".repeat(691)}: the end`,
  );
  expect(shorten("abcdefghijk", 10)).toBe("abc … efghijk");
  expect(shorten("abcdefghij", 10)).toBe("abcdefghij");
});

test("a terminal gets the whole sentence, and the next step", () => {
  const reason = `${"a".repeat(10_000)}: the end`;
  const error = table.create("TEST_SHOWN", { value: 1, pointer: "/a", reason });
  expect(messageLines(error)).toEqual([`The value 1 at /a: ${reason}`]);
  expect(explain(error)).toBe(`The value 1 at /a: ${reason}. Write 1. [TEST_SHOWN]`);
});

test("several problems are one sentence in a message, and one a line on a terminal", () => {
  const problems = ['/a is "x"', "/b: a\nb", "/c"];
  const error = table.create("TEST_LISTED", { file: "f.json", problems });
  expect(error.message).toBe(String.raw`f.json is wrong: /a is "x"; /b: a\nb; /c`);
  expect(explain(error).split("\n")).toEqual([
    "f.json is wrong:",
    '  /a is "x"',
    String.raw`  /b: a\nb`,
    "  /c",
    "Mend it. [TEST_LISTED]",
  ]);
  const single = table.create("TEST_LISTED", { file: "f.json", problems: ["/a is missing"] });
  expect(explain(single)).toBe("f.json is wrong: /a is missing. Mend it. [TEST_LISTED]");
});
