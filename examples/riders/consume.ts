/** Reads the updates of riders as a member of the group that is named on the command line. */
import { createConsumer, stopOnSignals } from "typewire/kafka";
import { riderUpdates } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { tellIfIdle, tellingRebalances } from "../shared/telling.js";
import { argumentsOf } from "../shared/usage.js";

const [group = ""] = argumentsOf("riders/consume.js <group>", 1);
const consumer = await createConsumer({
  ...place,
  group,
  topics: [riderUpdates],
  from: "earliest",
  hooks: tellingRebalances,
});
stopOnSignals({ consumers: [consumer] });
const running = consumer.run(({ partition, key, value }) => {
  console.log(`${group}: ${key} is in the ${value.location} (partition ${partition})`);
});
await Promise.race([tellIfIdle(consumer), running]);
await running;
