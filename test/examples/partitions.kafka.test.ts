/** The scenario `examples/partitions/`, on one broker and on three. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { KafkaCluster } from "../brokers/cluster.mjs";
import { startKafka } from "../brokers/cluster.mjs";
import { describeKafka } from "../brokers/describe-kafka.ts";
import { whyNoKafka } from "../brokers/install.mjs";
import type { Terminals } from "./programs.ts";
import { openTerminals } from "./programs.ts";

const fresh = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

describeKafka("partitions", (brokers) => {
  let terminals: Terminals;
  beforeAll(async () => {
    terminals = await openTerminals(brokers);
  });
  afterEach(() => terminals.endAll());
  afterAll(() => terminals.close());

  test("records without a key are spread; with a partition all go there; a group shares or waits", async () => {
    const topic = fresh("two");
    await terminals.run("partitions/admin", topic, "2");
    const spread = await terminals.run("partitions/produce", topic, "2000");
    const counts = spread.map((line) => Number(/got (\d+) of 2000$/.exec(line)?.[1]));
    expect(counts).toHaveLength(2);
    expect(Math.min(...counts)).toBeGreaterThan(500);
    expect(await terminals.run("partitions/produce", topic, "100", "1")).toEqual([
      "partition 1 got 100 of 100",
    ]);

    const group = fresh("g");
    const first = terminals.start("partitions/consume", topic, group);
    const [, ofZero = 0, ofOne = 0] = [0, ...counts];
    await first.says(new RegExp(`read ${ofZero} from partition 0,`));
    await first.says(new RegExp(`read ${ofOne + 100} from partition 1,`));
    const second = terminals.start("partitions/consume", topic, group);
    await second.says(/^assigned: partitions [01]$/);
    await Promise.all([first.stop(), second.stop()]);
    expect(second.lines.filter((line) => line.includes(" read "))).toEqual([]);
  });

  test("of one partition, one of two consumers in a group reads, and two groups both read", async () => {
    const topic = fresh("one");
    await terminals.run("partitions/admin", topic, "1");
    await terminals.run("partitions/produce", topic, "10");
    const [group, other] = [fresh("g"), fresh("g")];
    const first = terminals.start("partitions/consume", topic, group);
    await first.says(/^assigned: partitions 0$/);
    const idle = terminals.start("partitions/consume", topic, group);
    await idle.says(/^assigned: none/);
    const elsewhere = terminals.start("partitions/consume", topic, other);
    await first.says(/read 10 from partition 0, .*number 9,/);
    await elsewhere.says(/read 10 from partition 0, .*number 9,/);
    await Promise.all([first.stop(), idle.stop(), elsewhere.stop()]);
    expect(idle.lines.filter((line) => line.includes(" read "))).toEqual([]);
  });
});

const missing = await whyNoKafka();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`three brokers${why}`, () => {
  let cluster: KafkaCluster;
  let terminals: Terminals;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3 });
    terminals = await openTerminals(cluster.brokers);
  });
  afterEach(() => terminals.endAll());
  afterAll(async () => {
    await terminals.close();
    await cluster.stop();
  });

  test.each([1, 2, 3])("with %i copies one broker leads and the others follow", async (copies) => {
    const topic = fresh("copies");
    await terminals.run("partitions/admin", topic, "2", String(copies));
    const described = await terminals.run("partitions/describe", topic);
    expect(described).toHaveLength(2);
    expect(await terminals.run("partitions/produce", topic, "5", "1")).toHaveLength(1);
    for (const line of described) {
      const [leader, ...followers] = brokersIn(line);
      expect(new Set([leader, ...followers]).size).toBe(copies);
      const inSync = / in sync: (.*)$/.exec(line)?.[1]?.split(", ").map(Number);
      expect(new Set(inSync)).toEqual(new Set([leader, ...followers]));
    }
  });

  test("a leader that stops and starts again: another one leads, and no acknowledged record is lost", async () => {
    const topic = fresh("moves");
    await terminals.run("partitions/admin", topic, "1", "3");
    await terminals.run("partitions/produce", topic, "100");
    const leader = await leaderOf(topic);
    const reader = terminals.start("partitions/consume", topic, fresh("g"));
    await reader.says(/read 100 from partition 0/);

    await cluster.stop(leader);
    // Its address is among those that the programs are given: they go to the others.
    await terminals.run("partitions/produce", topic, "100");
    const next = await leaderOf(topic);
    expect(next).not.toBe(leader);
    await reader.says(/read 200 from partition 0/);

    await cluster.start(leader);
    await terminals.run("partitions/produce", topic, "100");
    await reader.says(/read 300 from partition 0/);
    await reader.stop();
  });

  async function leaderOf(topic: string): Promise<number> {
    const [line = ""] = await terminals.run("partitions/describe", topic);
    return brokersIn(line)[0] ?? -1;
  }
});

/** Leader first. */
function brokersIn(line: string): number[] {
  const [, leader, followers = ""] = /led by broker (\d), (?:followed by (.*);)?/.exec(line) ?? [];
  return [leader, ...followers.split(", ")].filter(Boolean).map(Number);
}
