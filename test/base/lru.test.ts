import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { createLru } from "../../src/base/index.ts";

const WEIGHT_MAX = 20;
const key = fc.integer({ min: 0, max: 9 });
const step = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key, weight: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ kind: fc.constantFrom("get" as const, "delete" as const), key }),
);

test.prop([fc.array(step, { maxLength: 100 })])(
  "a cache answers what was set last, or nothing, and what it keeps never weighs more than its bound",
  (steps) => {
    const cache = createLru<number, { readonly weight: number }>(WEIGHT_MAX);
    const last = new Map<number, { readonly weight: number }>();
    for (const one of steps) {
      if (one.kind === "set") {
        const value = { weight: one.weight };
        cache.set(one.key, value, one.weight);
        last.set(one.key, value);
        expect(cache.get(one.key)).toBe(one.weight <= WEIGHT_MAX ? value : undefined);
      } else if (one.kind === "delete") {
        cache.delete(one.key);
        last.delete(one.key);
      } else {
        expect([last.get(one.key), undefined]).toContain(cache.get(one.key));
      }
    }
    const kept = [...last].filter(([name, value]) => cache.get(name) === value);
    const weight = kept.reduce((total, [, value]) => total + value.weight, 0);
    expect(weight).toBeLessThanOrEqual(WEIGHT_MAX);
  },
);

test("what was read stays when there is something that was not", () => {
  const cache = createLru<string, object>(3);
  for (const name of ["a", "b", "c"]) cache.set(name, { name }, 1);
  expect(cache.get("a")).toEqual({ name: "a" });
  cache.set("d", {}, 1);
  cache.set("e", {}, 1);
  expect(["a", "b", "c", "d", "e"].map((name) => cache.get(name) !== undefined)).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
});

test("a new value is kept although every other one was read", () => {
  const cache = createLru<string, object>(2);
  cache.set("a", {}, 1);
  cache.set("b", {}, 1);
  expect([cache.get("a"), cache.get("b")]).toEqual([{}, {}]);
  cache.set("c", { isLast: true }, 1);
  expect(cache.get("c")).toEqual({ isLast: true });
});
