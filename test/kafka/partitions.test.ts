/** The partition of a key is the one that Java's client chooses. */
import { describe, expect, test } from "vitest";
import { murmur2, partitionBy, partitionByRecord, partitionOfKey } from "../../src/kafka/index.ts";
import { StickyPartition } from "../../src/kafka/producer/partitioner.ts";
import { ordersV1 } from "./fixtures.ts";

describe("murmur2", () => {
  // The vectors of Apache Kafka's own test of its Java client (UtilsTest).
  test.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ])("of '%s' is %d, as in Java", (text, hash) => {
    const bytes = Buffer.from(text);
    expect(murmur2(bytes, 0, bytes.length)).toBe(hash);
  });

  test("looks at the given range only", () => {
    const bytes = Buffer.from("<<foobar>>");
    expect(murmur2(bytes, 2, 8)).toBe(-790332482);
  });

  test("of a negative hash still gives a partition", () => {
    const bytes = Buffer.from("foobar");
    expect(partitionOfKey(bytes, 0, bytes.length, 7)).toBe((-790332482 & 0x7fffffff) % 7);
  });
});

describe("records without a key", () => {
  test("stay on a partition for 16 KiB and then move on, over all partitions", () => {
    const sticky = new StickyPartition(1);
    const chosen: number[] = [];
    for (let i = 0; i < 8; i++) {
      chosen.push(sticky.current(3));
      sticky.sent(8 * 1024);
    }
    expect(chosen).toEqual([1, 1, 2, 2, 0, 0, 1, 1]);
  });
});

describe("partitionBy", () => {
  const value = { orderId: "o", amount: 5, status: "NEW" } as const;

  test("is given the typed key", () => {
    const byLetter = partitionBy(ordersV1, (key, partitions) => key.charCodeAt(0) % partitions);
    expect(byLetter.topic).toBe("orders");
    expect(byLetter.choose({ key: "b", value }, 4)).toBe(98 % 4);
  });

  test("ByRecord is given the whole typed record", () => {
    const byAmount = partitionByRecord(ordersV1, (record, partitions) =>
      record.value === null ? 0 : (record.value.amount + record.key.length) % partitions,
    );
    expect(byAmount.topic).toBe("orders");
    expect(byAmount.choose({ key: "ab", value }, 4)).toBe(7 % 4);
  });
});
