/** Records compressed with zstd, where librdkafka was built without it. */
import { expect, onTestFinished, test } from "vitest";
import { createAdminBinding } from "../../src/rdkafka/admin.ts";
import { createConsumerBinding } from "../../src/rdkafka/consumer.ts";
import { loadKafka } from "../../src/rdkafka/load.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { produceAll } from "../brokers/raw-client.ts";

describeKafka("a topic in which the broker compresses with zstd", (brokers) => {
  test("is read, or its reader says what librdkafka was built without", async () => {
    const topic = `zstd-${Date.now()}`;
    const connection = { brokers, clientId: "zstd" };
    const admin = await createAdminBinding(connection);
    onTestFinished(() => admin.close());
    const config = { "compression.type": "zstd" };
    await admin.createTopic({ name: topic, partitions: 1, replication: 1, config }, 10_000);
    await produceAll(brokers, topic, [[0, "compressed".repeat(100)]]);
    const consumer = await createConsumerBinding({ ...connection, group: topic, from: "earliest" });
    onTestFinished(() => void consumer.close(5_000));
    consumer.subscribe([topic]);
    const reading = (async () => {
      for (;;) {
        for (const event of consumer.takeEvents()) consumer.answer(event);
        const batch = await consumer.next({ waitMs: 100, maxMessages: 10, maxBytes: 1_000_000 });
        if (batch.length > 0) return batch.length;
      }
    })();
    const { features } = await loadKafka();
    if (features.includes("zstd")) expect(await reading).toBe(1);
    else {
      await expect(reading).rejects.toMatchObject({
        code: "RDKAFKA_FEATURE_MISSING",
        details: { feature: "zstd", packages: "libzstd-dev", kafkaCode: -170 },
      });
    }
  });
});
