import { expect, test } from "vitest";
import { createFailureLog } from "../../src/server/request-log.ts";
import { storeErrors } from "../../src/store/errors.ts";

/** A log of failures, and what it wrote. */
function started() {
  const lines: string[] = [];
  let nowMs = 0;
  const log = createFailureLog({ write: (text) => lines.push(text), now: () => nowMs });
  return {
    lines,
    fail: (error: unknown) => log({ requestId: "r", method: "POST", url: "/s\n", error }),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const full = storeErrors.create("STORE_FULL", { file: "/data/registry.sqlite", reason: "full" });
const busy = storeErrors.create("STORE_BUSY", { file: "/data/registry.sqlite", waitMs: 5 });

test("what fails again and again for one reason is a line a minute, with their number", () => {
  const { lines, fail, pass } = started();
  for (let n = 0; n < 1000; n++) {
    fail(full);
    pass(100);
  }
  const line = (more: string) =>
    `POST "/s\\n" (request r) failed${more}: ${full.message}. ${full.hint} [STORE_FULL]\n`;
  expect(lines).toEqual([line(""), line("; so did 599 before it")]);
});

test("another reason is not held back by the first", () => {
  const { lines, fail } = started();
  for (const error of [full, busy, full, busy]) fail(error);
  expect(lines.map((line) => /\[(\w+)\]/.exec(line)?.[1])).toEqual(["STORE_FULL", "STORE_BUSY"]);
});

test("after a quiet time the count begins anew", () => {
  const { lines, fail, pass } = started();
  fail(full);
  pass(60_000);
  fail(full);
  pass(60_000);
  fail(full);
  expect(lines).toHaveLength(3);
  expect(lines.join("")).not.toContain("before it");
});

test("what nobody foresaw has its stack, each time", () => {
  const { lines, fail } = started();
  const bug = new RangeError("a bug");
  fail(bug);
  fail(bug);
  fail("no error at all");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain(bug.stack);
  expect(lines[2]).toBe('POST "/s\\n" (request r) failed: no error at all\n');
});
