import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddedKafka, ProducerBinding, TransactionCalls } from "../../src/rdkafka/index.ts";
import {
  createProducerBinding,
  requiresAbort,
  startEmbeddedKafka,
} from "../../src/rdkafka/index.ts";

let cluster: EmbeddedKafka;
/** An idempotent producer waits half a second for its id, so the tests share one where they can. */
let plain: ProducerBinding;
const open: ProducerBinding[] = [];

async function producer(
  librdkafka: Record<string, string | number | boolean> = {},
  maxInFlight = 20_000,
  maxInFlightBytes = 64_000_000,
): Promise<ProducerBinding> {
  const limits = { maxInFlight, maxInFlightBytes };
  const options = { brokers: cluster.brokers, clientId: "test", librdkafka, ...limits };
  const made = await createProducerBinding(options);
  open.push(made);
  return made;
}

beforeAll(async () => {
  cluster = await startEmbeddedKafka();
  await cluster.createTopics("orders");
  plain = await producer();
});
afterAll(async () => {
  await Promise.all(open.map((client) => client.close(2_000).catch(() => undefined)));
  await cluster.close();
});

const record = { partition: 1, key: null, value: Buffer.from("v") };

describe("a batch", () => {
  test("reports the offset of each record, in the order of adding", async () => {
    const binding = plain;
    const first = binding.begin("orders");
    expect(first.add({ ...record, partition: 3 })).toBe(true);
    expect((await first.send()).offset(0)).toBe(0);
    const batch = binding.begin("orders");
    for (let i = 0; i < 5; i++) expect(batch.add({ ...record, partition: 3 })).toBe(true);
    const report = await batch.send();
    expect(report.failed).toBe(0);
    expect([0, 1, 2, 3, 4].map((i) => report.offset(i))).toEqual([1, 2, 3, 4, 5]);
    expect(report.partition(4)).toBe(3);
  });

  test("refuses a partition that the topic does not have, with librdkafka's code", async () => {
    const batch = plain.begin("orders");
    expect(() => batch.add({ ...record, partition: 99 })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ kafkaCode: -190 }) as unknown }),
    );
    expect(batch.length).toBe(0);
  });

  test("refuses a record over message.max.bytes and stays usable", async () => {
    const binding = await producer({ "message.max.bytes": 2_000, "enable.idempotence": false });
    const batch = binding.begin("orders");
    expect(() => batch.add({ ...record, value: Buffer.alloc(3_000) })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ kafkaCode: 10 }) as unknown }),
    );
    expect(batch.add(record)).toBe(true);
    expect((await batch.send()).failed).toBe(0);
  });

  test("grows its buffer for a writer that needs more", async () => {
    const binding = plain;
    const batch = binding.begin("orders");
    const ends: number[] = [];
    batch.add({
      ...record,
      value: (buffer, start) => {
        ends.push(buffer.length);
        return start + 200_000;
      },
    });
    expect(ends.length).toBe(2);
    expect(ends[1]).toBeGreaterThanOrEqual(200_000);
    expect((await batch.send()).failed).toBe(0);
  });

  test.each([
    ["a NUL in the value", "trace", "a\0b"],
    ["half a surrogate pair", "trace", "\ud800"],
    ["a NUL in the name", "tr\0ace", "x"],
    ["a value that is not text", "trace", 7 as unknown as string],
  ])("refuses a header with %s", async (_title, name, value) => {
    const binding = plain;
    const batch = binding.begin("orders");
    expect(() => batch.add({ ...record, headers: [[name, value]] })).toThrow(
      expect.objectContaining({ code: "RDKAFKA_HEADER_INVALID" }),
    );
    await batch.send();
  });
});

describe("a full queue", () => {
  test.each([
    ["of librdkafka", { "queue.buffering.max.messages": 10, "enable.idempotence": false }, 20_000],
    ["of `maxInFlight` records", { "enable.idempotence": false }, 10],
    ["of `maxInFlightBytes`", { "enable.idempotence": false }, 20_000, 700],
  ])(
    "%s is back-pressure: nothing is lost and room() ends",
    async (_title, librdkafka, maxInFlight, maxInFlightBytes = 64_000_000) => {
      const binding = await producer(librdkafka, maxInFlight, maxInFlightBytes);
      const reports: Promise<{ failed: number; length: number }>[] = [];
      let batch = binding.begin("orders");
      let refusals = 0;
      for (let sent = 0; sent < 100; ) {
        if (batch.add({ ...record, partition: 2 })) {
          sent++;
          continue;
        }
        refusals++;
        reports.push(batch.send());
        await binding.room();
        batch = binding.begin("orders");
      }
      reports.push(batch.send());
      const done = await Promise.all(reports);
      expect(refusals).toBeGreaterThan(5);
      expect(done.reduce((sum, { length }) => sum + length, 0)).toBe(100);
      expect(done.every(({ failed }) => failed === 0)).toBe(true);
      expect(binding.inFlight).toBe(0);
    },
  );
});

describe("a limit in bytes", () => {
  test("bounds what is in flight, and lets a record over it go alone", async () => {
    const settings = { "enable.idempotence": false, "linger.ms": 60_000 };
    const binding = await producer(settings, 20_000, 10_000);
    const batch = binding.begin("orders");
    const large = { ...record, value: Buffer.alloc(4_000) };
    expect([1, 2, 3, 4].map(() => batch.add(large))).toEqual([true, true, false, false]);
    expect(binding.room()).toBeInstanceOf(Promise);
    const report = batch.send();
    await binding.flush(5_000);
    expect((await report).failed).toBe(0);
    const alone = binding.begin("orders");
    expect(alone.add({ ...record, value: Buffer.alloc(20_000) })).toBe(true);
    expect(alone.add(record)).toBe(false);
    const last = alone.send();
    await binding.flush(5_000);
    expect((await last).failed).toBe(0);
  });
});

describe("transactions", () => {
  test("are there with a transactional id, step by step, and not without", async () => {
    expect(plain.transactions).toBeUndefined();
    const librdkafka = { "delivery.timeout.ms": 5_000 };
    const options = { brokers: cluster.brokers, clientId: "test", librdkafka };
    const transactional = { id: "steps", timeoutMs: 10_000 };
    const binding = await createProducerBinding({ ...options, transactional });
    open.push(binding);
    const calls = binding.transactions as TransactionCalls;
    await calls.init(10_000);
    await calls.begin();
    const batch = binding.begin("orders");
    expect(batch.add(record)).toBe(true);
    const report = batch.send();
    await calls.commit(10_000);
    expect((await report).failed).toBe(0);
    const refused = await calls.commit(10_000).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "RDKAFKA_REQUEST_FAILED" });
    expect(requiresAbort(refused)).toBe(false);
    await expect(
      createProducerBinding({
        ...options,
        transactional,
        librdkafka: { "transactional.id": "another" },
      }),
    ).rejects.toMatchObject({ code: "RDKAFKA_SETTING_REFUSED" });
  });
});

describe("closing", () => {
  test("flushes what lingers", async () => {
    const binding = await producer({ "linger.ms": 60_000 });
    const batch = binding.begin("orders");
    batch.add(record);
    const report = batch.send();
    await binding.close(5_000);
    expect((await report).failed).toBe(0);
    expect(() => binding.begin("orders").add(record)).toThrow(
      expect.objectContaining({ code: "RDKAFKA_CLOSED" }),
    );
  });

  test("reports records as failed that no broker took", async () => {
    const other = await startEmbeddedKafka();
    const binding = await createProducerBinding({
      brokers: other.brokers,
      clientId: "test",
      librdkafka: { "delivery.timeout.ms": 300, "enable.idempotence": false },
    });
    await other.close();
    const early = binding.begin("orders");
    early.add(record);
    const timedOut = await early.send();
    // The binding has lost the number; it is recovered from the text.
    expect(timedOut.firstError).toMatchObject({ details: { kafkaCode: -192 }, retriable: true });
    expect(timedOut.offset(0)).toBe(-1);
    const late = binding.begin("orders");
    late.add(record);
    const report = late.send();
    await expect(binding.close(50)).rejects.toMatchObject({ code: "RDKAFKA_CLOSE_TIMEOUT" });
    expect((await report).firstError).toMatchObject({ code: "RDKAFKA_CLOSE_TIMEOUT" });
  });
});

describe("connecting", () => {
  test("fails with the reason where nothing listens", async () => {
    const options = { brokers: ["127.0.0.1:1"], clientId: "test", connectTimeoutMs: 300 };
    await expect(createProducerBinding(options)).rejects.toMatchObject({
      code: "RDKAFKA_CONNECT_FAILED",
      retriable: true,
    });
  });

  test("answers with the partitions of a topic and its offsets", async () => {
    const binding = plain;
    expect((await binding.topic("orders"))?.partitions.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    expect(await binding.watermarks("orders", 0)).toEqual({ low: 0, high: 0 });
  });
});
