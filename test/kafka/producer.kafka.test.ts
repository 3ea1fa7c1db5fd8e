/** What only a real broker shows of a producer: growing topics, and headers as they arrive. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Admin, TypedProducer } from "../../src/kafka/index.ts";
import { createAdmin, createProducer } from "../../src/kafka/index.ts";
import { noKey, renamed, stringType, topic } from "../../src/schema/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { readUntil } from "./contract.ts";
import { fullRegistry } from "./fixtures.ts";

const registry = fullRegistry();
const text = topic({ name: "text", key: noKey, value: stringType });
const fresh = (): string => `text-${randomUUID().slice(0, 8)}`;

describeKafka("a producer on Apache Kafka", (brokers) => {
  let admin: Admin;
  let producer: TypedProducer;
  beforeAll(async () => {
    admin = await createAdmin({ brokers });
    const librdkafka = { "topic.metadata.refresh.interval.ms": 200 };
    producer = await createProducer({ brokers, registry, librdkafka });
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  test("sends to partitions that were added a moment ago, and spreads over them", async () => {
    const grown = renamed(text, fresh());
    await admin.createTopic({ name: grown.name, partitions: 1 });
    await producer.send(grown, { value: "first" });
    await admin.addPartitions(grown.name, 3);
    expect((await producer.send(grown, { value: "x", partition: 2 })).partition).toBe(2);
    const seen = new Set<number>();
    while (seen.size < 3) {
      const value = "y".repeat(17_000);
      seen.add((await producer.send(grown, { value })).partition);
      await sleep(20);
    }
    await expect(producer.send(grown, { value: "x", partition: 3 })).rejects.toMatchObject({
      code: "KAFKA_PARTITION_INVALID",
      details: { partition: 3, count: 3 },
    });
  });

  test("keeps headers, empty values and times as they were given", async () => {
    const target = renamed(text, fresh());
    await admin.createTopic({ name: target.name, partitions: 1 });
    const pairs = [
      ["__proto__", "a"],
      ["7", "b"],
      ["toString", ""],
      ["ü", "🚀\r\n"],
    ] as const;
    const headers = JSON.parse(
      `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`,
    ) as Record<string, string>;
    await producer.send(target, { value: "", headers, timestamp: 1 });
    const group = `g-${randomUUID()}`;
    const [message] = await readUntil({ brokers, registry, group, topics: [target] }, 1);
    expect(message).toMatchObject({ value: "", timestamp: 1 });
    const given = Object.entries(headers);
    expect(message?.headers.entries.map(([name, value]) => [name, value?.toString()])).toEqual(
      given,
    );
  });
});
