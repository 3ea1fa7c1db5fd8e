/** Says which broker leads each partition of a topic, and which ones follow. */
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
for (const { id, leader, replicas } of topic?.partitions ?? []) {
  const followers = replicas.filter((broker) => broker !== leader);
  const led = leader < 0 ? "has no leader" : `is led by broker ${leader}`;
  const followed =
    followers.length === 0 ? "nobody follows" : `followed by ${followers.join(", ")}`;
  console.log(`partition ${id} ${led}, ${followed}`);
}
