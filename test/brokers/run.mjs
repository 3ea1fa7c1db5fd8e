// @ts-check
/**
 * `npm run kafka [-- <brokers>]`: a Kafka for development; prints its addresses and stops on Ctrl-C.
 * Reads commands, one a line: `stop 2`, `kill 2`, `start 2`, `status`.
 */
import { createInterface } from "node:readline";
import { startKafka } from "./cluster.mjs";
import { commandOf, statusLines } from "./commands.mjs";

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
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}
const lines = createInterface({ input: process.stdin });
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    lines.close();
    // Without a line to wait for, nothing but the cluster keeps this process alive.
    process.stdin.unref?.();
    void cluster.stop();
  });
}
say(`Kafka is ready at ${cluster.brokers.join(",")} (Ctrl-C stops it and removes its data)`);
if (brokers > 1) say(...statusLines(cluster), "Commands: stop 2, kill 2, start 2, status");
for await (const line of lines) {
  try {
    await obey(line);
  } catch (error) {
    say(reasonOf(error));
  }
}

/** @param {string} line */
async function obey(line) {
  const command = commandOf(line, brokers);
  if (command.kind === "nothing") return;
  if (command.kind === "unclear") return say(command.answer);
  if (command.kind === "start") await cluster.start(command.id);
  if (command.kind === "stop") await cluster.stop(command.id);
  if (command.kind === "kill") await cluster.stop(command.id, "SIGKILL");
  say(...statusLines(cluster));
}

/** @param {readonly string[]} texts */
function say(...texts) {
  for (const text of texts) process.stdout.write(`${text}\n`);
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}
