import { startTestEnvironment } from "typewire/testing";
import { firstPayment } from "./consumer.js";
import { payments } from "./generated/payments.js";
import { pay } from "./producer.js";

const environment = await startTestEnvironment({ topics: [payments] });
try {
  const offset = await pay(environment);
  process.stdout.write(`${offset} ${await firstPayment(environment)}\n`);
} finally {
  await environment.close();
}
