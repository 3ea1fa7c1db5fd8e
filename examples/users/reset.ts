/**
 * Puts a group back to the start of `Users`. Its consumers must be stopped: while they run,
 * `users/consume.js <group> again` does the same.
 */
import { createAdmin } from "typewire/kafka";
import { users } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { argumentsOf } from "../shared/usage.js";

const [group = ""] = argumentsOf("users/reset.js <group>", 1);
const admin = await createAdmin(place);
for (const { partition, from, to } of await admin.resetOffsets(group, [users.name], "start")) {
  console.log(`${group} goes from ${from ?? "nowhere"} to ${to} in partition ${partition}`);
}
await admin.close();
