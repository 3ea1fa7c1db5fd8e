/** Creates the topic `Users` with two partitions and registers its schema. */
import { users } from "../shared/generated/index.js";
import { prepare } from "../shared/prepare.js";

await prepare(users, { partitions: 2 });
