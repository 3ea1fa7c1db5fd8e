/** Says how far a group (`billing` by default) is behind in each partition, whether it runs or not. */
import { createAdmin } from "typewire/kafka";
import { paymentDone } from "../shared/generated/index.js";
import { place } from "../shared/place.js";
import { argumentsOf } from "../shared/usage.js";

const [group = "billing"] = argumentsOf("payments/lag.js [group]", 0);
const admin = await createAdmin(place);
for (const { partition, next, committed, lag } of await admin.lag(group, [paymentDone.name])) {
  const position = committed === undefined ? "nothing is committed" : `committed ${committed}`;
  console.log(
    `partition ${partition}: ${position}, end ${next ?? "unknown"}, lag ${lag ?? "unknown"}`,
  );
}
await admin.close();
