import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Failure } from "../../../src/kafka/contract/index.ts";
import { RecordHeaders } from "../../../src/kafka/contract/index.ts";
import {
  letterHeaders,
  readLetter,
  replayHeaders,
  retryOf,
} from "../../../src/kafka/failure/letter.ts";

type Pair = readonly [name: string, value: Buffer | null];

const facts = { group: "billing", clientId: "svc" };

function failure(pairs: readonly Pair[] = [], more: Partial<Failure> = {}): Failure {
  return {
    topic: "orders",
    source: "orders",
    partition: 2,
    offset: 7,
    timestamp: 1_700_000_000_000,
    key: null,
    value: Buffer.from("v"),
    headers: new RecordHeaders(pairs),
    keySchemaId: undefined,
    schemaId: 41,
    stage: "handler",
    error: new RangeError("no such user"),
    attempt: 3,
    firstFailedAt: 0,
    lastFailedAt: 1_000,
    ...more,
  };
}

/** Headers as the next reader sees them. */
function arrived(headers: Readonly<Record<string, string>>): RecordHeaders {
  return new RecordHeaders(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]),
  );
}

const text = (name: string, value: string): Pair => [name, Buffer.from(value)];

test("a letter says where the record was, and why it is here", () => {
  const headers = letterHeaders(failure([text("trace", "t1")]), facts);
  expect(headers).toMatchObject({
    trace: "t1",
    "dlq.original.topic": "orders",
    "dlq.original.partition": "2",
    "dlq.original.offset": "7",
    "dlq.original.timestamp": "1700000000000",
    "dlq.original.value-schema-id": "41",
    "kafka_dlt-original-topic": "orders",
    "dlq.group": "billing",
    "dlq.client": "svc",
    "dlq.attempts": "3",
    "dlq.first-failed-at": "1970-01-01T00:00:00.000Z",
    "dlq.last-failed-at": "1970-01-01T00:00:01.000Z",
    "dlq.error.stage": "handler",
    "dlq.error.name": "RangeError",
    "dlq.error.message": "no such user",
  });
  expect(readLetter(arrived(headers))).toEqual({
    topic: "orders",
    partition: 2,
    offset: 7,
    timestamp: 1_700_000_000_000,
    stage: "handler",
    errorName: "RangeError",
    errorMessage: "no such user",
    group: "billing",
    attempts: 3,
    replays: 0,
  });
});

test("what is no letter is none", () => {
  expect(readLetter(new RecordHeaders([text("a", "b")]))).toBeUndefined();
  expect(readLetter(new RecordHeaders([text("dlq.original.topic", "")]))).toBeUndefined();
});

test("a retry topic's record says when it is due, and keeps its first origin over all hops", () => {
  const first = letterHeaders(failure(), { ...facts, retry: { dueAt: 123, tier: 1 } });
  expect(retryOf(arrived(first))).toEqual({ dueAt: 123, tier: 1 });
  const back = failure(arrived(first).entries, {
    source: "orders.retry.billing.5ms",
    partition: 0,
    offset: 99,
    attempt: 2,
    firstFailedAt: 5_000,
  });
  const second = letterHeaders(back, facts);
  expect(second).toMatchObject({
    "dlq.original.partition": "2",
    "dlq.original.offset": "7",
    "dlq.attempts": "5",
    "dlq.first-failed-at": "1970-01-01T00:00:00.000Z",
  });
  expect(second["dlq.retry.due-at"]).toBeUndefined();
});

test("a producer's own headers of these names are not believed", () => {
  const forged = [
    text("dlq.original.topic", "payments"),
    text("dlq.attempts", "99"),
    text("dlq.replay-count", "9"),
  ];
  const headers = letterHeaders(failure(forged), facts);
  expect(headers["dlq.original.topic"]).toBe("orders");
  expect(headers["dlq.attempts"]).toBe("3");
  expect(headers["dlq.replay-count"]).toBeUndefined();
});

test("a record does not grow from hop to hop", () => {
  let headers = letterHeaders(failure([text("a", "b"), ["bin", Buffer.from([0, 255])]]), facts);
  const sizes = new Set<number>();
  for (let hop = 0; hop < 10; hop++) {
    headers = letterHeaders(failure(arrived(headers).entries), facts);
    const { "dlq.attempts": attempts, ...rest } = headers;
    expect(Number(attempts)).toBeGreaterThan(2);
    sizes.add(JSON.stringify(rest).length);
  }
  expect(sizes.size).toBe(1);
});

describe("whatever an error is, its letter can be sent", () => {
  const odd = Object.create(null) as object;
  const throwing = new Error("x");
  Object.defineProperty(throwing, "message", {
    get() {
      throw new Error("gotcha");
    },
  });
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["text", "boom"],
    ["an object without a prototype", odd],
    ["an error whose message throws", throwing],
    ["an error with NUL and half a pair", new Error("a\0b\ud800c")],
    ["an error with a long text", new Error("x".repeat(1e6))],
    ["a symbol", Symbol("s")],
  ])("%s", (_, error) => {
    const headers = letterHeaders(failure([], { error }), facts);
    for (const [name, value] of Object.entries(headers)) {
      expect(typeof value, name).toBe("string");
      expect(value, name).not.toMatch(/\0|\p{Surrogate}/u);
    }
    expect(JSON.stringify(headers).length).toBeLessThan(8_000);
  });
});

propertyTest.prop({
  pairs: fc.array(
    fc.tuple(
      fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "a", "a", "")),
      fc.option(
        fc.oneof(
          fc.string().map((s) => Buffer.from(s)),
          fc.uint8Array().map((b) => Buffer.from(b)),
        ),
      ),
    ),
    { maxLength: 8 },
  ),
})("replaying gives the headers back, and names those that can't be sent", ({ pairs }) => {
  const own = pairs.filter(
    ([name]) => !name.startsWith("dlq.") && name !== "kafka_dlt-original-topic",
  );
  const letter = arrived(letterHeaders(failure(own), facts));
  const { headers, lost } = replayHeaders(letter);
  const seen = new Set<string>();
  for (const [name, value] of own) {
    if (lost.includes(name) && (value === null || seen.has(name) || headers[name] === undefined))
      continue;
    if (seen.has(name)) continue;
    if (lost.includes(name)) continue;
    seen.add(name);
    expect(Object.hasOwn(headers, name)).toBe(true);
    expect(Buffer.from(headers[name] as string)).toEqual(value);
  }
  expect(seen.size + new Set(lost).size).toBeGreaterThanOrEqual(
    new Set(own.map(([name]) => name)).size,
  );
  expect(headers["dlq.replay-count"]).toBe("1");
});

test("a replay counts up, and keeps the first origin for the next letter", () => {
  const once = replayHeaders(arrived(letterHeaders(failure(), facts))).headers;
  const again = failure(arrived(once).entries, { offset: 500 });
  const letter = arrived(letterHeaders(again, facts));
  expect(readLetter(letter)).toMatchObject({ offset: 7, replays: 1 });
  expect(replayHeaders(letter).headers["dlq.replay-count"]).toBe("2");
});
