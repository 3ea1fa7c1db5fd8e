import { createConsumer } from "typewire/kafka";
import type { TestEnvironment } from "typewire/testing";
import { payments } from "./generated/payments.js";

export async function firstPayment(environment: TestEnvironment): Promise<string> {
  const { brokers, registry } = environment;
  const consumer = await createConsumer({
    brokers,
    registry,
    group: "billing",
    topics: [payments],
    from: "earliest",
  });
  try {
    return await new Promise<string>((resolve, reject) => {
      const running = consumer.run(({ key, value }) => {
        const state: "OPEN" | "DONE" = value.state;
        resolve(`${key} ${value.id} ${value.cents + 1n} ${state} ${value.note}`);
      });
      running.catch(reject);
    });
  } finally {
    await consumer.close();
  }
}
