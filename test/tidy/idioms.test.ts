/** One way to write one thing, where the linter has no rule for it. */
import { expect, test } from "vitest";
import { refusalRows } from "../../src/api/index.ts";
import { readFiles, withoutComments } from "./source.ts";

const code = readFiles(["src", "codegen", "test", "bench", "examples"], [".ts", ".mjs"]);

test("counters are written `count++`, not `count += 1`", () => {
  const long = code.filter(
    ({ path, text }) =>
      path !== "test/tidy/idioms.test.ts" && LONG_STEP.test(withoutComments(text)),
  );
  expect(long.map(({ path }) => path)).toEqual([]);
});

const LONG_STEP = /[\w\])] [+-]= 1;/;

const messages = readFiles(["src", "codegen"], [".ts"])
  .filter(({ path }) => /\/errors\.ts$/.test(path))
  .flatMap(({ text }) => [...text.matchAll(/^ {4}message:\s+"((?:[^"\\]|\\.)*)"/gm)])
  .map(([, message = ""]) => message);

test("messages of errors have no stop at their end: the hint follows", () => {
  expect(messages.length).toBeGreaterThan(50);
  expect(messages.filter((message) => /[.!:;,]$/.test(message))).toEqual([]);
});

test("messages of errors and refusals begin with a capital, a value, or a name as it is written", () => {
  const all = [...messages, ...Object.values(refusalRows).map(({ message }) => message)];
  expect(all.filter(isLowerCase)).toEqual([]);
  expect(["topic {topic} is gone", "'{x}'", "node-rdkafka is gone"].map(isLowerCase)).toEqual([
    true,
    false,
    false,
  ]);
});

/** Names that are written in lower case: packages, and members of `typewire.json`. */
const WRITTEN_LOWER = /^(?:node-rdkafka|librdkafka|better-sqlite3|typewire|codegen\.)/;

function isLowerCase(message: string): boolean {
  return /^[a-z]/.test(message) && !WRITTEN_LOWER.test(message);
}

test("hints of refusals are sentences", () => {
  const hints = Object.values(refusalRows).map(({ hint }) => hint);
  expect(hints.filter((hint) => !/^[A-Z].*\.$/s.test(hint))).toEqual([]);
});
