/** Success without an offset is no delivery: librdkafka reports it for records that no broker has. */
import { describe, expect, test } from "vitest";
import { HookCaller } from "../../src/kafka/contract/index.ts";
import { LanedProducer } from "../../src/kafka/producer/laned-producer.ts";
import { SerialTransactions } from "../../src/kafka/producer/transactional-producer.ts";
import { noKey, stringType, topic } from "../../src/schema/index.ts";
import { FakeProducer } from "./fake-producer.ts";
import { fullRegistry } from "./fixtures.ts";

const text = topic({ name: "text", key: noKey, value: stringType });
const record = (partition: number) => ({ value: "v", partition });
const UNCONFIRMED = {
  code: "KAFKA_DELIVERY_UNCONFIRMED",
  details: { topic: "text", partition: 1 },
  retriable: true,
};

/** A producer whose records of partition 1 are reported without an offset. */
function given(acknowledged = true) {
  const binding = new FakeProducer();
  binding.acknowledged = acknowledged;
  binding.unplaced = (partition) => partition === 1;
  const told: (readonly [offset: number, error: unknown])[] = [];
  const hooks = [
    {
      onDelivery: ({ offset, error }: { offset: number; error?: unknown }) =>
        void told.push([offset, error]),
    },
  ];
  const producer = new LanedProducer({
    binding,
    registry: fullRegistry(),
    hooks: new HookCaller(hooks, { kind: "producer", clientId: "c" }),
    brokers: [],
    partitioners: [],
    interceptors: [],
    ignored: new Set(),
    tracing: undefined,
    deliveryTimeoutMs: 60_000,
    waitingMax: 100,
    recountMs: 60_000,
    silentMs: 60_000,
  });
  return { producer, binding, told };
}

describe("a report of success without an offset", () => {
  test("fails its send, and the hook is told so", async () => {
    const { producer, told } = given();
    await expect(producer.send(text, record(1))).rejects.toMatchObject(UNCONFIRMED);
    expect(told).toEqual([[-1, expect.objectContaining(UNCONFIRMED)]]);
    expect((await producer.send(text, record(0))).offset).toBe(0);
    await producer.close();
  });

  test("fails its record of a sendMany, by index", async () => {
    const { producer } = given();
    const sent = producer.sendMany(text, [record(0), record(1), record(2), record(1)]);
    await expect(sent).rejects.toMatchObject({
      code: "KAFKA_DELIVERY_FAILED",
      details: { failed: 2, count: 4, failedIndexes: [1, 3] },
      cause: expect.objectContaining(UNCONFIRMED) as unknown,
    });
    await producer.close();
  });

  test.each(["flush", "close"] as const)("of an enqueued record is told by %s", async (call) => {
    const { producer } = given();
    producer.enqueue(text, record(1));
    await expect(producer[call]()).rejects.toMatchObject({
      code: "KAFKA_ENQUEUED_FAILED",
      details: { failed: 1 },
    });
  });

  test("keeps its transaction from being committed, awaited or not", async () => {
    const steps: string[] = [];
    const step = (name: string) => (): Promise<void> => {
      steps.push(name);
      return Promise.resolve();
    };
    const connect = () => {
      const { producer, binding } = given();
      const transactions = {
        init: step("init"),
        begin: step("begin"),
        commit: step("commit"),
        abort: step("abort"),
        sendOffsets: step("offsets"),
      };
      return Promise.resolve({ producer, binding: Object.assign(binding, { transactions }) });
    };
    const producer = new SerialTransactions({ transactionalId: "tx", timeoutMs: 5_000, connect });
    const done = producer.transaction((tx) => void tx.send(text, record(1)));
    await expect(done).rejects.toMatchObject(UNCONFIRMED);
    await producer.close();
    expect(steps).toEqual(["init", "begin", "abort"]);
  });

  test("is all there is without acknowledgements", async () => {
    const { producer } = given(false);
    expect(await producer.send(text, record(1))).toEqual({
      topic: "text",
      partition: 1,
      offset: -1,
    });
    await producer.close();
  });
});
