/** Creates a topic for readings with any number of partitions and copies of each. */
import { renamed } from "typewire";
import { readings } from "../shared/generated/index.js";
import { prepare } from "../shared/prepare.js";
import { argumentsOf, wholeNumber } from "../shared/usage.js";

const usage = "partitions/admin.js <topic> <partitions> [copies]";
const [name = "", partitions, copies] = argumentsOf(usage, 2);
const replication = wholeNumber(usage, copies, 1);
await prepare(renamed(readings, name), {
  partitions: wholeNumber(usage, partitions, 1),
  replication,
  // A record is acknowledged when two brokers have it, where there are three copies: one may stop.
  config: { "min.insync.replicas": replication > 2 ? 2 : 1 },
});
