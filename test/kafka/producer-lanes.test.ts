/** What the producer promises whatever its binding does: order, deadlines, one settlement a record. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, vi } from "vitest";
import type { KafkaHooks } from "../../src/kafka/contract/index.ts";
import { HookCaller } from "../../src/kafka/contract/index.ts";
import type { ProducerInterceptor, TopicPartitioner } from "../../src/kafka/index.ts";
import { intercept, interceptAll, partitionBy, partitionByRecord } from "../../src/kafka/index.ts";
import { LanedProducer } from "../../src/kafka/producer/laned-producer.ts";
import { rdkafkaErrors } from "../../src/rdkafka/index.ts";
import { bytesType, renamed, stringType, topic, topicPattern } from "../../src/schema/index.ts";
import { FakeProducer } from "./fake-producer.ts";
import { fullRegistry } from "./fixtures.ts";

const text = topic({ name: "text", key: stringType, value: stringType });
const raw = topic({ name: "text", key: stringType, value: bytesType });

interface Given {
  readonly binding?: FakeProducer;
  readonly deliveryTimeoutMs?: number;
  readonly waitingMax?: number;
  readonly hooks?: readonly KafkaHooks[];
  readonly interceptors?: readonly ProducerInterceptor[];
  readonly partitioners?: readonly TopicPartitioner[];
}

function producerOn(given: Given = {}): { producer: LanedProducer; binding: FakeProducer } {
  const { binding = new FakeProducer(), hooks, interceptors = [], partitioners = [] } = given;
  const producer = new LanedProducer({
    binding,
    registry: fullRegistry(),
    ignored: new Set(),
    hooks: new HookCaller(hooks, { kind: "producer", clientId: "c" }),
    brokers: ["b:1"],
    partitioners,
    interceptors,
    tracing: undefined,
    deliveryTimeoutMs: given.deliveryTimeoutMs ?? 60_000,
    waitingMax: given.waitingMax ?? 100,
    recountMs: 60_000,
    silentMs: 60_000,
  });
  return { producer, binding };
}

const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error) => error);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A binding whose look-ups are done and whose window is full. */
async function full(
  given: Given = {},
): Promise<{ producer: LanedProducer; binding: FakeProducer }> {
  const made = producerOn(given);
  await made.producer.prepare(text);
  made.binding.answers = false;
  made.binding.roomFor = 2;
  return made;
}

const STAGES = {
  lookUp: "waiting for its schema and topic to be looked up",
  room: "waiting for room among the records in flight",
  reports: "waiting for the broker's acknowledgement",
} as const;

describe("deadlines", () => {
  test("of a record count from its call, and say how far it was", async () => {
    const { producer } = await full({ deliveryTimeoutMs: 30 });
    const errors = await Promise.all(
      ["a", "b", "c", "d"].map((key) => caught(producer.send(text, { key, value: key }))),
    );
    const expected = (stage: string) =>
      expect.objectContaining({
        code: "KAFKA_DELIVERY_TIMEOUT",
        retriable: true,
        details: { topic: "text", timeoutMs: 30, stage },
      }) as unknown;
    const { reports, room } = STAGES;
    expect(errors).toEqual([reports, reports, room, room].map(expected));

    const binding = new FakeProducer();
    binding.answers = false;
    const late = producerOn({ binding, deliveryTimeoutMs: 30 }).producer;
    const many = caught(
      late.sendMany(text, [
        { key: "a", value: "" },
        { key: "b", value: "" },
      ]),
    );
    expect(await many).toMatchObject({
      code: "KAFKA_DELIVERY_FAILED",
      details: { failedIndexes: [0, 1] },
      cause: expected(STAGES.lookUp),
    });
  });

  test("of flush cover every stage, and the records go on after it", async () => {
    const { producer, binding } = await full();
    const sends = ["a", "b", "c"].map((key) => producer.send(text, { key, value: key }));
    await expect(producer.flush({ timeoutMs: 20 })).rejects.toMatchObject({
      code: "KAFKA_FLUSH_TIMEOUT",
      details: { waiting: 1, unreported: 2, timeoutMs: 20 },
    });
    binding.answers = true;
    binding.reportAll();
    expect(await Promise.all(sends)).toHaveLength(3);
    await producer.flush({ timeoutMs: 1_000 });
  });

  test("of close settle every promise, and nothing is sent after it", async () => {
    const { producer, binding } = await full();
    const sends = ["a", "b", "c"].map((key) => caught(producer.send(text, { key, value: key })));
    const other = caught(producer.prepare(renamed(text, "elsewhere")));
    const closing = caught(producer.close({ timeoutMs: 20 }));
    await expect(producer.send(text, { key: "x", value: "x" })).rejects.toMatchObject({
      code: "KAFKA_CLOSED",
    });
    expect(await closing).toMatchObject({
      code: "RDKAFKA_CLOSE_TIMEOUT",
      details: { pending: 3, timeoutMs: 20 },
    });
    const { reports, room } = STAGES;
    expect(await Promise.all(sends)).toMatchObject(
      [reports, reports, room].map((stage) => ({ code: "KAFKA_CLOSED_EARLY", details: { stage } })),
    );
    expect(await other).toMatchObject({ code: "KAFKA_CLOSED" });
    binding.answerLookUps();
    binding.reportAll();
    await turn();
    expect(binding.sent.map(({ value }) => value)).toEqual(["a", "b"]);
  });

  test.each([Number.NaN, -1, "5" as never])("can't be %s", async (timeoutMs) => {
    const { producer } = producerOn();
    const invalid = { code: "KAFKA_OPTION_INVALID", details: { option: "options.timeoutMs" } };
    await expect(producer.flush({ timeoutMs })).rejects.toMatchObject(invalid);
    await expect(producer.close({ timeoutMs })).rejects.toMatchObject(invalid);
  });
});

describe("an abort signal", () => {
  test("gives up on what waits, which is never sent, and on what is under way", async () => {
    const { producer, binding } = await full();
    const controller = new AbortController();
    const { signal } = controller;
    const sends = ["a", "b", "c"].map((key) =>
      caught(producer.send(text, { key, value: key }, { signal })),
    );
    await turn();
    const why = new Error("the request is gone");
    controller.abort(why);
    const { reports, room } = STAGES;
    expect(await Promise.all(sends)).toMatchObject(
      [reports, reports, room].map((stage) => ({
        code: "KAFKA_SEND_ABORTED",
        cause: why,
        details: { stage },
      })),
    );
    expect(
      await caught(producer.sendMany(text, [{ key: "d", value: "d" }], { signal })),
    ).toMatchObject({ code: "KAFKA_SEND_ABORTED" });
    binding.answers = true;
    binding.reportAll();
    await producer.flush();
    expect(binding.sent.map(({ value }) => value)).toEqual(["a", "b"]);
  });
});

describe("a signal of many sends", () => {
  test("has one listener while any is under way, and then none", async () => {
    const { producer, binding } = await full();
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    const sends = Array.from({ length: 50 }, (_, i) =>
      producer.send(text, { key: "k", value: String(i) }, { signal }),
    );
    binding.answers = true;
    binding.roomFor = 100;
    binding.reportAll();
    await Promise.all(sends);
    expect([add.mock.calls.length, remove.mock.calls.length]).toEqual([1, 1]);
  });
});

describe("enqueue", () => {
  test("says when to wait, refuses beyond the limit, and tells failures at flush, once", async () => {
    const deliveries: unknown[] = [];
    const { producer, binding } = await full({
      waitingMax: 2,
      hooks: [{ onDelivery: ({ error }) => void deliveries.push(error) }],
    });
    const give = (value: string): boolean => producer.enqueue(text, { key: "k", value });
    expect(["a", "b", "c", "d"].map(give)).toEqual([true, true, false, false]);
    expect(() => give("e")).toThrow(expect.objectContaining({ code: "KAFKA_QUEUE_FULL" }));
    binding.answers = true;
    binding.reportAll(
      rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", { action: "x", reason: "no", kafkaCode: 1 }),
    );
    await producer.drained();
    expect(give("\ud800")).toBe(true);
    await expect(producer.flush()).rejects.toMatchObject({
      code: "KAFKA_ENQUEUED_FAILED",
      details: { failed: 3, topics: ["text"] },
    });
    await producer.flush();
    expect(binding.sent.map(({ value }) => value)).toEqual(["a", "b", "c", "d"]);
    expect(deliveries.filter((error) => error !== undefined)).toHaveLength(3);
    producer.enqueue(text, { key: "k", value: 7 as never });
    await expect(producer.close()).rejects.toMatchObject({ code: "KAFKA_ENQUEUED_FAILED" });
  });
});

describe("a record that the client would change in silence is refused:", () => {
  const good = { key: "k", value: "v" };
  test.each([
    ["no record", null, "record"],
    ["undefined", undefined, "record"],
    ["a text", "record", "record"],
    ["timestamp 0", { ...good, timestamp: 0 }, "timestamp"],
    ["timestamp −1", { ...good, timestamp: -1 }, "timestamp"],
    ["timestamp NaN", { ...good, timestamp: Number.NaN }, "timestamp"],
    ["a fractional timestamp", { ...good, timestamp: 1.5 }, "timestamp"],
    ["a Date", { ...good, timestamp: new Date() }, "timestamp"],
    ["headers: null", { ...good, headers: null }, "headers"],
    ["a list of headers", { ...good, headers: [["a", "b"]] }, "headers"],
    ["a Map of headers", { ...good, headers: new Map([["a", "b"]]) }, "headers"],
    ["bytes in a header", { ...good, headers: { a: Buffer.from("b") } }, "headers"],
    ["a number in a header", { ...good, headers: { a: 1 } }, "headers"],
    ["undefined in a header", { ...good, headers: { a: undefined } }, "headers"],
    ["null in a header", { ...good, headers: { a: null } }, "headers"],
    ["half a surrogate pair in a header", { ...good, headers: { a: "\udc00" } }, "headers"],
    ["half a surrogate pair in a name", { ...good, headers: { "\ud800": "a" } }, "headers"],
    ["NUL in a header", { ...good, headers: { a: "\0" } }, "headers"],
    ["half a surrogate pair in a key", { ...good, key: "a\ud800" }, "key"],
    ["half a surrogate pair in a value", { ...good, value: "\udc00a" }, "value"],
  ])("%s", async (_what, record, part) => {
    const { producer, binding } = producerOn();
    const invalid = { code: "KAFKA_RECORD_INVALID", details: { part, topic: "text" } };
    await expect(producer.send(text, record as never)).rejects.toMatchObject(invalid);
    await expect(producer.sendMany(text, [record as never])).rejects.toMatchObject(invalid);
    expect(binding.sent).toEqual([]);
  });

  test.each([1.5, Number.NaN, -1, "1", null])("partition %s", async (partition) => {
    const { producer, binding } = producerOn();
    await expect(
      producer.send(text, { ...good, partition: partition as never }),
    ).rejects.toMatchObject({ code: "KAFKA_PARTITION_INVALID" });
    expect(binding.lookUps).toBe(1);
  });

  test.each([undefined, null, {}, "text", topicPattern({ ...text, pattern: /^t/ })])(
    "topic %s",
    async (wrong) => {
      const { producer } = producerOn();
      await expect(producer.send(wrong as never, good as never)).rejects.toMatchObject({
        code: "KAFKA_OPTION_INVALID",
        details: { option: "topic" },
      });
    },
  );

  test("and odd names of headers are kept", async () => {
    const { producer, binding } = producerOn();
    const headers = JSON.parse('{"__proto__":"a","constructor":"b","":"c","7":"d"}') as object;
    await producer.send(text, { ...good, headers: headers as Record<string, string> });
    expect(binding.sent[0]?.headers).toEqual(Object.entries(headers));
  });
});

describe("a topic that grows", () => {
  test("can be sent to at once, and a partition that is nowhere is looked for once more", async () => {
    const { producer, binding } = producerOn();
    await producer.prepare(text);
    binding.partitions = 6;
    const sent = await producer.send(text, { key: "k", value: "v", partition: 5 });
    expect(sent.partition).toBe(5);
    await expect(producer.send(text, { key: "k", value: "v", partition: 6 })).rejects.toMatchObject(
      { code: "KAFKA_PARTITION_INVALID", details: { partition: 6, count: 6 } },
    );
    expect(await producer.send(text, { key: "k", value: "v" })).toMatchObject({ topic: "text" });
  });

  test("is looked at again when the client itself does not know a partition", async () => {
    const { producer, binding } = producerOn();
    await producer.prepare(text);
    const details = { action: "a record", reason: "unknown partition", kafkaCode: -190 };
    const unknown = rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", details);
    const take = binding.take.bind(binding);
    let failures = 2;
    binding.take = (record) => {
      if (failures-- > 0) throw unknown;
      return take(record);
    };
    expect(await producer.send(text, { key: "k", value: "v" })).toMatchObject({ topic: "text" });
    // At once, when it is taken up again, and with fresh metadata.
    failures = 3;
    await expect(producer.send(text, { key: "k", value: "v" })).rejects.toBe(unknown);
    expect(binding.lookUps).toBe(3);
  });
});

describe("functions of the caller", () => {
  test("choose partitions by the key or the record; one that throws fails its record", async () => {
    const other = renamed(text, "other");
    const { producer } = producerOn({
      partitioners: [
        partitionBy(text, (key, count) => key.length % count),
        partitionByRecord(other, ({ key, value }) => {
          if (value === "bad") throw new Error("no place");
          return (key + String(value)).length;
        }),
      ],
    });
    expect((await producer.send(text, { key: "abc", value: "" })).partition).toBe(3);
    expect((await producer.send(other, { key: "a", value: "b" })).partition).toBe(2);
    await expect(producer.send(other, { key: "a", value: "bad" })).rejects.toMatchObject({
      code: "KAFKA_PARTITIONER_FAILED",
      message: "The partitioner of topic other failed: no place",
    });
  });

  test("intercept each record once, in order; one that fails keeps its call from being sent", async () => {
    const calls: string[] = [];
    const { producer, binding } = producerOn({
      interceptors: [
        intercept(text, (record) => ({ ...record, value: `${record.value}!` })),
        interceptAll((record, name) => {
          calls.push(name);
          if (record.key === "bad") throw new Error("not this one");
          return { ...record, headers: { ...record.headers, by: "me" } };
        }),
        intercept(renamed(text, "other"), () => ({ key: "", value: "not for text" })),
      ],
    });
    binding.roomFor = 1;
    await producer.sendMany(text, [
      { key: "a", value: "1" },
      { key: "b", value: "2" },
    ]);
    expect(binding.sent.map(({ value, headers }) => [value, headers])).toEqual([
      ["1!", [["by", "me"]]],
      ["2!", [["by", "me"]]],
    ]);
    expect(calls).toEqual(["text", "text"]);
    const failed = { code: "KAFKA_INTERCEPTOR_FAILED" };
    const bad = [
      { key: "a", value: "3" },
      { key: "bad", value: "4" },
    ];
    await expect(producer.sendMany(text, bad)).rejects.toMatchObject(failed);
    await expect(producer.send(text, { key: "bad", value: "" })).rejects.toMatchObject(failed);
    expect(() => producer.enqueue(text, { key: "bad", value: "" })).toThrow(
      expect.objectContaining(failed),
    );
    expect(binding.sent).toHaveLength(2);
  });

  test.each([
    ["nothing", () => undefined],
    ["a promise", async () => ({ key: "k", value: "v" })],
  ])("that intercept must not return %s", async (_what, change) => {
    const { producer } = producerOn({ interceptors: [intercept(text, change as never)] });
    await expect(producer.send(text, { key: "k", value: "v" })).rejects.toMatchObject({
      code: "KAFKA_INTERCEPTOR_FAILED",
    });
  });
});

describe("hooks", () => {
  test("are told of connection, deliveries, trouble, an outage and its end", async () => {
    const told: string[] = [];
    const { producer, binding } = producerOn({
      hooks: [
        {
          onConnect: ({ brokers }) => void told.push(`connected to ${brokers.join()}`),
          onClose: () => void told.push("closed"),
          onError: ({ fatal }) => void told.push(fatal ? "fatal" : "error"),
          onOutage: ({ over }) => void told.push(over ? "up" : "down"),
          onDelivery: ({ topic: name, partition, offset, error }) =>
            void told.push(error === undefined ? `${name}/${partition}@${offset}` : "failed"),
        },
      ],
    });
    await producer.send(text, { key: "k", value: "v", partition: 2 });
    const trouble = (kafkaCode: number, row: "RDKAFKA_FATAL" | "RDKAFKA_UNAVAILABLE") =>
      binding.trouble(rdkafkaErrors.create(row, { action: "a", reason: "r", kafkaCode }));
    trouble(-195, "RDKAFKA_UNAVAILABLE");
    trouble(-187, "RDKAFKA_UNAVAILABLE");
    trouble(-187, "RDKAFKA_UNAVAILABLE");
    await producer.send(text, { key: "k", value: "v", partition: 1 });
    trouble(-150, "RDKAFKA_FATAL");
    await caught(producer.send(text, { key: "k", value: 7 as never }));
    await producer.close();
    expect(told).toEqual([
      "connected to b:1",
      "text/2@0",
      "error",
      "error",
      "down",
      "error",
      "text/1@0",
      "up",
      "fatal",
      "failed",
      "closed",
    ]);
  });
});

/** What a caller does, one after the other, while reports and room come and go. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("send" as const), as: fc.boolean() }) },
    fc.record({ kind: fc.constant("many" as const), count: fc.integer({ min: 1, max: 7 }) }),
    fc.record({ kind: fc.constantFrom("enqueue" as const, "report" as const, "turn" as const) }),
  ),
  { maxLength: 40 },
);

test.prop([steps, fc.integer({ min: 1, max: 5 })], { numRuns: 60 })(
  "records of a topic leave in the order of the calls, whichever descriptor and call they came by",
  async (script, roomFor) => {
    const binding = new FakeProducer();
    binding.answers = false;
    binding.roomFor = roomFor;
    const { producer } = producerOn({ binding, waitingMax: 1_000 });
    const given: string[] = [];
    const next = (): string => {
      given.push(String(given.length));
      return given.at(-1) as string;
    };
    const promises: Promise<unknown>[] = [];
    for (const step of script) {
      if (step.kind === "send") {
        const value = next();
        promises.push(
          step.as
            ? producer.send(renamed(text, "text"), { key: "k", value })
            : producer.send(raw, { key: "k", value: Buffer.from(value) }),
        );
      } else if (step.kind === "many") {
        const records = Array.from({ length: step.count }, () => ({ key: "k", value: next() }));
        promises.push(producer.sendMany(text, records));
      } else if (step.kind === "enqueue") {
        producer.enqueue(text, { key: "k", value: next() });
      } else if (step.kind === "report") {
        binding.answerLookUps();
        binding.answers = false;
        binding.reportAll();
      } else {
        await turn();
      }
    }
    binding.answerLookUps();
    binding.reportAll();
    await Promise.all(promises);
    await producer.close();
    expect(binding.sent.map(({ value }) => value)).toEqual(given);
  },
);
