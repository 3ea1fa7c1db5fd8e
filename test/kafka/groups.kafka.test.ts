/**
 * Consumer groups on a real Kafka: partitions move, nothing is lost and nothing is handled out of
 * order.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Admin, TypedConsumer, TypedProducer } from "../../src/kafka/index.ts";
import { createAdmin, createConsumer, createProducer } from "../../src/kafka/index.ts";
import { renamed } from "../../src/schema/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { deferred, QUICK } from "./contract.ts";
import { audit, fullRegistry, ordersV1, users } from "./fixtures.ts";

describeKafka("groups on Apache Kafka", (brokers) => {
  const registry = fullRegistry();
  let admin: Admin;
  let producer: TypedProducer;
  const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

  beforeAll(async () => {
    admin = await createAdmin({ brokers });
    producer = await createProducer({ brokers, registry });
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  async function newOrders() {
    const topic = renamed(ordersV1, fresh("orders") as "orders");
    await admin.createTopic({ name: topic.name, partitions: 4 });
    return topic;
  }

  function orderOf(amount: number) {
    return {
      key: `k-${amount}`,
      value: { orderId: String(amount), amount, status: "NEW" as const },
    };
  }

  describe("two members of a group", () => {
    test("share the partitions; joining and leaving gracefully hands nothing out twice", async () => {
      const topic = await newOrders();
      const group = fresh("g");
      const handled: { amount: number; by: string }[] = [];
      const start = async (by: string) => {
        const consumer: TypedConsumer<typeof topic> = await createConsumer({
          brokers,
          registry,
          group,
          topics: [topic],
          from: "earliest",
          librdkafka: QUICK,
        });
        const running = consumer.run(async ({ value }) => {
          await sleep(1);
          handled.push({ amount: value.amount, by });
        });
        return { consumer, running };
      };
      let sent = 0;
      let isSending = true;
      const sending = (async () => {
        for (; isSending; sent++) {
          await producer.send(topic, orderOf(sent));
          if (sent % 4 === 0) await sleep(5);
        }
      })();
      const owns = async (member: Awaited<ReturnType<typeof start>>, count: number) => {
        while (member.consumer.assignment().length !== count) await sleep(10);
      };
      const handles = async (by: string) => {
        const before = handled.length;
        while (!handled.slice(before).some((entry) => entry.by === by)) await sleep(10);
      };
      const first = await start("first");
      await handles("first");
      const second = await start("second");
      await Promise.all([owns(first, 2), owns(second, 2), handles("second")]);
      await handles("first");
      await first.consumer.close();
      await first.running;
      const third = await start("third");
      await Promise.all([owns(second, 2), owns(third, 2), handles("third")]);
      await handles("second");
      isSending = false;
      await sending;
      while (new Set(handled.map(({ amount }) => amount)).size < sent) await sleep(10);
      await Promise.all([second.consumer.close(), third.consumer.close()]);

      const amounts = handled.map(({ amount }) => amount).sort((a, b) => a - b);
      expect(amounts).toEqual(Array.from({ length: sent }, (_, i) => i));
    });
  });

  describe("acks", () => {
    test.each([
      ["all", 0],
      ["leader", 0],
      ["none", -1],
    ] as const)("%s has an effect: the offset is %i", async (acks, offset) => {
      const topic = await newOrders();
      const sender = await createProducer({ brokers, registry, acks });
      const delivery = await sender.send(topic, { ...orderOf(1), partition: 2 });
      await sender.close();
      expect(delivery).toEqual({ topic: topic.name, partition: 2, offset });
    });
  });

  describe("the start of a group", () => {
    test("is the beginning, the end, or an error: the choice has an effect", async () => {
      const topic = await newOrders();
      await producer.sendMany(topic, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(orderOf));
      const base = { brokers, registry, topics: [topic], librdkafka: QUICK } as const;

      const replayed: number[] = [];
      const all = deferred();
      const early = await createConsumer({ ...base, group: fresh("g"), from: "earliest" });
      const reading = early.run(({ value }) => {
        if (replayed.push(value.amount) === 10) all.resolve();
      });

      const late: number[] = [];
      const one = deferred();
      const latest = await createConsumer({ ...base, group: fresh("g"), from: "latest" });
      const waiting = latest.run(({ value }) => {
        late.push(value.amount);
        one.resolve();
      });
      await Promise.all([latest.assigned, all.promise]);
      await producer.send(topic, orderOf(10));
      await one.promise;

      const strict = await createConsumer({ ...base, group: fresh("g"), from: "error" });
      await expect(strict.run(() => {})).rejects.toMatchObject({ details: { kafkaCode: -140 } });
      await Promise.all([early.close(), latest.close(), reading, waiting]);
      expect(replayed.slice(0, 10).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(late).toEqual([10]);
    });
  });

  describe("stopping", () => {
    test("by a signal finishes the record in hand, commits it, and starts no other", async () => {
      const topic = await newOrders();
      const group = fresh("g");
      await producer.sendMany(
        topic,
        [0, 1, 2].map((amount) => ({ ...orderOf(amount), partition: 0 })),
      );
      const stop = new AbortController();
      const seen: number[] = [];
      const base = { brokers, registry, group, topics: [topic], librdkafka: QUICK } as const;
      const consumer = await createConsumer({ ...base, from: "earliest" });
      const handler = async ({ value }: { value: { amount: number } }): Promise<void> => {
        if (value.amount === 1) stop.abort();
        await sleep(200);
        seen.push(value.amount);
      };
      await consumer.run(handler, { signal: stop.signal });
      expect(seen).toEqual([0, 1]);

      const next = await createConsumer({ ...base, from: "earliest" });
      const rest = deferred();
      const running = next.run(({ value }) => {
        seen.push(value.amount);
        rest.resolve();
      });
      await rest.promise;
      await next.close();
      await running;
      expect(seen).toEqual([0, 1, 2]);
    });
  });

  describe("a compacted topic", () => {
    test("takes tombstones, and the broker holds it to having keys", async () => {
      const name = fresh("users");
      await admin.createTopic({ name, partitions: 1, compact: true });
      const people = renamed(users, name as "users");
      const key = { id: "u-1" };
      await producer.send(people, { key, value: { name: "Ada" } });
      const tombstone = await producer.send(people, { key, value: null });
      expect(tombstone).toEqual({ topic: name, partition: 0, offset: 1 });
      // Only a really compacted topic refuses this: INVALID_RECORD.
      await expect(
        producer.send(renamed(audit, name as "audit"), { value: "x" }),
      ).rejects.toMatchObject({ details: { kafkaCode: 87 } });

      const consumer = await createConsumer({
        brokers,
        registry,
        group: fresh("g"),
        topics: [people],
        from: "earliest",
        librdkafka: QUICK,
      });
      const values: (string | null)[] = [];
      const both = deferred();
      const running = consumer.runBatch(({ messages }) => {
        for (const message of messages) values.push(message.value?.name ?? null);
        if (values.length === 2) both.resolve();
      });
      await both.promise;
      await consumer.close();
      await running;
      expect(values).toEqual(["Ada", null]);
    });
  });

  describe("the admin client", () => {
    test("creates, describes, grows and deletes topics", async () => {
      const name = fresh("admin");
      const config = { "retention.ms": 60_000, "cleanup.policy": "delete" };
      expect(await admin.createTopics([{ name, partitions: 2, config }])).toEqual([name]);
      expect(await admin.createTopic({ name })).toBe(false);
      expect((await admin.describeTopic(name))?.partitions.map(({ id }) => id)).toEqual([0, 1]);
      expect((await admin.listTopics()).map((topic) => topic.name)).toContain(name);
      await admin.addPartitions(name, 3);
      while ((await admin.describeTopic(name))?.partitions.length !== 3) await sleep(50);
      await admin.deleteTopic(name);
      while ((await admin.describeTopic(name)) !== undefined) await sleep(50);
      await expect(admin.deleteTopic(name)).rejects.toMatchObject({
        code: "KAFKA_TOPIC_NOT_FOUND",
      });
      expect((await admin.brokers()).length).toBeGreaterThan(0);
    });

    test("passes on why the broker refuses a topic", async () => {
      const wrong = { name: fresh("admin"), config: { "retention.ms": "soon" } };
      await expect(admin.createTopic(wrong)).rejects.toMatchObject({
        code: "RDKAFKA_REQUEST_FAILED",
        details: { kafkaCode: 40 },
      });
    });
  });
});
