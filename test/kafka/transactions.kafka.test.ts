/** Transactions on Apache Kafka: what readers see, and what does not come through. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Admin, Transaction, TransactionalProducer } from "../../src/kafka/index.ts";
import { createAdmin, createConsumer, createProducer, exactlyOnce } from "../../src/kafka/index.ts";
import { createConsumerBinding } from "../../src/rdkafka/index.ts";
import { noKey, renamed, stringType, topic } from "../../src/schema/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { QUICK, readUntil } from "./contract.ts";
import { fullRegistry } from "./fixtures.ts";
import { startPipeline } from "./pipeline.ts";

const registry = fullRegistry();
const text = topic({ name: "text", key: noKey, value: stringType });
const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

describeKafka("transactions on Apache Kafka", (brokers) => {
  let admin: Admin;
  const open: TransactionalProducer[] = [];

  beforeAll(async () => {
    admin = await createAdmin({ brokers });
  });
  afterAll(async () => {
    await Promise.all(open.map((producer) => producer.close().catch(() => undefined)));
    await admin.close();
  });

  async function newTopic(partitions = 1): Promise<typeof text> {
    const name = fresh("text");
    await admin.createTopic({ name, partitions });
    return renamed(text, name) as typeof text;
  }

  async function transactional(
    transactionalId = fresh("tx"),
    transactionTimeoutMs = 30_000,
  ): Promise<TransactionalProducer> {
    const producer = await createProducer({
      brokers,
      registry,
      transactionalId,
      transactionTimeoutMs,
    });
    open.push(producer);
    return producer;
  }

  /** The values that a reader with the default isolation sees before a last one. */
  async function visible(target: typeof text): Promise<string[]> {
    const plain = await createProducer({ brokers, registry });
    await plain.send(target, { value: "end", partition: 0 });
    await plain.close();
    const consumer = await createConsumer({
      brokers,
      registry,
      group: fresh("g"),
      topics: [target],
      from: "earliest",
      librdkafka: QUICK,
    });
    const values: string[] = [];
    const running = consumer.run(({ value }) => void values.push(value));
    await until(() => values.includes("end"));
    await consumer.close();
    await running;
    return values.filter((value) => value !== "end");
  }

  describe("a transaction", () => {
    test("shows all of it once it is committed, and nothing of one whose function throws", async () => {
      const target = await newTopic();
      const producer = await transactional();
      const given = await producer.transaction(async (tx) => {
        await tx.send(target, { value: "a" });
        await tx.sendMany(target, [{ value: "b" }, { value: "c" }]);
        return 7;
      });
      expect(given).toBe(7);
      const refusal = new Error("no stock");
      await expect(
        producer.transaction(async (tx) => {
          await tx.send(target, { value: "lost" });
          throw refusal;
        }),
      ).rejects.toBe(refusal);
      await producer.transaction((tx) => void tx.send(target, { value: "d" }));
      expect(await visible(target)).toEqual(["a", "b", "c", "d"]);
    });

    test("is not committed when a send failed, awaited or not", async () => {
      const target = await newTopic();
      const producer = await transactional();
      const failing = producer.transaction(async (tx) => {
        await tx.send(target, { value: "lost" });
        void tx.send(target, { value: "\ud800" });
      });
      await expect(failing).rejects.toMatchObject({ code: "KAFKA_RECORD_INVALID" });
      expect(await visible(target)).toEqual([]);
    });

    test("that takes too long is aborted, says where it was, and takes nothing more", async () => {
      const target = await newTopic();
      const producer = await transactional();
      let left: Transaction | undefined;
      const late = producer.transaction(
        async (tx) => {
          left = tx;
          await tx.send(target, { value: "lost" });
          await new Promise(() => {});
        },
        { timeoutMs: 500 },
      );
      await expect(late).rejects.toMatchObject({
        code: "KAFKA_TRANSACTION_TIMEOUT",
        details: { stage: "running its function", timeoutMs: 500 },
      });
      expect(left?.signal.aborted).toBe(true);
      await expect(left?.send(target, { value: "late" })).rejects.toMatchObject({
        code: "KAFKA_TRANSACTION_ENDED",
      });
      await producer.transaction((tx) => void tx.send(target, { value: "next" }));
      expect(await visible(target)).toEqual(["next"]);
    });

    test("waits for the one before it, and is refused inside of another one", async () => {
      const target = await newTopic();
      const producer = await transactional();
      const order: string[] = [];
      const step = (name: string) =>
        producer.transaction(async (tx) => {
          order.push(`${name} begins`);
          await tx.send(target, { value: name });
          order.push(`${name} ends`);
        });
      await Promise.all([step("one"), step("two")]);
      expect(order).toEqual(["one begins", "one ends", "two begins", "two ends"]);
      await expect(producer.transaction(() => step("inner"))).rejects.toMatchObject({
        code: "KAFKA_TRANSACTION_NESTED",
      });
      await expect(
        producer.transaction(() => undefined, { timeoutMs: 60_000 }),
      ).rejects.toMatchObject({ code: "KAFKA_OPTION_INVALID", details: { option: "timeoutMs" } });
    });

    test("of a producer whose id was taken over is fenced for good, and shows nothing", async () => {
      const target = await newTopic();
      const id = fresh("tx");
      const zombie = await transactional(id);
      const fenced = { code: "KAFKA_PRODUCER_FENCED", retriable: false };
      const paused = zombie.transaction(async (tx) => {
        await tx.send(target, { value: "zombie" });
        const successor = await transactional(id);
        await successor.transaction((its) => void its.send(target, { value: "successor" }));
      });
      await expect(paused).rejects.toMatchObject({
        ...fenced,
        cause: expect.objectContaining({ code: "RDKAFKA_FENCED" }) as unknown,
      });
      await expect(zombie.transaction(() => undefined)).rejects.toMatchObject(fenced);
      expect(await visible(target)).toEqual(["successor"]);
    });

    test("commits no offsets of a consumer that commits them by itself", async () => {
      const source = await newTopic();
      const producer = await transactional();
      const consumer = await createConsumer({
        brokers,
        registry,
        group: fresh("g"),
        topics: [source],
        from: "earliest",
      });
      const refused = { code: "KAFKA_OFFSETS_NOT_TRANSACTIONAL" };
      await expect(
        producer.transaction((tx) => tx.commitOffsets(consumer, [])),
      ).rejects.toMatchObject(refused);
      await expect(exactlyOnce(consumer, producer, () => {})).rejects.toMatchObject(refused);
      await consumer.close();
    });
  });

  describe("exactlyOnce", () => {
    async function fill(source: typeof text, count: number, partitions = 2): Promise<string[]> {
      const values = Array.from({ length: count }, (_, i) => String(i).padStart(5, "0"));
      const plain = await createProducer({ brokers, registry });
      await plain.sendMany(
        source,
        values.map((value, i) => ({ value, partition: i % partitions })),
      );
      await plain.close();
      return values;
    }

    test("commits offsets with the results only, and does an aborted batch again", async () => {
      const [source, target] = [await newTopic(2), await newTopic()];
      const values = await fill(source, 40);
      const group = fresh("g");
      const producer = await transactional();
      const consumer = await createConsumer({
        brokers,
        registry,
        group,
        topics: [source],
        from: "earliest",
        offsets: "transactions",
        batchSize: 5,
        librdkafka: QUICK,
      });
      let calls = 0;
      let done = 0;
      const running = exactlyOnce(
        consumer,
        producer,
        async ({ messages }, tx) => {
          calls++;
          await tx.sendMany(
            target,
            messages.map(({ value }) => ({ value })),
          );
          // Longer than the transaction may take: aborted, and handed in again.
          if (calls === 3) await new Promise(() => {});
          done += messages.length;
        },
        { timeoutMs: 1_000 },
      );
      await until(() => done >= values.length);
      await consumer.close();
      await running;
      expect((await visible(target)).sort()).toEqual(values);
      const watcher = await createConsumerBinding({ brokers, clientId: "w", group, from: "error" });
      const partitions = [0, 1].map((partition) => ({ topic: source.name, partition }));
      const committed = await watcher.committed(partitions, 5_000);
      await watcher.close(5_000);
      expect(committed.map(({ offset }) => offset)).toEqual([20, 20]);
    });

    test("gives the input exactly once while members join and leave", async () => {
      const [source, target] = [await newTopic(4), await newTopic()];
      const values = await fill(source, 200, 4);
      const group = fresh("g");
      let done = 0;
      const member = async () => {
        const producer = await transactional();
        const consumer = await createConsumer({
          brokers,
          registry,
          group,
          topics: [source],
          from: "earliest",
          offsets: "transactions",
          batchSize: 5,
          // Shorter than a transaction that waits for its turn: some lose their partition.
          drainTimeoutMs: 20,
          librdkafka: QUICK,
        });
        const ended = exactlyOnce(consumer, producer, async ({ messages }, tx) => {
          await tx.sendMany(
            target,
            messages.map(({ value }) => ({ value })),
          );
          await sleep(5);
          done += messages.length;
        });
        ended.catch(() => undefined);
        return { consumer, ended };
      };
      const first = await member();
      await until(() => done > 20);
      const second = await member();
      await second.consumer.assigned;
      await until(() => done > 60);
      await first.consumer.close();
      const third = await member();
      await third.consumer.assigned;
      const seen = await readUntil(
        { brokers, registry, group: fresh("g"), topics: [target] },
        values.length,
      );
      await Promise.all([second.consumer.close(), third.consumer.close()]);
      expect(seen.map(({ value }) => value).sort()).toEqual(values);
      expect(await visible(target)).toHaveLength(values.length);
    });

    test("gives the input exactly once when its process is killed in mid-transaction", async () => {
      const [source, target] = [await newTopic(2), await newTopic()];
      const values = await fill(source, 400);
      const options = {
        brokers,
        group: fresh("g"),
        transactionalId: fresh("tx"),
        source: source.name,
        target: target.name,
      };
      const first = startPipeline({ ...options, stopAfter: 60 });
      await first.stuck;
      await first.kill();
      const second = startPipeline({ ...options, stopAfter: -1 });
      const seen = await readUntil(
        { brokers, registry, group: fresh("g"), topics: [target] },
        values.length,
      );
      await second.kill();
      expect(seen.map(({ value }) => value).sort()).toEqual(values);
      expect((await visible(target)).length).toBe(values.length);
    });
  });
});
