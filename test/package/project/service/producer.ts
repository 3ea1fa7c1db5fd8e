import { createProducer } from "typewire/kafka";
import type { TestEnvironment } from "typewire/testing";
import { payments } from "./generated/payments.js";

export async function pay(environment: TestEnvironment): Promise<number> {
  const { brokers, registry } = environment;
  const producer = await createProducer({ brokers, registry });
  try {
    const sent = await producer.send(payments, {
      key: "p-1",
      value: { id: "p-1", cents: 1990n, state: "DONE" },
    });
    return sent.offset;
  } finally {
    await producer.close();
  }
}
