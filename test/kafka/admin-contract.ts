/**
 * What an admin client knows of groups and offsets. The same cases run on the embedded Kafka and on
 * Apache Kafka; topics are there already, with 4 partitions each.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Admin, TypedProducer } from "../../src/kafka/index.ts";
import { createAdmin, createConsumer, createProducer } from "../../src/kafka/index.ts";
import { renamed } from "../../src/schema/index.ts";
import type { ContractBroker } from "./contract.ts";
import { deferred, QUICK } from "./contract.ts";
import { audit, fullRegistry } from "./fixtures.ts";

/** Declares the contract's tests; call it inside a `describe`. */
export function describeAdmin(start: () => Promise<ContractBroker>): void {
  const run = randomUUID().slice(0, 8);
  const log = renamed(audit, `audit-${run}` as "audit");
  const topic: string = log.name;
  const registry = fullRegistry();
  let brokers: readonly string[];
  let admin: Admin;
  let producer: TypedProducer;
  const fresh = (): string => `group-${randomUUID().slice(0, 8)}`;

  beforeAll(async () => {
    const broker = await start();
    ({ brokers } = broker);
    await broker.createTopics([topic]);
    admin = await createAdmin({ brokers });
    producer = await createProducer({ brokers, registry });
    // 5 records in partition 0, 2 in partition 1, none in 2 and 3.
    const partitions = [0, 0, 0, 0, 0, 1, 1];
    await producer.sendMany(
      log,
      partitions.map((partition, i) => ({ partition, value: `r${i}`, timestamp: 1_000 + i })),
    );
  }, 60_000);
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  test("brokers have an id, a host and a port", async () => {
    const found = await admin.brokers();
    expect(found.map(({ host, port }) => `${host}:${port}`)).toContain(brokers[0]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  });

  test("a topic has a leader among its in-sync replicas, which are among its replicas", async () => {
    const found = await admin.describeTopic(topic);
    expect(found?.partitions.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    for (const { leader, replicas, inSync } of found?.partitions ?? []) {
      expect(inSync).toContain(leader);
      expect(replicas).toEqual(expect.arrayContaining([...inSync]));
    }
  });

  test("watermarks are the first and the next offset of each partition", async () => {
    const ends = (await admin.watermarks(topic)).map(({ first, next }) => [first, next]);
    expect(ends).toEqual([
      [0, 5],
      [0, 2],
      [0, 0],
      [0, 0],
    ]);
  });

  test("a group that has committed nothing has no lag, rather than one of 0", async () => {
    const lags = await admin.lag(fresh(), [topic]);
    expect(lags[0]).toEqual({ topic, partition: 0, first: 0, next: 5 });
    expect(lags.map(({ lag }) => lag)).toEqual([undefined, undefined, undefined, undefined]);
    expect(await admin.lag(fresh())).toEqual([]);
  });

  test("a reset moves a group that no consumer is in, and the lag shows it", async () => {
    const group = fresh();
    const dry = await admin.resetOffsets(group, [topic], "end", { dryRun: true });
    expect(await admin.lag(group)).toEqual([]);
    const moved = await admin.resetOffsets(group, [topic], "end");
    expect(moved).toEqual(dry);
    expect(moved[0]).toEqual({ topic, partition: 0, to: 5, bounded: false });
    expect((await admin.lag(group)).map(({ lag }) => lag)).toEqual([0, 0, 0, 0]);

    const back = await admin.resetOffsets(group, [topic], { shift: -3 });
    expect(back.map(({ from, to, bounded }) => [from, to, bounded])).toEqual([
      [5, 2, false],
      [2, 0, true],
      [0, 0, true],
      [0, 0, true],
    ]);
    expect((await admin.lag(group)).map(({ lag }) => lag)).toEqual([3, 2, 0, 0]);

    await admin.resetOffsets(group, [topic], { offset: 4 });
    expect((await admin.lag(group, [topic])).map(({ committed }) => committed)).toEqual([
      4, 2, 0, 0,
    ]);
    await admin.resetOffsets(group, [topic], "start");
    expect((await admin.lag(group)).map(({ lag }) => lag)).toEqual([5, 2, 0, 0]);
  });

  test("a consumer begins where its group was put, and lag is what it has not committed", async () => {
    const group = fresh();
    await admin.resetOffsets(group, [topic], { offset: 3 });
    const read: string[] = [];
    const all = deferred();
    const options = { brokers, registry, group, topics: [log], librdkafka: QUICK } as const;
    const consumer = await createConsumer({ ...options, from: "error" });
    const running = consumer.run(({ value }) => {
      if (read.push(value) === 2) all.resolve();
    });
    await Promise.race([all.promise, running]);
    await consumer.close();
    expect(read).toEqual(["r3", "r4"]);
    expect((await admin.lag(group)).map(({ lag }) => lag)).toEqual([0, 0, 0, 0]);
  });

  test("a group with a member is not moved", async () => {
    const group = fresh();
    const options = { brokers, registry, group, topics: [log], librdkafka: QUICK } as const;
    const consumer = await createConsumer({ ...options, from: "earliest" });
    const running = consumer.run(() => {});
    await Promise.race([consumer.assigned, running]);
    await expect(admin.resetOffsets(group, [topic], "start")).rejects.toMatchObject({
      code: "KAFKA_GROUP_ACTIVE",
      details: { group },
    });
    await consumer.close();
    await running;
  });

  test("a shift needs something to shift from", async () => {
    await expect(admin.resetOffsets(fresh(), [topic], { shift: 1 })).rejects.toMatchObject({
      code: "KAFKA_NOTHING_COMMITTED",
    });
  });

  test.each([
    [{ timestamp: -1 }, "to.timestamp"],
    [{ timestamp: Number.NaN }, "to.timestamp"],
    [{ offset: -2 }, "to.offset"],
    [{ shift: 0.5 }, "to.shift"],
    [{ offset: 1, shift: 1 }, "to"],
    [{}, "to"],
    ["latest", "to"],
    [null, "to"],
  ])("a reset to %j is refused", async (to, option) => {
    await expect(admin.resetOffsets("g", [topic], to as never)).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option },
    });
  });

  test.each(["watermarks", "lag", "resetOffsets", "offsetsForTimes"] as const)(
    "%s of a topic that is not there says so",
    async (method) => {
      const calls = {
        watermarks: () => admin.watermarks("nowhere"),
        lag: () => admin.lag("g", ["nowhere"]),
        resetOffsets: () => admin.resetOffsets("g", ["nowhere"], "end"),
        offsetsForTimes: () => admin.offsetsForTimes("nowhere", 0),
      };
      await expect(calls[method]()).rejects.toMatchObject({
        code: "KAFKA_TOPIC_NOT_FOUND",
        details: { topic: "nowhere" },
      });
    },
  );
}
