/**
 * Reads payments as a member of a group (`billing` by default). Says how far the group is behind in the
 * partitions that it has, whenever that changes. With a pause in milliseconds it takes that long for
 * each payment, so that the lag can be seen.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createConsumer, stopOnSignals } from "typewire/kafka";
import { paymentDone } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { tellIfIdle, tellingRebalances } from "../shared/telling.js";
import { argumentsOf, wholeNumber } from "../shared/usage.js";

const LAG_INTERVAL_MS = 1_000;

const usage = "payments/consume.js [group] [pause in ms]";
const [group = "billing", pause] = argumentsOf(usage, 0);
const pauseMs = wholeNumber(usage, pause, 0);
const consumer = await createConsumer({
  ...place,
  group,
  topics: [paymentDone],
  from: "earliest",
  hooks: tellingRebalances,
});
const ended = new AbortController();
stopOnSignals({ consumers: [consumer] });
const running = consumer
  .run(async ({ partition, offset, value }) => {
    await sleep(pauseMs);
    console.log(`${value.user} paid ${value.amount} (partition ${partition}, offset ${offset})`);
  })
  .finally(() => ended.abort());
await Promise.race([tellIfIdle(consumer), running]);
await Promise.all([running, tellLag()]);

async function tellLag(): Promise<void> {
  for (let told = ""; !ended.signal.aborted; ) {
    const lags = await consumer.lag().catch(() => []);
    lags.sort((a, b) => a.partition - b.partition);
    const text = lags.map(({ partition, lag }) => `${lag} in partition ${partition}`).join(", ");
    if (text !== told && text !== "") console.log(`lag of ${group}: ${text}`);
    told = text;
    await sleep(LAG_INTERVAL_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
}
