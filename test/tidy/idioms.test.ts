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

test("messages of errors have no stop at their end: the hint follows", () => {
  const rows = readFiles(["src", "codegen"], [".ts"])
    .filter(({ path }) => /\/errors\.ts$/.test(path))
    .flatMap(({ text }) => [...text.matchAll(/^ {4}message:\s+"((?:[^"\\]|\\.)*)"/gm)])
    .map(([, message = ""]) => message);
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.filter((message) => /[.!:;,]$/.test(message))).toEqual([]);
});

test("hints of refusals are sentences", () => {
  const hints = Object.values(refusalRows).map(({ hint }) => hint);
  expect(hints.filter((hint) => !/^[A-Z].*\.$/s.test(hint))).toEqual([]);
});
