import { describe, expect, test } from "vitest";
import type { MessageOf, TypedConsumer } from "../../src/kafka/index.ts";
import { createAdmin, createConsumer, createProducer } from "../../src/kafka/index.ts";
import { renamed, stringType, topic, topicPattern } from "../../src/schema/index.ts";
import type { TestBroker } from "../../src/testing/index.ts";
import { createTestBroker, goldenBytes } from "../../src/testing/index.ts";
import { deferred } from "../kafka/contract.ts";
import { audit, ordersV1, ordersV2, users } from "../kafka/fixtures.ts";

const texts = topic({ name: "texts", key: stringType, value: stringType, compact: true });
type Texts = typeof texts;

async function produce(broker: TestBroker, count: number, from = 0): Promise<void> {
  const producer = await createProducer(broker);
  const records = Array.from({ length: count }, (_, i) => {
    return { key: `k-${i + from}`, value: `v-${i + from}` };
  });
  await producer.sendMany(texts, records);
  await producer.close();
}

interface Reading {
  readonly consumer: TypedConsumer<Texts>;
  readonly seen: MessageOf<Texts>[];
  readonly running: Promise<unknown>;
}

/** A consumer that collects what it reads. */
async function read(broker: TestBroker, group = "g"): Promise<Reading> {
  const consumer = await createConsumer({ ...broker, group, topics: [texts], from: "earliest" });
  const seen: MessageOf<Texts>[] = [];
  const running = consumer
    .run((message) => void seen.push(message))
    .catch((error: unknown) => error);
  return { consumer, seen, running };
}

describe("what was produced", () => {
  test("is captured with bytes, headers, ids and typed values", async () => {
    const broker = createTestBroker({ topics: [users, audit], partitions: 1 });
    const producer = await createProducer(broker);
    const headers = { trace: "t", twice: "2" };
    await producer.send(users, { key: { id: "u" }, value: { name: "Ada" }, headers, timestamp: 5 });
    await producer.send(users, { key: { id: "u" }, value: null });
    await producer.send(audit, { value: "" });
    await producer.close();
    const [first, tombstone] = broker.records(users);
    expect(first).toMatchObject({
      topic: "users",
      partition: 0,
      offset: 0,
      timestamp: 5,
      key: { id: "u" },
      value: { name: "Ada" },
      keySchemaId: 1,
      schemaId: 2,
    });
    expect(first?.valueBytes?.toString("hex")).toBe("000000000206416461");
    expect(first?.headers.get("trace")).toBe("t");
    expect(tombstone).toMatchObject({ offset: 1, value: null, valueBytes: null });
    expect(tombstone?.schemaId).toBeUndefined();
    expect(broker.records(audit)).toMatchObject([{ key: null, value: "" }]);
  });

  test("is decoded only when asked for: bytes that are no frame hide nothing", async () => {
    const broker = createTestBroker({ topics: [ordersV1], partitions: 1 });
    const raw = topic({ name: "orders", key: stringType, value: stringType });
    const producer = await createProducer(broker);
    await producer.send(raw, { key: "k", value: "no frame" });
    await producer.close();
    const [record] = broker.records(ordersV1);
    expect(record?.key).toBe("k");
    expect(() => record?.value).toThrow(expect.objectContaining({ code: "WIRE_WRONG_MAGIC" }));
  });

  test("a topic that is not there is named", () => {
    const error: unknown = expect.objectContaining({ code: "TESTING_TOPIC_UNKNOWN" });
    expect(() => createTestBroker().records(texts)).toThrow(error as Error);
  });

  test("golden bytes are those that a producer sends", async () => {
    const value = { orderId: "o-1", amount: 3, status: "PAID" } as const;
    expect(await goldenBytes(ordersV1, { key: "o-1", value })).toEqual({
      key: "6f2d31",
      value: "0000000001066f2d310602",
    });
    expect(
      await goldenBytes(users, { key: { id: "u" }, value: null }, { keySchemaId: 258 }),
    ).toEqual({ key: "00000001020275", value: null });
    const wrong = goldenBytes(ordersV1, { key: "o-1", value: { ...value, amount: 0.5 } });
    await expect(wrong).rejects.toMatchObject({ code: "AVRO_VALUE_INVALID" });
  });
});

describe("groups", () => {
  test("offsets are committed as handlers end, and a restart goes on behind them", async () => {
    const broker = createTestBroker({ topics: [texts], partitions: 2 });
    await produce(broker, 10);
    const first = await read(broker);
    await broker.caughtUp("g", texts);
    await first.consumer.close();
    await produce(broker, 5, 10);
    const second = await read(broker);
    await broker.caughtUp("g", texts);
    await second.consumer.close();
    expect(first.seen).toHaveLength(10);
    expect(second.seen.map(({ key }) => key).sort()).toEqual([
      "k-10",
      "k-11",
      "k-12",
      "k-13",
      "k-14",
    ]);
    const sum = broker.committed("g").reduce((total, { offset }) => total + offset, 0);
    expect(sum).toBe(15);
  });

  test("members share partitions, a rebalance moves them, and nothing is read twice", async () => {
    const broker = createTestBroker({ topics: [texts], partitions: 4 });
    await produce(broker, 20);
    const one = await read(broker);
    const two = await read(broker);
    await broker.balanced("g");
    await broker.caughtUp("g", texts);
    const before = [one, two].map(({ consumer }) => consumer.assignment().length);
    const owned = one.consumer.assignment().map(({ partition }) => partition);
    broker.rebalance("g");
    await produce(broker, 20, 20);
    await broker.balanced("g");
    await broker.caughtUp("g", texts);
    const after = one.consumer.assignment().map(({ partition }) => partition);
    await Promise.all([one.consumer.close(), two.consumer.close()]);
    expect(before).toEqual([2, 2]);
    expect(after.filter((partition) => owned.includes(partition))).toEqual([]);
    const keys = [...one.seen, ...two.seen].map(({ key }) => key);
    expect(new Set(keys).size).toBe(40);
    expect(keys).toHaveLength(40);
  });

  test("a crash loses what was not committed, and it comes again", async () => {
    const broker = createTestBroker({ topics: [texts], partitions: 1 });
    await produce(broker, 3);
    const consumer = await createConsumer({
      ...broker,
      group: "g",
      topics: [texts],
      from: "earliest",
    });
    const reached = deferred();
    const running = consumer.run(async ({ offset }) => {
      if (offset < 2) return;
      reached.resolve();
      await new Promise(() => {});
    });
    await reached.promise;
    expect(broker.crash("g")).toBe(1);
    await expect(running).rejects.toMatchObject({ code: "RDKAFKA_FATAL" });
    const again = await read(broker);
    await broker.caughtUp("g", texts);
    await again.consumer.close();
    expect(again.seen.at(-1)).toMatchObject({ offset: 2 });
  });

  test("topics that are created or grow are read, also by pattern", async () => {
    const broker = createTestBroker({ topics: [renamed(texts, "t-1")], partitions: 1 });
    const pattern = topicPattern({ pattern: /^t-/, key: stringType, value: stringType });
    const consumer = await createConsumer({
      ...broker,
      group: "g",
      topics: [pattern],
      from: "earliest",
    });
    const seen: string[] = [];
    const all = deferred();
    const running = consumer.run(({ topic: name, partition }) => {
      if (seen.push(`${name}/${partition}`) === 3) all.resolve();
    });
    await consumer.assigned;
    broker.addTopics([renamed(texts, "t-2"), renamed(texts, "other")], { partitions: 1 });
    const admin = await createAdmin(broker);
    await admin.addPartitions("t-2", 2);
    const producer = await createProducer(broker);
    await producer.send(renamed(texts, "t-1"), { key: "a", value: "", partition: 0 });
    await producer.send(renamed(texts, "t-2"), { key: "a", value: "", partition: 1 });
    await producer.send(renamed(texts, "other"), { key: "a", value: "" });
    await producer.send(renamed(texts, "t-2"), { key: "a", value: "", partition: 0 });
    await all.promise;
    await consumer.close();
    await running;
    expect(seen.sort()).toEqual(["t-1/0", "t-2/0", "t-2/1"]);
    await admin.deleteTopic("t-2");
    expect(await admin.describeTopic("t-2")).toBeUndefined();
    await expect(admin.deleteTopic("t-2")).rejects.toMatchObject({ code: "KAFKA_TOPIC_NOT_FOUND" });
    expect(await admin.createTopic({ name: "t-1" })).toBe(false);
  });

  test("lag, seek and a start at a time are those of Kafka", async () => {
    const broker = createTestBroker({ topics: [texts], partitions: 1 });
    const producer = await createProducer(broker);
    for (const timestamp of [100, 200, 300]) {
      await producer.send(texts, { key: "k", value: String(timestamp), timestamp });
    }
    await producer.close();
    const from = { timestamp: 150 };
    const consumer = await createConsumer({ ...broker, group: "g", topics: [texts], from });
    const seen: string[] = [];
    const running = consumer.run(({ value }) => void seen.push(value ?? ""));
    await broker.caughtUp("g", texts);
    expect(seen).toEqual(["200", "300"]);
    expect(await consumer.lag()).toEqual([{ topic: "texts", partition: 0, lag: 0 }]);
    await consumer.seek({ topic: "texts", partition: 0 }, "start");
    await broker.caughtUp("g", texts);
    await consumer.close();
    await running;
    expect(seen).toEqual(["200", "300", "100", "200", "300"]);
  });

  test("a registry given as it is can check versions", async () => {
    const broker = createTestBroker({ topics: [ordersV1, ordersV2] });
    const base = { ...broker, group: "g", topics: [ordersV1], from: "earliest" } as const;
    const consumer = await createConsumer({ ...base, checkVersions: true });
    await consumer.close();
    expect(await broker.registry.versions("orders-value")).toEqual([1, 2]);
    await expect(broker.registry.closedSchema("orders-value", 3)).rejects.toMatchObject({
      code: "CLIENT_REFUSED",
    });
    expect(JSON.parse(await broker.registry.closedSchema("orders-value", "latest"))).toEqual(
      JSON.parse(ordersV2.value.kind === "avro" ? ordersV2.value.schema : ""),
    );
  });
});

test("settings that typed clients refuse are refused here too", async () => {
  const librdkafka = { "enable.auto.offset.store": true };
  const broker = createTestBroker({ topics: [texts] });
  const options = { ...broker, group: "g", topics: [texts], from: "earliest", librdkafka } as const;
  await expect(createConsumer(options)).rejects.toMatchObject({ code: "RDKAFKA_SETTING_REFUSED" });
});

test("the number of partitions is checked", () => {
  const error: unknown = expect.objectContaining({ code: "TESTING_OPTION_INVALID" });
  expect(() => createTestBroker({ topics: [texts], partitions: 0 })).toThrow(error as Error);
});
