/** Dead letters on their way back, over the broker in memory. */
import { describe, expect, test } from "vitest";
import { createProducer, replayDeadLetters } from "../../src/kafka/index.ts";
import { rawType, topic } from "../../src/schema/index.ts";
import { createTestBroker } from "../../src/testing/index.ts";

const dlq = topic({ name: "billing.dlq", key: rawType, value: rawType, compact: true });
const orders = topic({ name: "orders", key: rawType, value: rawType, compact: true });

async function scene(origins: readonly string[]) {
  const broker = createTestBroker({ topics: [dlq, orders], partitions: 1 });
  const producer = await createProducer(broker);
  for (const [n, origin] of origins.entries()) {
    await producer.send(dlq, {
      key: null,
      value: Buffer.from(String(n)),
      headers: { "dlq.original.topic": origin, own: "kept" },
    });
  }
  const how = { brokers: broker.brokers, from: dlq.name, group: "replay", producer };
  return { broker, producer, how };
}

describe("a replay", () => {
  test("sends each letter back once, with its own headers and a count", async () => {
    const { broker, producer, how } = await scene(["orders", "orders"]);
    expect(await replayDeadLetters(how)).toMatchObject({ replayed: 2, isComplete: true });
    expect(await replayDeadLetters(how)).toMatchObject({ replayed: 0, isComplete: true });
    const back = broker.records(orders);
    expect(back.map(({ headers }) => headers.get("own"))).toEqual(["kept", "kept"]);
    expect(back.map(({ headers }) => headers.get("dlq.replay-count"))).toEqual(["1", "1"]);
    await producer.close();
  });

  test("sends nothing as a dry run, and tells what it would send", async () => {
    const { broker, producer, how } = await scene(["orders"]);
    expect(await replayDeadLetters({ ...how, dryRun: true })).toMatchObject({ replayed: 1 });
    expect(broker.records(orders)).toEqual([]);
    await producer.close();
  });

  test.each(["gone", dlq.name])("of a letter to %s ends with KAFKA_REPLAY_FAILED", async (to) => {
    const { producer, how } = await scene([to]);
    await expect(replayDeadLetters(how)).rejects.toMatchObject({
      code: "KAFKA_REPLAY_FAILED",
      details: { topic: dlq.name, partition: 0, offset: 0, to },
    });
    await producer.close();
  });
});
