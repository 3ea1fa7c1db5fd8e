/** The contract of producer and consumer on a real Kafka. */
import { afterAll, describe } from "vitest";
import type { Admin } from "../../src/kafka/index.ts";
import { createAdmin } from "../../src/kafka/index.ts";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { describeTypedClients } from "./contract.ts";

describeKafka("typed clients on Apache Kafka", (brokers) => {
  let admin: Admin | undefined;
  afterAll(() => admin?.close());

  describe("the contract", () => {
    describeTypedClients(
      async () => {
        const made = await createAdmin({ brokers });
        admin = made;
        return {
          brokers,
          async createTopics(names) {
            await made.createTopics(names.map((name) => ({ name, partitions: 4 })));
          },
        };
      },
      { restarts: true },
    );
  });
});
