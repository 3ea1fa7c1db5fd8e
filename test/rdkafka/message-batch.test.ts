import type { Message } from "node-rdkafka";
import { describe, expect, test } from "vitest";
import { MessageBatch } from "../../src/rdkafka/message-batch.ts";

function message(partition: number, offset: number, parts: Partial<Message> = {}): Message {
  const value = Buffer.from(`v${offset}`);
  return { topic: "t", partition, offset, value, key: null, size: value.length, ...parts };
}

describe("a batch of messages", () => {
  test("names each partition once, however they are mixed", () => {
    const batch = new MessageBatch([message(1, 7), message(0, 3), message(1, 8), message(1, 9)]);
    expect(batch.sources).toEqual([
      { topic: "t", partition: 1 },
      { topic: "t", partition: 0 },
    ]);
    expect([0, 1, 2, 3].map((i) => batch.source(i))).toEqual([0, 1, 0, 0]);
    expect([0, 1, 2, 3].map((i) => batch.offset(i))).toEqual([7, 3, 8, 9]);
  });

  test("tells null from empty, in keys and values", () => {
    const batch = new MessageBatch([
      message(0, 0, { value: null, key: Buffer.alloc(0) }),
      message(0, 1, { value: Buffer.alloc(0), key: null }),
    ]);
    expect([0, 1].map((i) => batch.valueStart(i))).toEqual([-1, 0]);
    expect([0, 1].map((i) => batch.keyStart(i))).toEqual([0, -1]);
    expect([0, 1].map((i) => batch.valueEnd(i) + batch.keyEnd(i))).toEqual([0, 0]);
  });

  test("gives the bytes by range, and -1 for an unknown timestamp", () => {
    const batch = new MessageBatch([message(0, 5, { key: Buffer.from("k"), timestamp: 12 })]);
    const value = batch.valueBuf(0).toString("utf8", batch.valueStart(0), batch.valueEnd(0));
    const key = batch.keyBuf(0).toString("utf8", batch.keyStart(0), batch.keyEnd(0));
    expect([key, value, batch.timestamp(0)]).toEqual(["k", "v5", 12]);
    expect(new MessageBatch([message(0, 0)]).timestamp(0)).toBe(-1);
  });

  test("keeps headers in order, with duplicates and names that objects have of their own", () => {
    const headers: unknown[] = [
      { a: Buffer.from("1") },
      { constructor: Buffer.from("2") },
      { a: "" },
    ];
    const batch = new MessageBatch([message(0, 0, { headers: headers as never }), message(0, 1)]);
    expect(batch.headers(0)).toEqual([
      ["a", Buffer.from("1")],
      ["constructor", Buffer.from("2")],
      ["a", ""],
    ]);
    expect(batch.headers(1)).toEqual([]);
  });
});
