/** What is acknowledged is in the topic: on topics that were just made, and while brokers fail. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { TypedProducer } from "../../src/kafka/index.ts";
import { createAdmin, createProducer } from "../../src/kafka/index.ts";
import type { ProducerBinding } from "../../src/rdkafka/index.ts";
import { createProducerBinding } from "../../src/rdkafka/index.ts";
import { noKey, renamed, stringType, topic } from "../../src/schema/index.ts";
import { startKafka } from "../brokers/cluster.mjs";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { whyNoKafka } from "../brokers/install.mjs";
import { createTopic } from "../brokers/raw-client.ts";
import { readUntil } from "./contract.ts";
import { fullRegistry } from "./fixtures.ts";

const registry = fullRegistry();
const text = topic({ name: "text", key: noKey, value: stringType });
const made = () => renamed(text, `acked-${randomUUID().slice(0, 8)}`);
type Text = ReturnType<typeof made>;
const PARTITIONS = 4;

/** Processes that keep the processors busy; they end by themselves too. */
function busy(): ChildProcess[] {
  const program = "for (const end = Date.now() + 60_000; Date.now() < end; );";
  return [1, 2].map(() => spawn(process.execPath, ["-e", program], { stdio: "ignore" }));
}

/** Sends as much as it can, in calls of some records, until it is told to stop. */
class Stream {
  readonly acknowledged = new Map<string, string>();
  readonly failures: unknown[] = [];
  readonly #running: Promise<unknown>;
  #stopped = false;

  constructor(producer: TypedProducer, to: Text, values: Generator<string>) {
    const call = async (): Promise<void> => {
      while (!this.#stopped) {
        const records = Array.from({ length: 20 }, (_, i) => ({
          value: values.next().value as string,
          partition: i % PARTITIONS,
        }));
        await Promise.all(
          records.map(async (record) => {
            try {
              const { partition, offset } = await producer.send(to, record);
              this.acknowledged.set(record.value, `${partition}:${offset}`);
            } catch (error) {
              this.failures.push(error);
            }
          }),
        );
      }
    };
    this.#running = Promise.all([call(), call(), call()]);
  }

  /** Resolves when so many more records are acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged.size + count;
    while (this.acknowledged.size < goal) await sleep(10);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}

function* numbered(): Generator<string> {
  for (let i = 0; ; i++) yield `${i} ${"x".repeat(500)}`;
}

describeKafka("a topic that was just made", (brokers) => {
  test.each([
    ["by our admin client, which waits until it can be used", true],
    ["by another client, which does not wait", false],
  ])("%s, takes everything that is acknowledged", async (_title, ours) => {
    const load = busy();
    const admin = await createAdmin({ brokers });
    const producer = await createProducer({ brokers, registry, lingerMs: 0 });
    const value = "x".repeat(100_000);
    const asker = await createProducerBinding({ brokers, clientId: "asker" });
    const highs: number[] = [];
    try {
      for (let round = 0; round < 15; round++) {
        const to = made();
        if (ours) await admin.createTopic({ name: to.name, partitions: PARTITIONS });
        else await createTopic(brokers, to.name, PARTITIONS);
        const records = Array.from({ length: 24 }, (_, i) => ({
          value,
          partition: i % PARTITIONS,
        }));
        const places = (await producer.sendMany(to, records)).map(
          ({ partition, offset }) => `${partition}:${offset}`,
        );
        expect(new Set(places).size).toBe(24);
        highs.push(...(await highWatermarks(asker, to)));
      }
    } finally {
      for (const child of load) child.kill();
      await Promise.all([producer.close(), admin.close(), asker.close(5_000)]);
    }
    expect(new Set(highs)).toEqual(new Set([24 / PARTITIONS]));
  });
});

const missing = await whyNoKafka();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`a broker${why}`, () => {
  test("that stops, and one that is killed, lose nothing that is acknowledged", async () => {
    const cluster = await startKafka();
    const { brokers } = cluster;
    const to = made();
    const admin = await createAdmin({ brokers });
    const producer = await createProducer({ brokers, registry, lingerMs: 0 });
    const transient = await createProducer({ brokers, registry, deliveryTimeoutMs: 1_000 });
    try {
      await admin.createTopic({ name: to.name, partitions: PARTITIONS });
      const values = numbered();
      const streams = [
        new Stream(producer, to, values),
        // Its records time out while the broker is away, and may arrive nevertheless.
        new Stream(transient, to, values),
      ];
      const more = () => Promise.all(streams.map((stream) => stream.more(200)));
      await more();
      const [pid] = cluster.pids as [number];
      process.kill(pid, "SIGSTOP");
      await sleep(1_500);
      process.kill(pid, "SIGCONT");
      await more();
      await cluster.stop(1, "SIGKILL");
      await cluster.start(1);
      await more();
      await Promise.all(streams.map((stream) => stream.stop()));
      await Promise.all([producer.close(), transient.close()]);
      expect(streams[0]?.failures).toEqual([]);
      const acknowledged = new Map(streams.flatMap((stream) => [...stream.acknowledged]));
      expect(await placesOf(brokers, to, acknowledged)).toEqual(acknowledged);
    } finally {
      await Promise.all([producer.close(), transient.close()].map((end) => end.catch(() => {})));
      await admin.close();
      await cluster.stop();
    }
  });
});

/** Where the given records are found in a topic, which is read to its end. */
async function placesOf(
  brokers: readonly string[],
  of: Text,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const asker = await createProducerBinding({ brokers, clientId: "asker" });
  const total = (await highWatermarks(asker, of)).reduce((sum, high) => sum + high, 0);
  await asker.close(5_000);
  const options = { brokers, registry, group: of.name, topics: [of] as const };
  const found = new Map<string, string>();
  const twice: string[] = [];
  for (const { partition, offset, value } of await readUntil(options, total)) {
    if (!wanted.has(value)) continue;
    if (found.has(value)) twice.push(value);
    found.set(value, `${partition}:${offset}`);
  }
  expect(twice).toEqual([]);
  return found;
}

async function highWatermarks(asker: ProducerBinding, of: Text): Promise<number[]> {
  const highs: number[] = [];
  for (let p = 0; p < PARTITIONS; p++) highs.push((await asker.watermarks(of.name, p)).high);
  return highs;
}
