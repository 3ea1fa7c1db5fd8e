import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { isFatal, kafkaCodeOf, kafkaError } from "../../src/rdkafka/native.ts";
import { watchTroubles } from "../../src/rdkafka/reasons.ts";

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
    [-192, "RDKAFKA_UNAVAILABLE", true],
    [22, "RDKAFKA_REQUEST_FAILED", false],
    [-150, "RDKAFKA_FATAL", false],
    [-169, "RDKAFKA_AUTHENTICATION_FAILED", false],
    [29, "RDKAFKA_NOT_AUTHORIZED", false],
    [30, "RDKAFKA_NOT_AUTHORIZED", false],
    [31, "RDKAFKA_NOT_AUTHORIZED", false],
    [53, "RDKAFKA_NOT_AUTHORIZED", false],
    [19, "RDKAFKA_NOT_ENOUGH_REPLICAS", true],
    [20, "RDKAFKA_NOT_ENOUGH_REPLICAS", true],
    [10, "RDKAFKA_RECORD_TOO_LARGE", false],
    [18, "RDKAFKA_RECORD_TOO_LARGE", false],
    [3, "RDKAFKA_TOPIC_UNKNOWN", false],
    [-188, "RDKAFKA_TOPIC_UNKNOWN", false],
    [-190, "RDKAFKA_TOPIC_UNKNOWN", false],
  ])("%d makes an error %s, retriable: %s", (kafkaCode, code, retriable) => {
    const raw = Object.assign(new Error("x"), { code: kafkaCode });
    expect(kafkaError("a test", raw)).toMatchObject({ code, retriable, details: { kafkaCode } });
  });
});

describe("the words", () => {
  const raw = (code: number, message: string): Error => Object.assign(new Error(message), { code });

  test("are librdkafka's own where the binding kept a part of them", () => {
    expect(kafkaError("a test", raw(-1, "topic authorization failed")).message).toContain(
      "Broker: Topic authorization failed",
    );
  });

  test("say why there is no connection, and nothing of it in other errors", () => {
    const client = new EventEmitter();
    watchTroubles(client);
    const message = "b:1/1: Connect to ipv4#1.2.3.4:1 failed: Connection refused";
    client.emit("event.log", { fac: "FAIL", message });
    const reason: unknown = expect.stringContaining("b:1: Connect to ipv4#1.2.3.4:1 failed");
    for (const code of [-195, -192, -187, -185]) {
      expect(kafkaError("a test", raw(code, "x"), client)).toMatchObject({ details: { reason } });
    }
    expect(kafkaError("a test", raw(22, "x"), client)).toMatchObject({ details: { reason: "x" } });
  });

  test.each([
    [
      "Broker: Topic authorization failed: ProduceRequest for one [0] failed",
      "RDKAFKA_NOT_AUTHORIZED",
      29,
    ],
    [
      "Broker: Cluster authorization failed: Failed to acquire idempotence PID from broker b:1/1: Broker: Cluster authorization failed",
      "RDKAFKA_NOT_AUTHORIZED",
      31,
    ],
    ["Local: Inconsistent state: Unable to reconstruct MessageSet", "RDKAFKA_FATAL", -150],
    ["words of a later release", "RDKAFKA_FATAL", -150],
  ])("of a fatal error are those of its reason: %s", (words, code, kafkaCode) => {
    const client = new EventEmitter();
    watchTroubles(client);
    client.emit("event.log", { fac: "FATAL", message: `[thrd:main]: Fatal error: ${words}` });
    const error = kafkaError("a record", raw(-150, "local: fatal error"), client);
    expect(error).toMatchObject({ code, retriable: false, details: { kafkaCode, reason: words } });
    expect(isFatal(error)).toBe(true);
  });

  test("only the error of a client that is finished is fatal", () => {
    expect(isFatal(kafkaError("a test", raw(29, "x")))).toBe(false);
    expect(isFatal(kafkaError("a test", raw(-150, "x")))).toBe(true);
    expect(isFatal(new Error("x"))).toBe(false);
    expect(isFatal(undefined)).toBe(false);
  });
});
