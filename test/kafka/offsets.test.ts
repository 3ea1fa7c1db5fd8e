/** Lag and resets against what they mean, for all facts of a partition. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { ResetTarget } from "../../src/kafka/admin/offsets.ts";
import { lagOf, resetOf } from "../../src/kafka/admin/offsets.ts";

const at = { topic: "orders", partition: 0 };
const offset = fc.nat({ max: 1_000 });
/** A partition: first, next and maybe a committed offset, which may lie outside. */
const facts = fc
  .tuple(
    offset,
    offset,
    fc.option(offset, { nil: undefined }),
    fc.option(offset, { nil: undefined }),
  )
  .map(([first, length, committed, atTime]) => {
    const next = first + length;
    const young = atTime !== undefined && length > 0 ? first + (atTime % length) : undefined;
    return { ...at, first, next, committed, atTime: young };
  });

describe("lag", () => {
  test.prop([facts])("is the number of records that are there and not committed", (known) => {
    const { first, next, committed } = known;
    const { lag } = lagOf({ ...at, first, next }, committed);
    const offsets = Array.from({ length: next - first }, (_, i) => first + i);
    const open = offsets.filter((each) => committed !== undefined && each >= committed).length;
    expect(lag).toBe(committed === undefined ? undefined : open);
  });

  test.each([
    [{ ...at, first: 3, next: 9 }, undefined, { ...at, first: 3, next: 9 }],
    [{ ...at }, 4, { ...at, committed: 4 }],
    [{ ...at, first: 3 }, 4, { ...at, first: 3, committed: 4 }],
    [{ ...at, first: 3, next: 9 }, 0, { ...at, first: 3, next: 9, committed: 0, lag: 6 }],
    [{ ...at, first: 3, next: 9 }, 12, { ...at, first: 3, next: 9, committed: 12, lag: 0 }],
  ])("of %j with %s committed has no member that is unknown", (offsets, committed, expected) => {
    expect(lagOf(offsets, committed)).toEqual(expected);
  });
});

describe("a reset", () => {
  const target: fc.Arbitrary<ResetTarget> = fc.oneof(
    fc.constant("start" as const),
    fc.constant("end" as const),
    fc.record({ timestamp: fc.nat() }),
    fc.record({ offset: fc.nat({ max: 3_000 }) }),
    fc.record({ shift: fc.integer({ min: -2_000, max: 2_000 }) }),
  );

  test.prop([facts, target])("stays in the partition, and says when it had to", (known, to) => {
    const reset = resetOf(known, to);
    if (reset === undefined) {
      expect(known.committed).toBeUndefined();
      expect(to).toHaveProperty("shift");
      return;
    }
    expect(reset.to).toBeGreaterThanOrEqual(known.first);
    expect(reset.to).toBeLessThanOrEqual(known.next);
    expect(reset.from).toBe(known.committed);
    if (to === "start") expect(reset).toMatchObject({ to: known.first, bounded: false });
    if (to === "end") expect(reset).toMatchObject({ to: known.next, bounded: false });
    if (typeof to !== "object") return;
    if ("timestamp" in to) expect(reset).toMatchObject({ to: known.atTime ?? known.next });
    if ("offset" in to) expect(reset.bounded).toBe(reset.to !== to.offset);
    if ("shift" in to) expect(reset.bounded).toBe(reset.to !== (known.committed ?? 0) + to.shift);
  });
});
