/** What must not happen to records when something around the consumer breaks, on Apache Kafka. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistryClient } from "../../src/client/index.ts";
import type { Admin, TypedConsumer, TypedProducer } from "../../src/kafka/index.ts";
import { createAdmin, createConsumer, createProducer } from "../../src/kafka/index.ts";
import { createConsumerBinding } from "../../src/rdkafka/index.ts";
import type { AnyTopic } from "../../src/schema/index.ts";
import { bytesType, noKey, renamed, topic } from "../../src/schema/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { produceAll } from "../brokers/raw-client.ts";
import { temporaryFolder } from "../store/logs.ts";
import { QUICK } from "./contract.ts";
import { fullRegistry, orderV1, orderV2, users } from "./fixtures.ts";
import { startKillable } from "./killable.ts";

const v1 = topic({ name: "orders", key: noKey, value: orderV1 });
const v2 = topic({ name: "orders", key: noKey, value: orderV2 });
const raw = topic({ name: "orders", key: noKey, value: bytesType });
const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

function order(amount: number, partition: number) {
  return { value: { orderId: String(amount), amount, status: "NEW" as const }, partition };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

describeKafka("records on Apache Kafka", (brokers) => {
  const registry = fullRegistry();
  let admin: Admin;
  let producer: TypedProducer;

  beforeAll(async () => {
    admin = await createAdmin({ brokers });
    producer = await createProducer({ brokers, registry });
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  async function newTopic(partitions: number): Promise<string> {
    const name = fresh("orders");
    await admin.createTopic({ name, partitions });
    return name;
  }

  function join<T extends AnyTopic>(descriptor: T, group: string): Promise<TypedConsumer<T>> {
    const base = { brokers, registry, from: "earliest", librdkafka: QUICK } as const;
    return createConsumer({ ...base, group, topics: [descriptor] });
  }

  describe("a registry that goes down in mid-stream", () => {
    test("holds up what needs it, in order, and nothing else; nothing is lost", async () => {
      const name = await newTopic(2);
      const data = await temporaryFolder();
      const server = await createRegistryServer({ data, port: 0 });
      const { url } = server;
      const client = createRegistryClient({ url });
      for (const { subject, schema } of [orderV1, orderV2]) {
        await client.register(subject, { schema });
      }
      const [old, upgraded] = [renamed(v1, name), renamed(v2, name)];
      const writer = await createProducer({ brokers, registry: url });
      await writer.prepare(old, upgraded);
      const seen: number[][] = [[], []];
      const reader = await createConsumer({
        brokers,
        // Gives up on a request at once, so that the consumer's own patience is what is tested.
        registry: createRegistryClient({ url, retries: 0 }),
        group: fresh("g"),
        topics: [old],
        from: "earliest",
        librdkafka: QUICK,
      });
      const running = reader.run(({ value, partition }) => {
        seen[partition]?.push(value.amount);
      });
      await writer.sendMany(old, [order(0, 0), order(1, 1)]);
      await until(() => seen.flat().length === 2);

      await server.close();
      await writer.sendMany(upgraded, [order(2, 0), order(4, 0)]);
      await writer.sendMany(old, [order(6, 0), order(3, 1), order(5, 1)]);
      await until(() => seen[1]?.length === 3);
      await sleep(500);
      expect(seen).toEqual([[0], [1, 3, 5]]);

      const again = await createRegistryServer({ data, port: Number(new URL(url).port) });
      await until(() => seen[0]?.length === 4);
      await reader.close();
      await running;
      await writer.close();
      await again.close();
      expect(seen).toEqual([
        [0, 2, 4, 6],
        [1, 3, 5],
      ]);
    });
  });

  describe("bytes that can't be read", () => {
    test("stop the consumer at their place; other partitions are committed; a restart begins there", async () => {
      const name = await newTopic(2);
      const group = fresh("g");
      const good = renamed(v1, name);
      await producer.sendMany(good, [order(0, 0), order(1, 0), order(2, 1)]);
      const seen: number[] = [];
      const first = await join(good, group);
      const running = first.run(({ value }) => {
        seen.push(value.amount);
      });
      const stopped = running.catch((error: unknown) => error);
      await until(() => seen.length === 3);
      // A frame with schema id 1 whose body ends inside its first field.
      await produceAll(brokers, name, [[1, "\0\0\0\0\u0001\u0010ab"]]);
      const poison = {
        code: "KAFKA_UNDECODABLE_RECORD",
        details: { part: "value", topic: name, partition: 1, offset: 1, schemaId: 1 },
      };
      expect(await stopped).toMatchObject(poison);
      await producer.send(good, order(3, 1));

      const second = await join(good, group);
      await expect(second.run(({ value }) => void seen.push(value.amount))).rejects.toMatchObject(
        poison,
      );
      expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2]);

      // Bytes can always be read: they show where the group stands.
      const places: string[] = [];
      const third = await join(renamed(raw, name), group);
      const rest = third.run(({ partition, offset }) => void places.push(`${partition}@${offset}`));
      await until(() => places.length >= 2);
      await third.close();
      await rest;
      expect(places).toEqual(["1@1", "1@2"]);
    });
  });

  describe("a consumer that is killed in the middle of a batch", () => {
    test("leaves every record that it had not handled to its successor", async () => {
      const name = await newTopic(2);
      const group = fresh("g");
      const descriptor = renamed(v1, name);
      const amounts = Array.from({ length: 1_000 }, (_, i) => i);
      await producer.sendMany(
        descriptor,
        amounts.map((amount) => order(amount, amount % 2)),
      );
      const watcher = await createConsumerBinding({
        brokers,
        clientId: "watcher",
        group,
        from: "error",
      });
      const killed = startKillable({ brokers, group, topic: name, schema: orderV1.schema });
      let committed = 0;
      while (committed === 0) {
        const places = await watcher.committed([{ topic: name, partition: 0 }], 5_000);
        committed = Math.max(0, ...places.map(({ offset }) => offset));
      }
      await killed.kill();
      await watcher.close(5_000);
      const before = new Set(killed.handled);
      expect(before.size).toBeLessThan(amounts.length);

      const after = new Set<number>();
      const successor = await join(descriptor, group);
      const running = successor.run(({ value }) => {
        after.add(value.amount);
      });
      const isHandled = (amount: number): boolean => before.has(amount) || after.has(amount);
      await until(() => amounts.every(isHandled));
      await successor.close();
      await running;
      // It went on where the other one had committed, and did not begin again.
      expect(after).not.toContain(0);
    });
  });

  describe("compaction", () => {
    test("removes a key after its tombstone, and in the end the tombstone too", async () => {
      const name = fresh("users");
      const config = {
        "segment.ms": 100,
        "min.cleanable.dirty.ratio": 0.01,
        "delete.retention.ms": 100,
        "max.compaction.lag.ms": 100,
      };
      await admin.createTopic({ name, partitions: 1, compact: true, config });
      const people = renamed(users, name);
      await producer.send(people, { key: { id: "gone" }, value: { name: "Ada" } });
      await producer.send(people, { key: { id: "gone" }, value: null });
      /** Appends, which also closes the segment before, and reads everything that is there. */
      const idsLeft = async (turn: number): Promise<string[]> => {
        const id = `other-${turn}`;
        await producer.send(people, { key: { id }, value: { name: "x" } });
        const consumer = await join(people, fresh("g"));
        const ids: string[] = [];
        const running = consumer.run(({ key }) => void ids.push(key.id));
        await until(() => ids.includes(id));
        await consumer.close();
        await running;
        return ids;
      };
      const first = await idsLeft(0);
      let left = first;
      for (let turn = 1; left.includes("gone"); turn++) left = await idsLeft(turn);
      expect(first.at(-1)).toBe("other-0");
      expect(left).toContain("other-0");
    });
  });
});
