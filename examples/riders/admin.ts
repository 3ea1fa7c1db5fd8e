/** Creates the topic `rider-updates` with two partitions and registers its schema. */
import { riderUpdates } from "../shared/generated/index.js";
import { prepare } from "../shared/prepare.js";

await prepare(riderUpdates, { partitions: 2 });
