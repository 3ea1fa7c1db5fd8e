/** The harness itself: clusters start, lose a broker and end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { startKafka } from "./cluster.mjs";
import { describeKafka } from "./describe-kafka.ts";
import { installJars, whyNoKafka } from "./install.mjs";
import { consumeAll, createTopic, produceAll } from "./raw-client.ts";

describeKafka("real Kafka", (brokers) => {
  test("a created topic keeps what was produced, in order per partition", async () => {
    const topic = `harness-${process.pid}-${Date.now()}`;
    await createTopic(brokers, topic, 2);
    await produceAll(brokers, topic, [
      [0, "a"],
      [1, "b"],
      [0, "c"],
    ]);
    expect(await consumeAll(brokers, topic, 3)).toEqual([
      { partition: 0, offset: 0, value: "a" },
      { partition: 0, offset: 1, value: "c" },
      { partition: 1, offset: 0, value: "b" },
    ]);
  });
});

const missing = await whyNoKafka();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`startKafka${why}`, () => {
  test("three brokers know each other, and a topic can have three replicas", async () => {
    const cluster = await startKafka({ brokers: 3 });
    try {
      expect(new Set(cluster.brokers).size).toBe(3);
      await createTopic(cluster.brokers, "replicated", 1, 3);
      await produceAll(cluster.brokers, "replicated", [[0, "x"]]);
      expect(await consumeAll(cluster.brokers, "replicated", 1)).toEqual([
        { partition: 0, offset: 0, value: "x" },
      ]);
    } finally {
      await cluster.stop();
    }
  });

  test("stop ends the brokers and removes their data, and may be called twice", async () => {
    const cluster = await startKafka();
    expect(cluster.pids.map(isAlive)).toEqual([true]);
    expect(existsSync(cluster.folder)).toBe(true);
    await cluster.stop();
    await cluster.stop();
    expect(cluster.pids.map(isAlive)).toEqual([false]);
    expect(existsSync(cluster.folder)).toBe(false);
  });

  test("a process that is killed takes its brokers and their data with it", async () => {
    const { parent, cluster } = await startInOtherProcess();
    expect(cluster.pids.map(isAlive)).toEqual([true]);
    parent.kill("SIGKILL");
    await untilTrue(() => !cluster.pids.some(isAlive) && !existsSync(cluster.folder));
  });

  test("a broker that refuses to start says why, with the end of its log", async () => {
    const starting = startKafka({ settings: { "log.cleaner.io.buffer.load.factor": "high" } });
    await expect(starting).rejects.toThrow(
      /format its storage[\s\S]*Invalid value high for configuration log.cleaner.io.buffer.load.factor/,
    );
    const failing = startKafka({ settings: { "authorizer.class.name": "no.such.Authorizer" } });
    await expect(failing).rejects.toThrow(
      /^Kafka broker 1 ended \(exit code 1\)\. The end of its log:\n[\s\S]*no\.such\.Authorizer/,
    );
  });

  test("a broker that dies later is told, with the end of its log", async () => {
    const deaths: string[] = [];
    const cluster = await startKafka({ onDeath: (message) => deaths.push(message) });
    for (const pid of cluster.pids) process.kill(pid, "SIGKILL");
    await untilTrue(() => deaths.length > 0);
    await cluster.stop();
    expect(deaths).toEqual([
      expect.stringMatching(/^Kafka broker 1 ended \(SIGKILL\)\. The end of its log:\n/),
    ]);
  });
});

describe.skipIf(missing !== undefined)(`installJars${why}`, () => {
  test("what a killed download left behind doesn't count, and runs at once share one folder", async () => {
    const root = mkdtempSync(join(tmpdir(), "typewire-jars-"));
    try {
      mkdirSync(join(root, "partial-killed"));
      const [first, second] = await Promise.all([installJars(root), installJars(root)]);
      expect(first).toBe(second);
      expect(readdirSync(first)).toContain(
        `kafka_2.13-${process.env["TYPEWIRE_KAFKA_VERSION"] || "4.1.1"}.jar`,
      );
      expect(readdirSync(root)).toHaveLength(2);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

async function startInOtherProcess() {
  const module = new URL("cluster.mjs", import.meta.url).href;
  const program = `
    const { startKafka } = await import(${JSON.stringify(module)});
    const { pids, folder } = await startKafka();
    process.stdout.write(JSON.stringify({ pids, folder }));`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const cluster = JSON.parse(String(line)) as { pids: number[]; folder: string };
  return { parent, cluster };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Bounded by the test's own time-out. */
async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}
