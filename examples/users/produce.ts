/** Adds users by name: `node dist/examples/users/produce.js tom`. */
import { createProducer } from "typewire/kafka";
import { users } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { argumentsOf } from "../shared/usage.js";
import { byInitial } from "./by-initial.js";

const names = argumentsOf("users/produce.js <name> …", 1);
const producer = await createProducer({ ...place, partitioners: [byInitial] });
for (const name of names) {
  const value = { name, addedAt: new Date() };
  const { partition, offset } = await producer.send(users, { key: name, value });
  console.log(`${name} is in partition ${partition} at offset ${offset}`);
}
await producer.close();
