/** The admin client on Apache Kafka: the contract, and what only a real broker does. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Admin, TypedProducer } from "../../src/kafka/index.ts";
import {
  applyTopics,
  checkClients,
  createAdmin,
  createConsumer,
  createProducer,
  planTopics,
} from "../../src/kafka/index.ts";
import { renamed } from "../../src/schema/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { describeAdmin } from "./admin-contract.ts";
import { QUICK } from "./contract.ts";
import { audit, fullRegistry } from "./fixtures.ts";

describeKafka("an admin client on Apache Kafka", (brokers) => {
  let admin: Admin;
  let producer: TypedProducer;
  const registry = fullRegistry();
  const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;
  beforeAll(async () => {
    admin = await createAdmin({ brokers });
    producer = await createProducer({ brokers, registry });
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  describe("the contract", () => {
    describeAdmin(async () => ({
      brokers,
      async createTopics(names) {
        await admin.createTopics(names.map((name) => ({ name, partitions: 4 })));
      },
    }));
  });

  test("a topic without wishes has the broker's partitions and replicas", async () => {
    const name = fresh("plain");
    expect(await admin.createTopic({ name })).toBe(true);
    expect(await admin.createTopic({ name })).toBe(false);
    const found = await admin.describeTopic(name);
    expect(found?.partitions.map(({ id, replicas }) => [id, replicas.length])).toEqual([[0, 1]]);
  });

  test("a compacted topic with another policy is refused before Kafka is asked", async () => {
    const name = fresh("clash");
    const config = { "cleanup.policy": "delete" };
    await expect(admin.createTopic({ name, compact: true, config })).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option: "topic.config.cleanup.policy", value: "delete" },
    });
    expect(await admin.describeTopic(name)).toBeUndefined();
  });

  test("a plan is applied, grows what grows, and leaves nothing behind", async () => {
    const [a, b] = [fresh("a"), fresh("b")];
    await admin.createTopic({ name: a, partitions: 1 });
    const wanted = [
      { name: a, partitions: 3 },
      { name: b, partitions: 2, compact: true, config: { "retention.ms": 60_000 } },
    ];
    const plan = await planTopics(admin, wanted);
    expect(plan.map(({ action }) => action)).toEqual(["grow", "create"]);
    expect(await applyTopics(admin, plan)).toEqual(plan);
    await expect
      .poll(async () => (await planTopics(admin, wanted)).map(({ action }) => action))
      .toEqual(["nothing", "nothing"]);
    expect(await checkClients({ brokers, topics: wanted, writes: [renamed(audit, a)] })).toEqual({
      unknown: [],
    });
    await admin.deleteTopic(b);
    await expect(checkClients({ brokers, topics: wanted })).rejects.toMatchObject({
      code: "KAFKA_START_CHECK_FAILED",
      details: {
        problems: [
          `topic ${b} does not exist; create it: kafka-topics.sh --bootstrap-server ${brokers.join(",")} --create --topic ${b} --partitions 2 --config cleanup.policy=compact --config retention.ms=60000`,
        ],
      },
    });
  });

  test("a group is put to the first record at or after a time", async () => {
    const log = renamed(audit, fresh("audit") as "audit");
    await admin.createTopic({ name: log.name, partitions: 2 });
    const times = [1_000, 2_000, 3_000];
    await producer.sendMany(
      log,
      times.map((timestamp) => ({ partition: 0, value: "x", timestamp })),
    );
    const found = await admin.offsetsForTimes(log.name, 1_500);
    expect(found).toEqual([
      { topic: log.name, partition: 0, offset: 1 },
      { topic: log.name, partition: 1 },
    ]);
    const group = fresh("g");
    const to = async (timestamp: number) =>
      (await admin.resetOffsets(group, [log.name], { timestamp })).map((each) => each.to);
    expect(await to(0)).toEqual([0, 0]);
    expect(await to(2_000)).toEqual([1, 0]);
    expect(await to(3_001)).toEqual([3, 0]);
  });

  test.each(["classic", "consumer"] as const)(
    "a group of the %s protocol is moved once it is empty",
    async (protocol) => {
      const log = renamed(audit, fresh("audit") as "audit");
      await admin.createTopic({ name: log.name });
      await producer.sendMany(log, [{ value: "a" }, { value: "b" }]);
      const group = fresh("g");
      const consumer = await createConsumer({
        brokers,
        registry,
        group,
        topics: [log],
        from: "earliest",
        protocol,
        librdkafka: QUICK,
      });
      const running = consumer.run(() => {});
      await Promise.race([consumer.assigned, running]);
      await expect(admin.resetOffsets(group, [log.name], "end")).rejects.toMatchObject({
        code: "KAFKA_GROUP_ACTIVE",
      });
      await consumer.close();
      await running;
      const moved = await admin.resetOffsets(group, [log.name], { offset: 1 });
      expect(moved).toMatchObject([{ partition: 0, to: 1, bounded: false }]);
      expect(await admin.lag(group)).toMatchObject([{ committed: 1, lag: 1 }]);
    },
  );
});
