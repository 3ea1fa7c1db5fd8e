/**
 * The quick start of Kafka in one file: creates the topic `quickstart-events`, writes events as plain
 * text, and reads them back. It needs Kafka, but no schema and no registry.
 */
import { noKey, stringType, topic } from "typewire";
import { createAdmin, createConsumer, createProducer } from "typewire/kafka";
import { place } from "./shared/place.js";

const quickstartEvents = topic({ name: "quickstart-events", key: noKey, value: stringType });
const lines = ["This is my first event", "This is my second event", "This is my third event"];

const admin = await createAdmin(place);
await admin.createTopic({ name: quickstartEvents.name, partitions: 1 });
await admin.close();

const producer = await createProducer(place);
await producer.sendMany(
  quickstartEvents,
  lines.map((value) => ({ value })),
);
await producer.close();

const consumer = await createConsumer({
  ...place,
  group: `quickstart-${process.pid}`,
  topics: [quickstartEvents],
  from: "earliest",
});
let count = 0;
for await (const message of consumer.messages()) {
  console.log(message.value);
  message.done();
  count++;
  if (count === lines.length) break; // leaving the loop closes the consumer
}
