import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { createSortedNames, withPrefix } from "../../src/registry/state/sorted-names.ts";

const name = fc.string({ maxLength: 3, unit: fc.constantFrom("a", "b", ":", ".", "漢") });

test.prop([fc.array(fc.tuple(fc.boolean(), name), { maxLength: 200 }), name])(
  "a sorted set holds what was added and not removed, in order, and finds prefixes",
  (changes, prefix) => {
    const names = createSortedNames();
    const expected = new Set<string>();
    for (const [isAdded, one] of changes) {
      if (isAdded) names.add(one);
      else names.remove(one);
      if (isAdded) expected.add(one);
      else expected.delete(one);
    }
    const sorted = [...expected].sort((left, right) => (left < right ? -1 : 1));
    expect([...names.range()]).toEqual(sorted);
    expect(names.size).toBe(sorted.length);
    expect([...withPrefix(names, prefix)]).toEqual(sorted.filter((one) => one.startsWith(prefix)));
    expect([...names.range(prefix, "b")]).toEqual(
      sorted.filter((one) => one >= prefix && one < "b"),
    );
  },
);

test("stays sorted over many chunks", () => {
  const names = createSortedNames();
  const numbers = Array.from({ length: 5000 }, (_, n) =>
    String((n * 7919) % 5000).padStart(4, "0"),
  );
  for (const number of numbers) names.add(number);
  expect([...names.range()]).toEqual([...numbers].sort((left, right) => (left < right ? -1 : 1)));
  for (const number of numbers.slice(0, 4990)) names.remove(number);
  expect(names.size).toBe(10);
  expect([...names.range()]).toHaveLength(10);
});
