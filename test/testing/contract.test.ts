/** The contract of the typed clients, on the broker in memory. */
import { describe } from "vitest";
import { createAdmin } from "../../src/kafka/index.ts";
import { createTestBroker } from "../../src/testing/index.ts";
import { describeTypedClients } from "../kafka/contract.ts";

describe("typed clients on the broker in memory", () => {
  describeTypedClients(
    async () => {
      const { brokers } = createTestBroker();
      const admin = await createAdmin({ brokers });
      return {
        brokers,
        async createTopics(names) {
          await admin.createTopics(names.map((name) => ({ name, partitions: 4 })));
          await admin.close();
        },
      };
    },
    { restarts: true },
  );
});
