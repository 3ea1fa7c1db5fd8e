import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TypedProducer } from "../../src/kafka/index.ts";
import { createConsumer, createProducer, partitionBy } from "../../src/kafka/index.ts";
import type { EmbeddedKafka } from "../../src/rdkafka/index.ts";
import { startEmbeddedKafka } from "../../src/rdkafka/index.ts";
import { renamed } from "../../src/schema/index.ts";
import { audit, fullRegistry, MemoryRegistry, ordersV1, ordersV2, users } from "./fixtures.ts";

const value = { orderId: "o", amount: 1, status: "NEW" } as const;
const registry = fullRegistry();
const byLetter = renamed(ordersV1, "letters");
let cluster: EmbeddedKafka;
let producer: TypedProducer;

beforeAll(async () => {
  cluster = await startEmbeddedKafka();
  await cluster.createTopics("orders", "users", "audit", "letters", "many");
  producer = await createProducer({
    brokers: cluster.brokers,
    registry,
    maxInFlight: 100,
    partitioners: [partitionBy(byLetter, (key, count) => (key === "?" ? 99 : key.length % count))],
  });
});
afterAll(async () => {
  await producer.close();
  await cluster.close();
});

describe("send", () => {
  test("resolves with the place of the record; keys choose the partition as Java does", async () => {
    // Java: toPositive(murmur2("foobar")) % 4 = (-790332482 & 0x7fffffff) % 4
    const first = await producer.send(ordersV1, { key: "foobar", value });
    const second = await producer.send(ordersV1, { key: "foobar", value });
    expect(first).toEqual({ topic: "orders", partition: 2, offset: 0 });
    expect(second).toEqual({ topic: "orders", partition: 2, offset: 1 });
  });

  test("takes a fixed partition, or a function of the typed key", async () => {
    const fixed = await producer.send(byLetter, { key: "x", value, partition: 3 });
    expect(fixed.partition).toBe(3);
    expect((await producer.send(byLetter, { key: "xy", value })).partition).toBe(2);
  });

  test.each([
    ["by the partitioner", { key: "?", value }, 99],
    ["in the record", { key: "x", value, partition: 4 }, 4],
    ["in the record", { key: "x", value, partition: -1 }, -1],
  ])("refuses a partition that is not there, given %s", async (_by, record, partition) => {
    await expect(producer.send(byLetter, record)).rejects.toMatchObject({
      code: "KAFKA_PARTITION_INVALID",
      details: { partition, count: 4, topic: "letters" },
    });
  });

  test.each([
    ["a tombstone on a topic that is not compacted", { key: "k", value: null }, "value"],
    ["a missing key", { key: undefined, value }, "key"],
    ["a key that is no string", { key: 7, value }, "key"],
  ])("refuses %s also at run time", async (_what, record, part) => {
    await expect(producer.send(ordersV1, record as never)).rejects.toMatchObject({
      code: "KAFKA_RECORD_INVALID",
      details: { part, topic: "orders" },
    });
  });

  test("refuses a key on a topic without keys, and text that is no text", async () => {
    const invalid = { code: "KAFKA_RECORD_INVALID" };
    await expect(producer.send(audit, { key: "k", value: "" } as never)).rejects.toMatchObject(
      invalid,
    );
    await expect(producer.send(audit, { value: 7 } as never)).rejects.toMatchObject(invalid);
  });

  test("passes on what the codec says about a wrong value", async () => {
    const wrong = { key: "k", value: { ...value, status: "LOST" } };
    await expect(producer.send(ordersV1, wrong as never)).rejects.toMatchObject({
      code: "AVRO_VALUE_INVALID",
    });
  });

  test("writes values that are larger than any buffer so far", async () => {
    const text = "ü".repeat(150_000);
    expect((await producer.send(audit, { value: text })).topic).toBe("audit");
  });
});

describe("sendMany", () => {
  test("keeps the order while `maxInFlight` records are under way, and says where each record is", async () => {
    const records = Array.from({ length: 2_500 }, (_, i) => ({
      key: "same",
      value: { ...value, amount: i },
    }));
    const topic = renamed(ordersV1, "many");
    const before = producer.send(topic, { key: "same", value });
    const many = producer.sendMany(topic, records);
    const after = producer.send(topic, { key: "same", value });
    const first = (await before).offset;
    expect((await many).map(({ offset }) => offset)).toEqual(records.map((_, i) => first + 1 + i));
    expect((await after).offset).toBe(first + 2_501);
  });

  test("of nothing resolves with nothing", async () => {
    expect(await producer.sendMany(ordersV1, [])).toEqual([]);
  });

  test("sends nothing after a record that can't be encoded", async () => {
    const good = { key: "k", value };
    const bad = { key: "k", value: { ...value, amount: "1" } };
    await expect(producer.sendMany(ordersV1, [good, bad, good] as never)).rejects.toMatchObject({
      code: "KAFKA_DELIVERY_FAILED",
      details: { failed: 2, count: 3, failedIndexes: [1, 2] },
    });
  });
});

describe("the first record of a topic", () => {
  test("fails when the schema is not registered, says what to do, and can be tried again", async () => {
    const empty = new MemoryRegistry();
    const early = await createProducer({ brokers: cluster.brokers, registry: empty });
    const record = { key: { id: "u" }, value: { name: "Ada" } };
    await expect(early.send(users, record)).rejects.toMatchObject({
      code: "KAFKA_SCHEMA_NOT_REGISTERED",
      hint: expect.stringContaining("/subjects/users-key/versions") as string,
    });
    empty.register("users-key", users.key.kind === "avro" ? users.key.schema : "");
    empty.register("users-value", users.value.kind === "avro" ? users.value.schema : "");
    expect((await early.send(users, record)).topic).toBe("users");
    await early.close();
  });

  test("goes out before those that were sent after it, while schemas are looked up", async () => {
    const deliveries = await Promise.all(
      [1, 2, 3].map((amount) => producer.send(ordersV2, { key: "z", value: { ...value, amount } })),
    );
    const offsets = deliveries.map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.map((_, i) => (offsets[0] as number) + i));
  });

  test("fails for a topic that does not exist and that the broker does not create", async () => {
    const admin = { brokers: cluster.brokers, librdkafka: { "allow.auto.create.topics": false } };
    const careful = await createProducer({ ...admin, registry });
    await expect(careful.prepare(renamed(ordersV1, "nowhere"))).rejects.toMatchObject({
      code: "KAFKA_TOPIC_NOT_FOUND",
    });
    await careful.close();
  });
});

describe("two partitioners for a topic", () => {
  test("are refused", async () => {
    const partitioners = [partitionBy(ordersV1, () => 0), partitionBy(ordersV2, () => 1)];
    const options = { brokers: cluster.brokers, registry, partitioners };
    await expect(createProducer(options)).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option: "partitioners", value: "orders" },
    });
  });
});

describe("a closed producer", () => {
  test("has sent everything, and takes nothing more", async () => {
    const brief = await createProducer({ brokers: cluster.brokers, registry, lingerMs: 60_000 });
    const sent = brief.send(ordersV1, { key: "k", value });
    await brief.close();
    expect((await sent).topic).toBe("orders");
    await expect(brief.send(ordersV1, { key: "k", value })).rejects.toMatchObject({
      code: "KAFKA_CLOSED",
    });
  });

  test("flushes what lingers before it resolves", async () => {
    const slow = await createProducer({ brokers: cluster.brokers, registry, lingerMs: 60_000 });
    let delivered = false;
    void slow.send(ordersV1, { key: "k", value }).then(() => {
      delivered = true;
    });
    await slow.flush();
    expect(delivered).toBe(true);
    await slow.close();
  });
});

describe("a consumer", () => {
  const base = { registry, group: "g", topics: [ordersV1], from: "earliest" } as const;

  test.each([
    ["concurrency", { concurrency: 0 }],
    ["batchSize", { batchSize: 1.5 }],
    ["from", { from: "somewhere" as "latest" }],
    ["topics", { topics: [] }],
  ])("refuses a wrong %s", async (option, wrong) => {
    const options = { ...base, brokers: cluster.brokers, ...wrong };
    await expect(createConsumer(options as never)).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option },
    });
  });

  test("does not start on a topic that does not exist", async () => {
    const topics = [renamed(ordersV1, "nowhere")];
    await expect(
      createConsumer({ ...base, brokers: cluster.brokers, topics }),
    ).rejects.toMatchObject({ code: "KAFKA_TOPIC_NOT_FOUND", details: { topic: "nowhere" } });
  });

  test("runs once", async () => {
    const consumer = await createConsumer({ ...base, brokers: cluster.brokers });
    const running = consumer.run(() => {});
    await expect(consumer.run(() => {})).rejects.toMatchObject({ code: "KAFKA_ALREADY_RUNNING" });
    await consumer.close();
    await running;
  });

  test("that was closed before it ran does not run", async () => {
    const consumer = await createConsumer({ ...base, brokers: cluster.brokers });
    await consumer.close();
    await expect(consumer.run(() => {})).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
  });
});
