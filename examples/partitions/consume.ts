/** Reads readings as a member of a group, and says after each batch how many came from where. */
import { renamed } from "typewire";
import { createConsumer, stopOnSignals } from "typewire/kafka";
import { readings } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { tellIfIdle, tellingRebalances } from "../shared/telling.js";
import { argumentsOf } from "../shared/usage.js";

const [name = "", group = ""] = argumentsOf("partitions/consume.js <topic> <group>", 2);
const consumer = await createConsumer({
  ...place,
  group,
  topics: [renamed(readings, name)],
  from: "earliest",
  hooks: tellingRebalances,
});
stopOnSignals({ consumers: [consumer] });
const totals = new Map<number, number>();
const running = consumer.runBatch(({ partition, messages }) => {
  totals.set(partition, (totals.get(partition) ?? 0) + messages.length);
  const last = messages.at(-1);
  console.log(
    `${group} read ${totals.get(partition)} from partition ${partition}, ` +
      `the last one: number ${last?.value.number}, ${last?.value.celsius} °C in the ${last?.value.sensor}`,
  );
});
await Promise.race([tellIfIdle(consumer), running]);
await running;
