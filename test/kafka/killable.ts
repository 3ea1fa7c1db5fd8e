/** A consumer in a process of its own, which can be killed like any other. Needs the build. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface KillableOptions {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly topic: string;
  /** Schema of the values, under id 1. */
  readonly schema: string;
}

/** Starts it; it says the `amount` of each record once its handler is done, 10 ms later. */
export function startKillable(options: KillableOptions): {
  readonly handled: readonly number[];
  kill(): Promise<void>;
} {
  const child = spawn(process.execPath, ["--input-type=module", "-e", programOf(options)], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const handled: number[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => handled.push(Number(line)));
  return {
    handled,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function programOf(options: KillableOptions): string {
  return `
    import { writeSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { parseSchema } from "./dist/src/avro/index.js";
    import { createConsumer } from "./dist/src/kafka/index.js";
    import { avroType, noKey, topic } from "./dist/src/schema/index.js";
    const { brokers, group, topic: name, schema } = ${JSON.stringify(options)};
    const parsed = parseSchema(schema, { mode: "strict" });
    const registry = { parsedById: async () => parsed, peekParsed: () => parsed };
    const value = avroType({ subject: "s", name: "n", schema, fingerprint: "0" });
    const librdkafka = { "session.timeout.ms": 6000, "auto.commit.interval.ms": 50 };
    const topics = [topic({ name, key: noKey, value })];
    const options = { brokers, registry, group, topics, from: "earliest", librdkafka };
    const consumer = await createConsumer(options);
    await consumer.run(async ({ value }) => {
      await sleep(10);
      writeSync(1, value.amount + "\\n");
    });`;
}
