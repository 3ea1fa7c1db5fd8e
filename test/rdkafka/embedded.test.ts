import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EmbeddedKafka } from "../../src/rdkafka/index.ts";
import { startEmbeddedKafka } from "../../src/rdkafka/index.ts";

describe("the embedded Kafka", () => {
  let cluster: EmbeddedKafka;
  beforeAll(async () => {
    cluster = await startEmbeddedKafka({ brokers: 2 });
  });
  afterAll(() => cluster.close());

  test("names its brokers on loopback", () => {
    expect(cluster.brokers).toHaveLength(2);
    for (const broker of cluster.brokers) expect(broker).toMatch(/^(127\.0\.0\.1|localhost):\d+$/);
  });

  test("creates topics by being asked for them", async () => {
    await expect(cluster.createTopics("orders", "users")).resolves.toBeUndefined();
  });

  test("closes twice as once", async () => {
    const other = await startEmbeddedKafka();
    expect(await Promise.all([other.close(), other.close()])).toEqual([undefined, undefined]);
  });
});
