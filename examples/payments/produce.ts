/** Sends payments of a user; all of them go to one partition, because they have one key. */
import { createProducer } from "typewire/kafka";
import { paymentDone } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { argumentsOf, wholeNumber } from "../shared/usage.js";

const usage = "payments/produce.js [count] [user]";
const [counted, user = "user1"] = argumentsOf(usage, 0);
const count = wholeNumber(usage, counted, 1);
const producer = await createProducer(place);
for (let i = 1; i <= count; i++) {
  const value = { user, amount: `${i}.50`, paidAt: new Date() };
  const { partition, offset } = await producer.send(paymentDone, { key: user, value });
  console.log(`payment ${i} of ${user} is in partition ${partition} at offset ${offset}`);
}
await producer.close();
