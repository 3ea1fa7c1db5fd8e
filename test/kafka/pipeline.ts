/** A consume-transform-produce program in a process of its own, which can be killed. Needs the build. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface PipelineOptions {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly transactionalId: string;
  readonly source: string;
  readonly target: string;
  /** Hangs in the middle of the transaction in which it has sent that many records; −1 for never. */
  readonly stopAfter: number;
}

/** Starts it; `stuck` resolves when it hangs, with records of an open transaction at the broker. */
export function startPipeline(options: PipelineOptions): {
  readonly stuck: Promise<void>;
  kill(): Promise<void>;
} {
  const child = spawn(process.execPath, ["--input-type=module", "-e", programOf(options)], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  return {
    stuck: once(child.stdout, "data").then(() => undefined),
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function programOf(options: PipelineOptions): string {
  return `
    import { writeSync } from "node:fs";
    import { createConsumer, createProducer, exactlyOnce } from "./dist/src/kafka/index.js";
    import { noKey, stringType, topic } from "./dist/src/schema/index.js";
    const { brokers, group, transactionalId, source, target, stopAfter } = ${JSON.stringify(options)};
    const none = () => Promise.reject(new Error("no schemas"));
    const registry = { idOf: none, parsedById: none };
    const text = (name) => topic({ name, key: noKey, value: stringType });
    const librdkafka = { "session.timeout.ms": 6000, "fetch.wait.max.ms": 10 };
    const consumer = await createConsumer({
      brokers, registry, group, topics: [text(source)], from: "earliest", librdkafka,
      offsets: "transactions", batchSize: 25,
    });
    const producer = await createProducer({ brokers, registry, transactionalId });
    let sent = 0;
    await exactlyOnce(consumer, producer, async ({ messages }, tx) => {
      await tx.sendMany(text(target), messages.map(({ value }) => ({ value })));
      sent += messages.length;
      if (stopAfter >= 0 && sent >= stopAfter) {
        writeSync(1, "stuck");
        await new Promise(() => {});
      }
    });`;
}
