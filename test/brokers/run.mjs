// @ts-check
/** `npm run kafka [-- <brokers>]`: a Kafka for development; prints its address, stops on Ctrl-C. */
import { startKafka } from "./cluster.mjs";

const brokers = Number(process.argv[2] ?? 1);
if (brokers !== 1 && brokers !== 2 && brokers !== 3) {
  process.stderr.write(`Kafka runs with 1, 2 or 3 brokers, not "${process.argv[2]}".\n`);
  process.exit(1);
}

/** @type {import("./cluster.mjs").KafkaCluster} */
let cluster;
try {
  cluster = await startKafka({
    brokers,
    onDeath: (message) => {
      process.stderr.write(`${message}\n`);
      process.exitCode = 1;
    },
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void cluster.stop());
process.stdout.write(
  `Kafka is ready at ${cluster.brokers.join(",")} (Ctrl-C stops it and removes its data)\n`,
);
