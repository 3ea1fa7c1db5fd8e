/** How values look in the messages of errors, whichever module makes them. */
import { expect, test } from "vitest";
import { defineErrors } from "../../src/base/index.ts";

const table = defineErrors({
  TEST_SHOWN: { message: "The value {value} at {pointer}: {reason}", hint: "Write {value}." },
});

const messageOf = (details: Record<string, unknown>): string =>
  table.create("TEST_SHOWN", { value: 1, pointer: "/a", reason: "x", ...details }).message;

test.each([
  ["text", "The value text at /a: x"],
  ['"quoted"', 'The value "quoted" at /a: x'],
  [String.raw`C:\new "x"`, String.raw`The value C:\\new "x" at /a: x`],
  [String.raw`\"`, String.raw`The value \\" at /a: x`],
  ["two\nlines\u2028\u001b[1m", String.raw`The value two\nlines\u2028\u001b[1m at /a: x`],
  [["a", "b"], 'The value ["a","b"] at /a: x'],
  [7n, "The value 7 at /a: x"],
])("%o is shown on one line, with its quotes as they are", (value, message) => {
  expect(messageOf({ value })).toBe(message);
});

test("a message inside of a message reads the same", () => {
  const reason = messageOf({ value: '"a"' });
  expect(messageOf({ reason })).toBe(`The value 1 at /a: ${reason}`);
});

test("the pointer of a whole document is called the root", () => {
  const error = table.create("TEST_SHOWN", { value: 1, pointer: "", reason: "x" });
  expect(error.message).toBe("The value 1 at the root: x");
  expect(error.details["pointer"]).toBe("");
});

test("a value is cut after 200 characters, a sentence that was made from values after 1,000", () => {
  const long = "a".repeat(2000);
  expect(messageOf({ value: long })).toBe(`The value ${"a".repeat(200)}… at /a: x`);
  expect(messageOf({ reason: long })).toBe(`The value 1 at /a: ${"a".repeat(1000)}…`);
});
