/** Records that fail, on Apache Kafka: retries, retry topics, dead letters and their way back. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Admin, FailureRules, MessageOf, TypedProducer } from "../../src/kafka/index.ts";
import {
  createAdmin,
  createConsumer,
  createProducer,
  replayDeadLetters,
  retryTopicName,
} from "../../src/kafka/index.ts";
import { bytesType, noKey, rawType, renamed, stringType, topic } from "../../src/schema/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { QUICK, readUntil } from "./contract.ts";
import { fullRegistry, ordersV1 } from "./fixtures.ts";

const text = topic({ name: "text" as string, key: stringType, value: stringType });

describeKafka("records that fail, on Apache Kafka", (brokers) => {
  const registry = fullRegistry();
  let admin: Admin;
  let producer: TypedProducer;

  beforeAll(async () => {
    admin = await createAdmin({ brokers });
    producer = await createProducer({ brokers, registry, lingerMs: 0 });
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  /** A topic with its dead-letter topic, and a group. */
  async function scene(partitions = 2) {
    const id = randomUUID().slice(0, 8);
    const names = { source: `text-${id}`, dlq: `text-${id}.dlq`, group: `billing-${id}` };
    await admin.createTopics([
      { name: names.source, partitions },
      { name: names.dlq, partitions: 1 },
    ]);
    return { ...names, words: renamed(text, names.source) };
  }

  const letters = (dlq: string, count: number) =>
    readUntil(
      {
        brokers,
        registry,
        group: `look-${randomUUID()}`,
        topics: [topic({ name: dlq, key: rawType, value: rawType, compact: true })],
      },
      count,
    );

  /** Runs a group until so many records are done, and stops it. */
  async function consume(
    options: { group: string; topics: readonly [typeof text]; failures: FailureRules },
    handle: (message: MessageOf<typeof text>) => Promise<void> | void,
    count: number,
  ): Promise<void> {
    let done = 0;
    const consumer = await createConsumer({
      brokers,
      registry,
      from: "earliest",
      librdkafka: QUICK,
      producer,
      hooks: [
        {
          onHandled: ({ outcome }) => {
            if (outcome !== "failed" && ++done === count) void consumer.close();
          },
        },
      ],
      ...options,
    });
    await consumer.run(handle);
  }

  test("the dead letters are exactly the records that failed, and replay brings them back once", async () => {
    const { words, dlq, group } = await scene();
    const values = Array.from({ length: 60 }, (_, n) => `v${n}`);
    await producer.sendMany(
      words,
      values.map((value, n) => ({ key: `k${n % 7}`, value })),
    );
    const bad = new Set(values.filter((_, n) => n % 9 === 4));
    const handled: string[] = [];
    await consume(
      {
        group,
        topics: [words],
        failures: {
          handler: [{ retry: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 } }, { forward: dlq }],
        },
      },
      ({ value }) => {
        if (bad.has(value)) throw new RangeError(`no ${value}`);
        handled.push(value);
      },
      values.length,
    );
    expect(handled.sort()).toEqual(values.filter((value) => !bad.has(value)).sort());
    const found = await letters(dlq, bad.size);
    expect(new Set(found.map(({ value }) => String(Buffer.from(value ?? ""))))).toEqual(bad);
    expect(found[0]?.headers.get("dlq.attempts")).toBe("2");
    expect(found[0]?.headers.get("dlq.original.topic")).toBe(words.name);

    const how = { brokers, from: dlq, group: `${group}-replay`, producer };
    const dry = await replayDeadLetters({ ...how, dryRun: true });
    expect(dry).toMatchObject({ replayed: bad.size, isComplete: true });
    const some = await replayDeadLetters({ ...how, limit: 2 });
    expect(some).toMatchObject({ replayed: 2, isComplete: false });
    const rest = await replayDeadLetters(how);
    expect(rest).toMatchObject({ replayed: bad.size - 2, isComplete: true, lostHeaders: [] });
    expect(await replayDeadLetters(how)).toMatchObject({ replayed: 0, isComplete: true });

    const again: string[] = [];
    await consume(
      { group, topics: [words], failures: {} },
      ({ value }) => void again.push(value),
      bad.size,
    );
    expect(again.sort()).toEqual([...bad].sort());
  }, 60_000);

  test("a record that comes back too often stays, and what is no letter is left", async () => {
    const { words, dlq, group } = await scene(1);
    const plain = topic({ name: dlq, key: noKey, value: bytesType });
    await producer.send(plain, { value: Buffer.from("no letter") });
    await producer.send(plain, {
      value: Buffer.from("back again"),
      headers: { "dlq.original.topic": words.name, "dlq.replay-count": "3" },
    });
    const told: string[] = [];
    const report = await replayDeadLetters({
      brokers,
      from: dlq,
      group,
      producer,
      onLetter: (_, what) => told.push(what),
    });
    expect(report).toMatchObject({ replayed: 0, tooOften: 1, noLetters: 1, isComplete: true });
    expect(told).toEqual(["too-often"]);
  }, 30_000);

  test("a letter that can't be sent back ends the replay with KAFKA_REPLAY_FAILED, and is not passed", async () => {
    const { dlq, group } = await scene(1);
    const plain = topic({ name: dlq, key: noKey, value: bytesType });
    await producer.send(plain, {
      value: Buffer.from("x"),
      headers: { "dlq.original.topic": "no-such-topic" },
    });
    const how = { brokers, from: dlq, group, producer };
    for (let n = 0; n < 2; n++) {
      await expect(replayDeadLetters(how)).rejects.toMatchObject({
        code: "KAFKA_REPLAY_FAILED",
        details: { topic: dlq, offset: 0, to: "no-such-topic" },
      });
    }
  }, 30_000);

  test("retry topics bring a record back when it is due, with its first origin", async () => {
    const { words, dlq, group } = await scene(1);
    const delays = [300, 600];
    await admin.createTopics(
      delays.map((ms) => ({ name: retryTopicName(words.name, group, ms), partitions: 1 })),
    );
    await producer.sendMany(
      words,
      ["a", "b", "c"].map((value) => ({ key: "k", value })),
    );
    const seen: string[] = [];
    const at = new Map<string, number[]>();
    await consume(
      {
        group,
        topics: [words],
        failures: { handler: [{ retryTopics: delays }, { forward: dlq }] },
      },
      ({ topic: name, value }) => {
        seen.push(`${name === words.name} ${value}`);
        at.set(value, [...(at.get(value) ?? []), Date.now()]);
        if (value === "b") throw new Error("never");
      },
      3 + 2 + 1 - 1,
    );
    // Others did not wait for it.
    expect(seen.indexOf("true c")).toBeLessThan(seen.lastIndexOf("true b"));
    expect(seen.filter((one) => one.endsWith("b"))).toHaveLength(3);
    const times = at.get("b") ?? [];
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(300);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(600);
    const [letter] = await letters(dlq, 1);
    expect(letter?.headers.get("dlq.original.topic")).toBe(words.name);
    expect(letter?.headers.get("dlq.original.offset")).toBe("1");
    expect(letter?.headers.get("dlq.attempts")).toBe("3");
  }, 60_000);

  test("poison goes to its topic; a registry that is down sends nothing there and loses nothing", async () => {
    const { source, dlq, group } = await scene(1);
    const orders = renamed(ordersV1, source);
    const raw = topic({ name: source, key: stringType, value: bytesType });
    await producer.send(orders, { key: "1", value: { orderId: "o1", amount: 1, status: "NEW" } });
    await producer.send(raw, { key: "2", value: Buffer.from("not framed") });
    await producer.send(raw, { key: "3", value: Buffer.from([0, 0, 0, 3, 231, 1]) });
    await producer.send(orders, { key: "4", value: { orderId: "o4", amount: 1, status: "NEW" } });
    const reading = fullRegistry();
    reading.isDown = true;
    const outages: boolean[] = [];
    const handled: string[] = [];
    let done = 0;
    const consumer = await createConsumer({
      brokers,
      registry: reading,
      group,
      topics: [orders],
      from: "earliest",
      librdkafka: QUICK,
      producer,
      failures: { poison: { forward: dlq } },
      hooks: [
        {
          onOutage: ({ what, over }) => {
            if (what === "registry") outages.push(over);
          },
          onHandled: () => {
            if (++done === 4) void consumer.close();
          },
        },
      ],
    });
    const running = consumer.run(({ value }) => void handled.push(value.orderId));
    while (outages.length === 0) await sleep(10);
    await sleep(300);
    expect([handled, done]).toEqual([[], 0]);
    reading.isDown = false;
    await running;
    expect(handled).toEqual(["o1", "o4"]);
    expect(outages).toEqual([false, true]);
    const found = await letters(dlq, 2);
    expect(found.map(({ headers }) => headers.get("dlq.error.stage"))).toEqual(["value", "schema"]);
  }, 60_000);

  test("a dead-letter topic that is not there is found at the start", async () => {
    const { words, group } = await scene(1);
    const options = {
      brokers,
      registry,
      group,
      topics: [words],
      from: "earliest",
      producer,
      failures: { handler: { forward: "no-such-dlq" } },
    } as const;
    await expect(createConsumer(options)).rejects.toMatchObject({
      code: "KAFKA_TOPIC_NOT_FOUND",
      details: { topic: "no-such-dlq" },
    });
    const { producer: _, ...without } = options;
    await expect(createConsumer(without)).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option: "producer" },
    });
  });
});
