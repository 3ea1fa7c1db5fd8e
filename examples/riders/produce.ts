/**
 * Reads lines such as `tony south` and sends each as an update of a rider: those in the north go to
 * partition 0, all others to partition 1. Ends with the input (Ctrl-D).
 */
import { createInterface } from "node:readline";
import { createProducer } from "typewire/kafka";
import { riderUpdates } from "../shared/generated/index.js";
import { place } from "../shared/place.js";

const producer = await createProducer(place);
await producer.prepare(riderUpdates);
const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
lines.setPrompt(process.stdin.isTTY ? "> " : "");
console.log("write a rider and where the rider is: tony south");
lines.prompt();
for await (const line of lines) {
  const [rider, location, ...rest] = line.trim().split(/\s+/);
  if (rider === undefined || location === undefined || rest.length > 0) {
    if (line.trim() !== "") console.log(`"${line.trim()}" is no rider and location: tony south`);
  } else {
    const { partition, offset } = await producer.send(riderUpdates, {
      key: rider,
      value: { rider, location: location.toLowerCase() },
      partition: location.toLowerCase() === "north" ? 0 : 1,
    });
    console.log(`${rider} is in partition ${partition} at offset ${offset}`);
  }
  lines.prompt();
}
await producer.close();
