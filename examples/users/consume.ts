/**
 * Reads users as a member of a group. Consumers of one group share the records (a queue); each group
 * gets all of them (publish and subscribe). With `again` the group goes back to position 0.
 */
import { createConsumer, stopOnSignals } from "typewire/kafka";
import { users } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { tellIfIdle, tellingRebalances } from "../shared/telling.js";
import { argumentsOf } from "../shared/usage.js";

const [group = "", again] = argumentsOf("users/consume.js <group> [again]", 1);
const consumer = await createConsumer({
  ...place,
  group,
  topics: [users],
  from: "earliest",
  hooks: tellingRebalances,
});
stopOnSignals({ consumers: [consumer] });
const running = consumer.run(({ partition, offset, value }) => {
  console.log(`${group} read ${value.name} from partition ${partition} at offset ${offset}`);
});
// A consumer that fails before it is assigned anything fails `assigned` and `running`.
await Promise.race([tellIfIdle(consumer), running]);
if (again === "again") {
  // The group has one position in each partition: whoever reads a partition moves it for all.
  for (const partition of consumer.assignment()) await consumer.seek(partition, 0);
}
await running;
