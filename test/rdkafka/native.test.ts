import { describe, expect, test } from "vitest";
import { kafkaCodeOf, kafkaError } from "../../src/rdkafka/native.ts";

describe("librdkafka's code", () => {
  test.each([
    ["unknown partition", -190],
    ["message timed out", -192],
    ["queue full", -184],
    ["not leader for partition", 6],
    ["message size too large", 10],
    ["something that nobody ever said", -1],
  ])("of the text '%s' is %d", (message, code) => {
    expect(kafkaCodeOf(Object.assign(new Error(message), { code: -1 }))).toBe(code);
  });

  test("is kept when the binding has it", () => {
    expect(kafkaCodeOf(Object.assign(new Error("queue full"), { code: 22 }))).toBe(22);
  });

  test.each([
    [-195, "RDKAFKA_UNAVAILABLE", true],
    [10, "RDKAFKA_REQUEST_FAILED", false],
    [-150, "RDKAFKA_FATAL", false],
  ])("%d makes an error %s, retriable: %s", (kafkaCode, code, retriable) => {
    const raw = Object.assign(new Error("x"), { code: kafkaCode });
    expect(kafkaError("a test", raw)).toMatchObject({ code, retriable, details: { kafkaCode } });
  });
});
