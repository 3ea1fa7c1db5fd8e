import { describe, expect, test } from "vitest";
import type { ConsumerOptions } from "../../src/kafka/index.ts";
import { createAdmin, createConsumer, createProducer } from "../../src/kafka/index.ts";
import { stringType, topic } from "../../src/schema/index.ts";
import type { FaultRule, TestBroker } from "../../src/testing/index.ts";
import { createTestBroker, createVirtualClock } from "../../src/testing/index.ts";
import { ordersV1 } from "../kafka/fixtures.ts";

const texts = topic({ name: "texts", key: stringType, value: stringType });
type Options = ConsumerOptions<readonly [typeof texts]>;

function options(broker: TestBroker): Options {
  return { ...broker, group: "g", topics: [texts], from: "earliest" };
}

async function sendOne(broker: TestBroker): Promise<unknown> {
  const producer = await createProducer(broker);
  const sent = await producer
    .send(texts, { key: "k", value: "v" })
    .catch((error: unknown) => error);
  await producer.close();
  return sent;
}

describe("faults of producing", () => {
  const kinds: readonly (readonly [NonNullable<FaultRule["how"]>, string, boolean])[] = [
    ["retriable", "RDKAFKA_UNAVAILABLE", true],
    ["refused", "RDKAFKA_REQUEST_FAILED", false],
    ["fatal", "RDKAFKA_FATAL", false],
  ];
  test.each(kinds)("%s: the record is not in the topic", async (how, code, retriable) => {
    const broker = createTestBroker({ topics: [texts] });
    const fault = broker.faults.fail("produce", { how });
    expect(await sendOne(broker)).toMatchObject({ code, retriable });
    expect(broker.records(texts)).toEqual([]);
    expect(fault.hits).toBe(1);
    expect(await sendOne(broker)).toMatchObject({ topic: "texts" });
  });

  test("a fatal one ends the producer", async () => {
    const broker = createTestBroker({ topics: [texts] });
    const producer = await createProducer(broker);
    broker.faults.fail("produce", { how: "fatal" });
    const send = () => producer.send(texts, { key: "k", value: "v" });
    await expect(send()).rejects.toMatchObject({ code: "RDKAFKA_FATAL" });
    await expect(send()).rejects.toMatchObject({ code: "RDKAFKA_FATAL" });
    await producer.close();
  });

  test("by topic, number and chance, the same in every run", async () => {
    const outcomes = async (seed: number): Promise<string> => {
      const broker = createTestBroker({ topics: [texts] });
      broker.faults.fail("produce", { topic: "other", times: Number.POSITIVE_INFINITY });
      broker.faults.fail("produce", { times: 4, probability: 0.5, seed });
      const producer = await createProducer(broker);
      let text = "";
      for (let i = 0; i < 30; i++) {
        const sent = producer.send(texts, { key: "k", value: "v" });
        text += await sent.then(
          () => ".",
          () => "x",
        );
      }
      await producer.close();
      return text;
    };
    const first = await outcomes(3);
    expect(first.match(/x/g)).toHaveLength(4);
    expect(await outcomes(3)).toBe(first);
    expect(await outcomes(4)).not.toBe(first);
  });
});

describe("faults of consuming", () => {
  test("a fetch that is not answered is told, and nothing is lost", async () => {
    const broker = createTestBroker({ topics: [texts] });
    await sendOne(broker);
    const told: string[] = [];
    const hooks: Options["hooks"] = [
      { onOutage: ({ what, over }) => void told.push(`${what} ${over}`) },
    ];
    const fault = broker.faults.fail("fetch", { times: 3 });
    const consumer = await createConsumer({ ...options(broker), hooks });
    const running = consumer.run(() => {});
    await broker.caughtUp("g", texts);
    await consumer.close();
    await running;
    expect(fault.hits).toBe(3);
    expect(told).toContain("brokers false");
  });

  test.each(["refused", "fatal"] as const)("a fetch that is %s stops the run", async (how) => {
    const broker = createTestBroker({ topics: [texts] });
    broker.faults.fail("fetch", { how });
    const consumer = await createConsumer(options(broker));
    const code = how === "fatal" ? "RDKAFKA_FATAL" : "RDKAFKA_REQUEST_FAILED";
    await expect(consumer.run(() => {})).rejects.toMatchObject({ code });
  });

  test("a commit that fails is told, and made again", async () => {
    const broker = createTestBroker({ topics: [texts] });
    await sendOne(broker);
    const told: boolean[] = [];
    const hooks: Options["hooks"] = [
      { onCommit: ({ error }) => void told.push(error === undefined) },
    ];
    broker.faults.fail("commit", { times: 2 });
    const consumer = await createConsumer({ ...options(broker), hooks });
    const running = consumer.run(() => {});
    await broker.caughtUp("g", texts);
    await consumer.close();
    await running;
    expect(told.slice(0, 3)).toEqual([false, false, true]);
  });

  test("a connection that fails", async () => {
    const broker = createTestBroker({ topics: [texts] });
    broker.faults.fail("connect", { times: 3 });
    const error = { code: "RDKAFKA_CONNECT_FAILED", retriable: true };
    await expect(createProducer(broker)).rejects.toMatchObject(error);
    await expect(createAdmin(broker)).rejects.toMatchObject(error);
    await expect(createConsumer(options(broker))).rejects.toMatchObject(error);
    await (await createAdmin(broker)).close();
  });
});

describe("the registry", () => {
  const record = { key: "o", value: { orderId: "o", amount: 1, status: "NEW" } } as const;

  test("that is down is waited for; no record is lost", async () => {
    const clock = createVirtualClock({ skipsWaits: true });
    const broker = createTestBroker({ topics: [ordersV1], clock });
    const producer = await createProducer(broker);
    await producer.send(ordersV1, record);
    await producer.close();
    const fault = broker.faults.fail("registry", { times: 9 });
    const base = { ...broker, group: "g", topics: [ordersV1], from: "earliest" } as const;
    const consumer = await createConsumer(base);
    const seen: unknown[] = [];
    const running = consumer.run(({ value }) => void seen.push(value));
    await broker.caughtUp("g", ordersV1);
    await consumer.close();
    await running;
    expect(seen).toEqual([record.value]);
    // The start asks once, for rules, and does not depend on the answer.
    expect(fault.hits).toBe(9);
    // The pauses of seven failures in a row, 12.7 s; jitter takes up to a fifth.
    expect(clock.now()).toBeGreaterThan(10_000);
  });

  test("that refuses is no outage", async () => {
    const broker = createTestBroker({ topics: [ordersV1] });
    broker.faults.fail("registry", { how: "refused" });
    const producer = await createProducer(broker);
    const sent = producer.send(ordersV1, record);
    await expect(sent).rejects.toMatchObject({ code: "CLIENT_REFUSED", retriable: false });
    await producer.close();
  });

  test("that is slow answers when its time has come", async () => {
    const clock = createVirtualClock();
    const broker = createTestBroker({ topics: [ordersV1], clock });
    broker.faults.slow("registry", 500);
    const producer = await createProducer(broker);
    let delivered = false;
    const sending = producer.send(ordersV1, record).then(() => {
      delivered = true;
    });
    await clock.advance(499);
    expect(delivered).toBe(false);
    await clock.advance(1);
    // It has the id and asks for the schema's rules.
    await clock.advance(499);
    expect(delivered).toBe(false);
    await clock.advance(1);
    await sending;
    await producer.close();
  });
});

describe("virtual time", () => {
  test("a retry comes when its time has come, not before", async () => {
    const clock = createVirtualClock();
    const broker = createTestBroker({ topics: [texts], clock });
    await sendOne(broker);
    const attempts: number[] = [];
    const retry = { attempts: 3, firstDelayMs: 60_000, maxDelayMs: 60_000 };
    const failures = { handler: [{ retry }, "stop"] } as const;
    const consumer = await createConsumer({ ...options(broker), failures });
    const running = consumer.run((_message, { attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error("not yet");
    });
    await clock.advance(30_000);
    expect(attempts).toEqual([1]);
    await clock.advance(30_000);
    expect(attempts).toEqual([1, 2]);
    await clock.advance(60_000);
    expect(attempts).toEqual([1, 2, 3]);
    await broker.caughtUp("g", texts);
    await consumer.close();
    await running;
  });

  test("deliveries are delayed by it", async () => {
    const clock = createVirtualClock();
    const broker = createTestBroker({ topics: [texts], partitions: 1, clock });
    broker.faults.slow("fetch", { from: 1_000, to: 2_000, seed: 3 });
    await sendOne(broker);
    await sendOne(broker);
    const consumer = await createConsumer(options(broker));
    const seen: number[] = [];
    const running = consumer.run(({ offset }) => void seen.push(offset));
    await consumer.assigned;
    await clock.advance(999);
    expect(seen).toEqual([]);
    await clock.advance(1_001);
    expect(seen).toEqual([0, 1]);
    await consumer.close();
    await running;
  });

  test("what is due is called in order, and what was cancelled is not", async () => {
    const clock = createVirtualClock({ startMs: 10 });
    const called: string[] = [];
    clock.after(20, () => called.push(`b ${clock.now()}`));
    clock.after(20, () => called.push(`c ${clock.now()}`));
    clock.after(5, () => {
      called.push(`a ${clock.now()}`);
      clock.after(5, () => called.push(`a again ${clock.now()}`));
    });
    const cancel = clock.after(7, () => called.push("cancelled"));
    expect(clock.waiting).toBe(4);
    cancel();
    await clock.advance(20);
    expect(called).toEqual(["a 15", "a again 20", "b 30", "c 30"]);
    expect(clock.now()).toBe(30);
    expect(clock.waiting).toBe(0);
    await expect(clock.advance(-1)).rejects.toMatchObject({ code: "TESTING_OPTION_INVALID" });
  });
});

test("rules that make no sense are refused", () => {
  const { faults } = createTestBroker();
  const error: unknown = expect.objectContaining({ code: "TESTING_OPTION_INVALID" });
  const refused: readonly (() => unknown)[] = [
    () => faults.fail("produces" as "produce"),
    () => faults.fail("produce", { how: "sometimes" as "fatal" }),
    () => faults.fail("produce", { times: 0 }),
    () => faults.fail("produce", null as never),
    () => faults.slow("fetch", null as never),
    () => faults.fail("produce", { probability: 1.5 }),
    () => faults.slow("produces" as "produce", 1),
    () => faults.slow("fetch", -1),
    () => faults.slow("fetch", { from: 5, to: 4 }),
    () => createVirtualClock({ startMs: Number.NaN }),
  ];
  for (const call of refused) expect(call).toThrow(error as Error);
});
