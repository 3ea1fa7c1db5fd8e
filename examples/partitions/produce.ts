/**
 * Sends readings that are made up from the schema. They have no key, so they are spread over the partitions: about 16 KiB to one
 * of them, then the next. With the number of a partition all of them go there.
 */
import { renamed } from "typewire";
import { createProducer } from "typewire/kafka";
import { sample } from "typewire/testing";
import { readings } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { argumentsOf, wholeNumber } from "../shared/usage.js";

const usage = "partitions/produce.js <topic> <count> [partition]";
const [name = "", counted, chosen] = argumentsOf(usage, 2);
const count = wholeNumber(usage, counted, 1);
const target = chosen === undefined ? {} : { partition: wholeNumber(usage, chosen, 0) };
const topic = renamed(readings, name);
const producer = await createProducer(place);
const perPartition = new Map<number, number>();
await Promise.all(
  Array.from({ length: count }, async (_, number) => {
    const { value } = sample(topic, { seed: number });
    const record = { value: { ...value, number }, ...target };
    const { partition } = await producer.send(topic, record);
    perPartition.set(partition, (perPartition.get(partition) ?? 0) + 1);
  }),
);
await producer.close();
for (const [partition, sent] of [...perPartition].sort(([a], [b]) => a - b)) {
  console.log(`partition ${partition} got ${sent} of ${count}`);
}
