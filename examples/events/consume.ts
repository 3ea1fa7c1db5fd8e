/** Reads events as a member of a group (`audit` by default), until Ctrl-C. */
import { createConsumer, stopOnSignals } from "typewire/kafka";
import { EventKind, events } from "../shared/generated/events.js";
import { place } from "../shared/place.js";
import { tellingRebalances } from "../shared/telling.js";
import { argumentsOf } from "../shared/usage.js";

const [group = "audit"] = argumentsOf("events/consume.js [group]", 0);
const consumer = await createConsumer({
  ...place,
  group,
  topics: [events],
  from: "earliest",
  hooks: tellingRebalances,
});
stopOnSignals({ consumers: [consumer] });
await consumer.run(({ value }) => {
  const what = value.kind === EventKind.BOUGHT ? "bought something" : value.kind;
  console.log(`${value.at.toISOString()} ${value.subject}: ${what} (${value.details["count"]})`);
});
