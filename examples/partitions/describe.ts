/** Says which broker leads each partition of a topic, which ones follow, and whose copies are complete. */
import { createAdmin } from "typewire/kafka";
import { place } from "../shared/place.js";
import { argumentsOf } from "../shared/usage.js";

const [name = ""] = argumentsOf("partitions/describe.js <topic>", 1);
const admin = await createAdmin(place);
const topic = await admin.describeTopic(name);
await admin.close();
if (topic === undefined) {
  process.stderr.write(`there is no topic ${name}\n`);
  process.exitCode = 1;
}
for (const { id, leader, replicas, inSync } of topic?.partitions ?? []) {
  const followers = replicas.filter((broker) => broker !== leader);
  const led = leader < 0 ? "has no leader" : `is led by broker ${leader}`;
  const followed =
    followers.length === 0 ? "nobody follows" : `followed by ${followers.join(", ")}`;
  console.log(`partition ${id} ${led}, ${followed}; in sync: ${inSync.join(", ")}`);
}
