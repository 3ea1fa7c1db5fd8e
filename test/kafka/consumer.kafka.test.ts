/** What a consumer promises beside its records, on Apache Kafka: starts, stops, seeks, lag, keys. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import rdkafka from "node-rdkafka";
import { afterAll, beforeAll, expect, it as test } from "vitest";
import type { Admin, TypedProducer } from "../../src/kafka/index.ts";
import { createAdmin, createConsumer, createProducer } from "../../src/kafka/index.ts";
import { stringType, topic, topicPattern } from "../../src/schema/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { deferred, QUICK } from "./contract.ts";
import { MemoryRegistry } from "./fixtures.ts";

const words = (name: string) => topic({ name, key: stringType, value: stringType });
type Words = ReturnType<typeof words>;

describeKafka("a consumer on Apache Kafka", (brokers) => {
  const registry = new MemoryRegistry();
  let admin: Admin;
  let producer: TypedProducer;
  const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

  beforeAll(async () => {
    admin = await createAdmin({ brokers });
    producer = await createProducer({ brokers, registry, lingerMs: 0 });
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  async function newTopic(partitions: number): Promise<Words> {
    const name = fresh("words");
    await admin.createTopic({ name, partitions });
    return words(name);
  }

  const base = { brokers, registry, librdkafka: QUICK } as const;

  function put(to: Words, partition: number, values: readonly string[], key = "k") {
    return producer.sendMany(
      to,
      values.map((value) => ({ key, value, partition })),
    );
  }

  const named = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${i}`);

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await sleep(10);
  }

  test("that begins at the end decides that once: a restart reads what came meanwhile", async () => {
    const to = await newTopic(2);
    const group = fresh("g");
    await put(to, 0, ["old"]);
    await put(to, 1, ["old"]);
    const first = await createConsumer({ ...base, group, topics: [to], from: "latest" });
    const running = first.run(() => {});
    await first.assigned;
    await first.close();
    await running;
    await put(to, 0, named("a", 5));
    await put(to, 1, named("b", 10));
    const seen: string[] = [];
    const second = await createConsumer({ ...base, group, topics: [to], from: "latest" });
    const again = second.run(({ value }) => void seen.push(value));
    await until(() => seen.length >= 15);
    await second.close();
    await again;
    expect(seen.sort()).toEqual([...named("a", 5), ...named("b", 10)].sort());
  });

  test("that began at the end reads a partition that is added later from its beginning", async () => {
    const to = await newTopic(1);
    await put(to, 0, ["old"]);
    const seen: string[] = [];
    const consumer = await createConsumer({
      ...base,
      group: fresh("g"),
      topics: [to],
      from: "latest",
      librdkafka: { ...QUICK, "topic.metadata.refresh.interval.ms": 500 },
    });
    const running = consumer.run(({ value }) => void seen.push(value));
    await consumer.assigned;
    await admin.addPartitions(to.name, 2);
    const late = await createProducer({ brokers, registry });
    await late.sendMany(
      to,
      named("n", 10).map((value) => ({ key: "k", value, partition: 1 })),
    );
    await late.close();
    await until(() => seen.length >= 10);
    await consumer.close();
    await running;
    expect(seen).toEqual(named("n", 10));
  });

  test("begins at a time, and is not asked for it again", async () => {
    const to = await newTopic(1);
    const at = (value: string, timestamp: number) =>
      producer.send(to, { key: "k", value, timestamp });
    await at("early", 1_700_000_000_000);
    await at("late", 1_700_000_100_000);
    await at("later", 1_700_000_200_000);
    const seen: string[] = [];
    const from = { timestamp: new Date(1_700_000_050_000) };
    const consumer = await createConsumer({ ...base, group: fresh("g"), topics: [to], from });
    const running = consumer.run(({ value }) => void seen.push(value));
    await until(() => seen.length === 2);
    await consumer.close();
    await running;
    expect(seen).toEqual(["late", "later"]);
  });

  test("starts no record after close(), however many wait", async () => {
    const to = await newTopic(1);
    await put(to, 0, named("r", 400));
    const consumer = await createConsumer({
      ...base,
      group: fresh("g"),
      topics: [to],
      from: "earliest",
    });
    let handled = 0;
    let closing: Promise<void> | undefined;
    const running = consumer.run(async () => {
      handled++;
      await sleep(5);
      if (handled === 3) closing = consumer.close();
    });
    await running;
    await closing;
    expect(handled).toBe(3);
  });

  test("can be closed and awaited in a handler, also behind other awaits", async () => {
    const to = await newTopic(1);
    await put(to, 0, named("r", 20));
    const group = fresh("g");
    const options = { ...base, group, topics: [to], from: "earliest" } as const;
    const seen: string[] = [];
    for (const isBatch of [false, true]) {
      const consumer = await createConsumer(options);
      const finish = async (): Promise<void> => {
        await sleep(1);
        await consumer.close();
      };
      const handle = async (value: string): Promise<void> => {
        seen.push(value);
        if (!isBatch && seen.length < 3) return;
        await finish();
      };
      if (isBatch) await consumer.runBatch(({ messages }) => handle(messages[0]?.value ?? ""));
      else await consumer.run(({ value }) => handle(value));
    }
    expect(seen).toEqual(["r0", "r1", "r2", "r3"]);
  });

  test("goes back and forth by seek, and goes on from there after a restart", async () => {
    const to = await newTopic(1);
    await put(to, 0, named("r", 10));
    const group = fresh("g");
    const options = { ...base, group, topics: [to], from: "earliest" } as const;
    const place = { topic: to.name, partition: 0 };
    const seen: string[] = [];
    const first = await createConsumer(options);
    const running = first.run(({ value }) => void seen.push(value));
    await until(() => seen.length === 10);
    await first.seek(place, 8);
    await until(() => seen.length === 12);
    await first.seek(place, "start");
    await until(() => seen.length === 22);
    await first.seek(place, 4);
    first.pause([place]);
    await until(() => seen.length >= 22);
    await first.close();
    await running;
    const before = seen.length - 22;
    const second = await createConsumer(options);
    const again = second.run(({ value }) => void seen.push(value));
    await until(() => seen.length === 28);
    await second.close();
    await again;
    expect(before).toBeLessThanOrEqual(6);
    expect(seen.slice(10, 12)).toEqual(["r8", "r9"]);
    expect(seen.slice(22)).toEqual(named("r", 10).slice(4));
  });

  test("keeps the order of each key while another member joins and leaves", async () => {
    const to = await newTopic(3);
    const group = fresh("g");
    const options = { ...base, group, topics: [to], from: "earliest" } as const;
    const seen = new Map<string, number[]>();
    const busy = new Set<string>();
    const faults: string[] = [];
    let most = 0;
    const start = async () => {
      const consumer = await createConsumer({ ...options, order: "key", concurrency: 16 });
      const running = consumer.run(async ({ key, value }) => {
        if (busy.has(key)) faults.push(`two at once for ${key}`);
        busy.add(key);
        most = Math.max(most, busy.size);
        await sleep(2);
        busy.delete(key);
        seen.set(key, [...(seen.get(key) ?? []), Number(value)]);
      });
      return { consumer, running };
    };
    const total = 600;
    const keyOf = (i: number): string => `key-${i % 30}`;
    const first = await start();
    const sending = (async () => {
      for (let i = 0; i < total; i++) {
        await producer.send(to, { key: keyOf(i), value: String(i) });
      }
    })();
    const second = await start();
    await second.consumer.assigned;
    await until(() => second.consumer.assignment().length > 0);
    await sending;
    await second.consumer.close();
    await second.running;
    const count = (): number => [...seen.values()].reduce((sum, one) => sum + one.length, 0);
    await until(() => count() >= total);
    await first.consumer.close();
    await first.running;
    expect(faults).toEqual([]);
    expect(most).toBeGreaterThan(3);
    for (const [key, numbers] of seen) {
      const sent = Array.from({ length: total }, (_, i) => i).filter((i) => keyOf(i) === key);
      expect([key, numbers]).toEqual([key, sent]);
    }
  });

  test("gives messages one after another, and commits those that are done", async () => {
    const to = await newTopic(1);
    await put(to, 0, named("r", 6));
    const group = fresh("g");
    const options = { ...base, group, topics: [to], from: "earliest" } as const;
    const seen: string[] = [];
    for (let round = 0; round < 2; round++) {
      const consumer = await createConsumer(options);
      for await (const message of consumer.messages()) {
        seen.push(message.value);
        // Not done when the loop is left: it comes again.
        if (seen.length === 3 || seen.length === 7) break;
        message.done();
        if (round === 0) await consumer.commit();
      }
    }
    expect(seen).toEqual(["r0", "r1", "r2", "r2", "r3", "r4", "r5"]);
  });

  test("is closed when it is closed, whether or not it ran", async () => {
    const to = await newTopic(1);
    const options = { ...base, topics: [to], from: "earliest" } as const;
    const ran = await createConsumer({ ...options, group: fresh("g") });
    const running = ran.run(() => {});
    await ran.assigned;
    await ran.close({ timeoutMs: 5_000 });
    await running;
    const idle = await createConsumer({ ...options, group: fresh("g") });
    await idle.close({ timeoutMs: 5_000 });
    for (const consumer of [ran, idle]) {
      await expect(consumer.run(() => {})).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
    }
    await expect(idle.assigned).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
  });

  test("tells lag and pauses, and reaches 0", async () => {
    const to = await newTopic(1);
    await put(to, 0, named("r", 50));
    const gate = deferred();
    const consumer = await createConsumer({
      ...base,
      group: fresh("g"),
      topics: [to],
      from: "earliest",
    });
    const running = consumer.run(() => gate.promise);
    await consumer.assigned;
    expect(await consumer.lag()).toEqual([{ topic: to.name, partition: 0, lag: 50 }]);
    gate.resolve();
    let [lag] = await consumer.lag();
    while (lag?.lag !== 0) [lag] = await consumer.lag();
    await consumer.close();
    await running;
  });

  test("reaches a lag of 0 behind a transactional producer", async () => {
    const to = await newTopic(1);
    await produceInTransactions(brokers, to.name, ["a", "b"]);
    const seen: string[] = [];
    const options = { ...base, group: fresh("g"), topics: [to], from: "earliest" } as const;
    const consumer = await createConsumer(options);
    const running = consumer.run(({ value }) => void seen.push(value));
    await consumer.assigned;
    let [lag] = await consumer.lag();
    while (lag?.lag !== 0) [lag] = await consumer.lag();
    await consumer.close();
    await running;
    expect(seen).toEqual(["a", "b"]);
    // Whoever looks at the group from outside sees the same: two records and two markers.
    const again = await createConsumer(options);
    const idle = again.run(() => {});
    await again.assigned;
    expect(await again.lag()).toEqual([{ topic: to.name, partition: 0, lag: 0 }]);
    await again.close();
    await idle;
  });

  test("reads every topic that a pattern matches, as a static member of the new protocol too", async () => {
    const prefix = fresh("many");
    const names = ["a", "b"].map((suffix) => `${prefix}.${suffix}`);
    for (const name of names) {
      await admin.createTopic({ name, partitions: 1 });
      await put(words(name), 0, [name]);
    }
    const pattern = new RegExp(`^${prefix}\\.`);
    const seen: string[] = [];
    const consumer = await createConsumer({
      ...base,
      group: fresh("g"),
      topics: [topicPattern({ pattern, key: stringType, value: stringType })],
      from: "earliest",
      instanceId: "member-1",
    });
    const running = consumer.run(({ topic: from, value }) => void seen.push(`${from} ${value}`));
    await until(() => seen.length === 2);
    await consumer.close();
    await running;
    expect(seen.sort()).toEqual(names.map((name) => `${name} ${name}`));

    const next = await createConsumer({
      ...base,
      group: fresh("g"),
      topics: names.map(words),
      from: "latest",
      protocol: "consumer",
      instanceId: "member-2",
    });
    const late: string[] = [];
    const reading = next.run(({ value }) => void late.push(value));
    await next.assigned;
    while (next.assignment().length < 2) await sleep(10);
    await put(words(names[0] as string), 0, ["new"]);
    await until(() => late.length === 1);
    await next.close();
    await reading;
    expect(late).toEqual(["new"]);
  });

  test("holds no more bytes than it may while a handler is slow", async () => {
    const to = await newTopic(4);
    const value = "x".repeat(200_000);
    let sent = 0;
    for (; sent < 240; sent += 40) {
      const records = Array.from({ length: 40 }, (_, k) => ({ key: "k", value, partition: k % 4 }));
      await producer.sendMany(to, records);
    }
    let most = 0;
    let ticks = 0;
    const gate = deferred();
    let handled = 0;
    const maxBufferedBytes = 8 * 1024 * 1024;
    const consumer = await createConsumer({
      ...base,
      group: fresh("g"),
      topics: [to],
      from: "earliest",
      maxBufferedBytes,
      hooks: [
        {
          onTick({ bufferedBytes }) {
            most = Math.max(most, bufferedBytes);
            if (most > 0 && ++ticks === 100) gate.resolve();
          },
        },
      ],
    });
    const running = consumer.run(async () => {
      await gate.promise;
      handled++;
    });
    await until(() => handled === sent);
    await consumer.close();
    await running;
    // 48 MB wait in the topic. Half of the limit may wait here, a quarter of that on top, and fetches.
    expect(most).toBeGreaterThan(1_000_000);
    expect(most).toBeLessThan(maxBufferedBytes * 0.75);
  });
});

/** Sends each value in a transaction of its own. */
async function produceInTransactions(
  brokers: readonly string[],
  topicName: string,
  values: readonly string[],
): Promise<void> {
  const client = new rdkafka.Producer({
    "bootstrap.servers": brokers.join(","),
    "transactional.id": randomUUID(),
  });
  const call = (start: (done: (error?: unknown) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      start((error) => (error ? reject(error as Error) : resolve()));
    });
  await call((done) => client.connect({}, (error: unknown) => done(error)));
  client.setPollInterval(10);
  await call((done) => client.initTransactions(30_000, done));
  for (const value of values) {
    await call((done) => client.beginTransaction(done));
    client.produce(topicName, 0, Buffer.from(value), Buffer.from("k"));
    await call((done) => client.commitTransaction(30_000, done));
  }
  await call((done) => client.disconnect(1_000, (error: unknown) => done(error)));
}
