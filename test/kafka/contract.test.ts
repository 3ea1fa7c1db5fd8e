/** The contract of producer and consumer on the embedded Kafka. */
import { afterAll, describe } from "vitest";
import type { EmbeddedKafka } from "../../src/rdkafka/index.ts";
import { startEmbeddedKafka } from "../../src/rdkafka/index.ts";
import { describeTypedClients } from "./contract.ts";

describe("typed clients on the embedded Kafka", () => {
  let cluster: EmbeddedKafka;
  afterAll(() => cluster.close());

  describeTypedClients(
    async () => {
      cluster = await startEmbeddedKafka();
      return { brokers: cluster.brokers, createTopics: (names) => cluster.createTopics(...names) };
    },
    { restarts: false },
  );
});
