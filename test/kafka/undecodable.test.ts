/** Records that can't be decoded stop the consumer at their offset. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Schema } from "../../src/avro/index.ts";
import { createEncoder, parseSchema } from "../../src/avro/index.ts";
import { clientErrors } from "../../src/client/index.ts";
import { RecordReader } from "../../src/kafka/codec/record-reader.ts";
import type { LoopOptions } from "../../src/kafka/consumer/consumer-loop.ts";
import { ConsumerLoop } from "../../src/kafka/consumer/consumer-loop.ts";
import { messageWork } from "../../src/kafka/consumer/record-work.ts";
import { Breaker } from "../../src/kafka/failure/index.ts";
import type { MessageOf } from "../../src/kafka/index.ts";
import type { AnyTopic } from "../../src/schema/index.ts";
import { noKey, topic } from "../../src/schema/index.ts";
import { writeFrameHeader } from "../../src/wire/index.ts";
import { FakeConsumer, observerOf, randomOf, TOPIC } from "./fake-consumer.ts";
import { fullRegistry, MemoryRegistry, orderV1, orderV2 } from "./fixtures.ts";
import { partsOf } from "./work-parts.ts";

const orders = topic({ name: TOPIC, key: noKey, value: orderV2 });
const v1 = createEncoder(parseSchema(orderV1.schema, { mode: "strict" }));

/** A v1 order, framed with an id. */
function frame(id: number, amount = 1): Buffer {
  const buffer = Buffer.alloc(64);
  const body = writeFrameHeader(buffer, 0, id);
  const value = { orderId: "o", amount, status: "PAID" };
  return Buffer.from(buffer.subarray(0, v1.encode(value, buffer, body)));
}

interface Outcome {
  readonly handled: MessageOf<typeof orders>[];
  readonly error: unknown;
  readonly committed: readonly number[];
}

const LIMITS: LoopOptions = {
  ownCommits: true,
  order: "partition",
  from: "earliest",
  concurrency: 1,
  maxMessages: 9,
  maxBytes: 99,
  maxWaitingBytes: 1_000_000,
  waitMs: 1,
  drainTimeoutMs: 1_000,
  stopTimeoutMs: 1_000,
};

/** Runs a consumer over one partition with these payloads until it is through or fails. */
async function consume(
  payloads: readonly (Buffer | null)[],
  registry: MemoryRegistry,
  descriptor: AnyTopic = orders,
): Promise<Outcome> {
  const fake = new FakeConsumer({
    random: randomOf(7),
    partitions: 1,
    records: payloads.length,
    rebalances: 0,
    commitFailures: 0,
    onProgress: () => {},
  });
  fake.batchMax = 50;
  fake.values = (_, offset) => payloads[offset] ?? null;
  const readers = new Map([
    [TOPIC, new RecordReader(descriptor, registry, { patience: new Breaker() })],
  ]);
  const handled: MessageOf<typeof orders>[] = [];
  const work = messageWork(partsOf(readers), (message) => {
    handled.push(message as MessageOf<typeof orders>);
    if (handled.length === payloads.length) loop.stop();
  });
  fake.subscribe();
  const limits = { ...LIMITS, maxMessages: 100, maxBytes: 1_000_000 };
  const loop: ConsumerLoop = new ConsumerLoop(fake, readers, work, limits, observerOf());
  const error: unknown = await loop.run().catch((thrown: unknown) => thrown);
  return { handled, error, committed: fake.committed_ };
}

describe("bytes that can't be decoded", () => {
  const good = frame(1);
  test.each([
    ["of nothing, which is no tombstone", Buffer.alloc(0), "none", /too short/],
    ["without a frame", Buffer.from('{"a":1}'), "none", /begins with byte 123/],
    ["with an id that the registry does not know", frame(99), 99, /no schema with id 99/],
    ["cut in the middle", good.subarray(0, 7), 1, /amount: the data ends inside/],
    ["with bytes left over", Buffer.concat([good, Buffer.alloc(3)]), 1, /3 bytes follow the value/],
    [
      "written with a schema that can't be read as ours",
      frame(3),
      3,
      /record shop\.UserKey has no field orderId/,
    ],
    ["null on a topic that is not compacted", null, "none", /compact: true/],
  ])("%s stop the consumer at exactly that record", async (_title, bad, schemaId, reason) => {
    const { handled, error, committed } = await consume([good, good, bad, good], fullRegistry());
    expect(error).toMatchObject({
      code: "KAFKA_UNDECODABLE_RECORD",
      details: { topic: TOPIC, partition: 0, offset: 2, part: "value", schemaId },
      message: expect.stringMatching(reason) as string,
    });
    expect(handled.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(committed).toEqual([2]);
  });

  test("name the key when it is the key, and a null key is one of them", async () => {
    const keyed = topic({ name: TOPIC, key: orderV1, value: orderV2 });
    const { error } = await consume([good], fullRegistry(), keyed);
    expect(error).toMatchObject({ code: "KAFKA_UNDECODABLE_RECORD", details: { part: "key" } });
  });
});

describe("a registry that is down", () => {
  test("delays records and loses none", async () => {
    const registry = fullRegistry();
    registry.isDown = true;
    const reading = consume([frame(1, 5), frame(2, 6)].slice(0, 1), registry);
    while (registry.fetches < 2) await setImmediate();
    registry.isDown = false;
    const { handled, error, committed } = await reading;
    expect(error).toBeUndefined();
    expect(handled.map(({ value }) => value)).toEqual([
      { orderId: "o", amount: 5, status: "PAID", note: null },
    ]);
    expect(committed).toEqual([1]);
  });

  test("can be stopped while it is waited for; the record is not committed", async () => {
    const registry = fullRegistry();
    registry.isDown = true;
    const stuck = new MemoryRegistry();
    stuck.isDown = true;
    const fake = new FakeConsumer({
      random: () => 0.9,
      partitions: 1,
      records: 1,
      rebalances: 0,
      commitFailures: 0,
      onProgress: () => {},
    });
    fake.values = () => frame(1);
    const readers = new Map([
      [TOPIC, new RecordReader(orders, stuck, { patience: new Breaker() })],
    ]);
    const work = messageWork(partsOf(readers), () => {});
    const loop = new ConsumerLoop(fake, readers, work, LIMITS, observerOf());
    fake.subscribe();
    const running = loop.run();
    while (stuck.fetches < 2) await setImmediate();
    loop.stop();
    await running;
    expect(fake.committed_).toEqual([0]);
  });

  test("is not the same as one that refuses: that stops the consumer, and blames no bytes", async () => {
    class Forbidden extends MemoryRegistry {
      override parsedById(id: number): Promise<Schema> {
        const details = {
          url: "memory:",
          method: "GET",
          path: `/schemas/ids/${id}`,
          status: 403,
          errorCode: 403,
          reason: "no",
        };
        return Promise.reject(clientErrors.create("CLIENT_REFUSED", details));
      }
    }
    const { error, committed } = await consume([frame(1)], new Forbidden());
    expect(error).toMatchObject({ code: "KAFKA_SCHEMA_UNAVAILABLE", details: { offset: 0 } });
    expect(committed).toEqual([0]);
  });
});

describe("the writers' schemas of a batch", () => {
  test("are fetched side by side, and once each", async () => {
    class Counting extends MemoryRegistry {
      readonly asked: number[] = [];
      open = 0;
      openMax = 0;
      override async parsedById(id: number): Promise<Schema> {
        this.asked.push(id);
        this.open++;
        this.openMax = Math.max(this.openMax, this.open);
        await setImmediate();
        this.open--;
        return super.parsedById(id);
      }
    }
    const registry = new Counting(orderV1, orderV2);
    const again = '{"type":"record","name":"shop.Order","aliases":["a"],"fields":[]}';
    const empty = registry.register("empty", again);
    expect(empty).toBe(3);
    const { error } = await consume(
      [frame(1), frame(2), frame(1), frame(3), frame(2)],
      registry,
      orders,
    );
    expect(registry.openMax).toBeGreaterThanOrEqual(2);
    expect(new Set(registry.asked).size).toBe(registry.asked.length);
    // Id 2 has one more field than these bytes: the fault is found when its turn comes.
    expect(error).toMatchObject({ code: "KAFKA_UNDECODABLE_RECORD", details: { offset: 1 } });
  });
});
