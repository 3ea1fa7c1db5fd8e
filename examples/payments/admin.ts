/** Creates the topic `payment-done` with three partitions and registers its schema. */
import { paymentDone } from "../shared/generated/index.js";
import { prepare } from "../shared/prepare.js";

await prepare(paymentDone, { partitions: 3 });
