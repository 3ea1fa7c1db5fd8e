/** Sends an event each time that a timer fires, until Ctrl-C. */
import { randomUUID } from "node:crypto";
import { setInterval as every } from "node:timers/promises";
import { createProducer } from "typewire/kafka";
import { EventKind, events } from "../shared/generated/events.js";
import { place } from "../shared/place.js";
import { argumentsOf, wholeNumber } from "../shared/usage.js";

const usage = "events/produce.js [interval in ms]";
const intervalMs = wholeNumber(usage, argumentsOf(usage, 0)[0], 1_000);
const kinds = [EventKind.SIGNED_IN, EventKind.BOUGHT, EventKind.SIGNED_OUT] as const;
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopping.abort());

const producer = await createProducer(place);
await producer.prepare(events);
let sent = 0;
try {
  for await (const _ of every(intervalMs, undefined, { signal: stopping.signal })) {
    const subject = `user${sent % 5}`;
    const kind = kinds[sent % kinds.length] ?? EventKind.OTHER;
    const { partition, offset } = await producer.send(events, {
      key: subject,
      value: { id: randomUUID(), kind, subject, at: new Date(), details: { count: String(sent) } },
    });
    console.log(`sent ${kind} of ${subject} to partition ${partition} at offset ${offset}`);
    sent++;
  }
} catch (error) {
  if (!stopping.signal.aborted) throw error;
}
await producer.close();
console.log(`sent ${sent} events`);
