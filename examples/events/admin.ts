/** Creates the topic `events` with three partitions and registers its schema, where `init` did not. */
import { events } from "../shared/generated/index.js";
import { prepare } from "../shared/prepare.js";

await prepare(events, { partitions: 3 });
