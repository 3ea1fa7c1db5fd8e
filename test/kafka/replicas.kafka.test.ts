/** Replicas on three brokers: who leads, who follows, and what a broker that stops takes with it. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Admin, TopicDescription } from "../../src/kafka/index.ts";
import { checkClients, createAdmin, createProducer } from "../../src/kafka/index.ts";
import { renamed } from "../../src/schema/index.ts";
import type { KafkaCluster } from "../brokers/cluster.mjs";
import { startKafka } from "../brokers/cluster.mjs";
import { whyNoKafka } from "../brokers/install.mjs";
import { readUntil } from "./contract.ts";
import { audit, fullRegistry } from "./fixtures.ts";

const missing = await whyNoKafka();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const IDS = [1, 2, 3];

describe.skipIf(missing !== undefined)(`three brokers${why}`, () => {
  let cluster: KafkaCluster;
  let admin: Admin;
  const registry = fullRegistry();
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3, settings: { "default.replication.factor": "2" } });
    admin = await createAdmin({ brokers: cluster.brokers });
  });
  afterAll(async () => {
    await admin.close();
    await cluster.stop();
  });

  async function partitionsOf(topic: string): Promise<TopicDescription["partitions"]> {
    return (await admin.describeTopic(topic))?.partitions ?? [];
  }

  test("the cluster tells its three brokers", async () => {
    const found = await admin.brokers();
    expect(found.map(({ id }) => id)).toEqual(IDS);
    expect(found.map(({ host, port }) => `${host}:${port}`)).toEqual(cluster.brokers);
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [undefined, 2],
  ])(
    "replication %s: %i brokers hold each partition, and each broker leads one",
    async (given, copies) => {
      const name = `copies-${given ?? "of-broker"}`;
      await admin.createTopic({
        name,
        partitions: 3,
        ...(given !== undefined && { replication: given }),
      });
      await expect
        .poll(async () => (await partitionsOf(name)).map(({ inSync }) => inSync.length))
        .toEqual([copies, copies, copies]);
      const partitions = await partitionsOf(name);
      expect(new Set(partitions.map(({ leader }) => leader))).toEqual(new Set(IDS));
      for (const { leader, replicas, inSync } of partitions) {
        expect(new Set(replicas).size).toBe(copies);
        expect(replicas).toContain(leader);
        expect(new Set(inSync)).toEqual(new Set(replicas));
      }
    },
  );

  test("a broker stops and starts again: leaders move, no acknowledged record is lost", async () => {
    const log = renamed(audit, "survivors" as "audit");
    await admin.createTopic({ name: log.name, partitions: 3, replication: 3 });
    await admin.createTopic({ name: "alone", partitions: 3, replication: 1 });
    const producer = await createProducer({ brokers: cluster.brokers, registry });
    const acknowledged: string[] = [];
    let isSending = true;
    const sending = (async () => {
      for (let i = 0; isSending; i++) {
        await producer.send(log, { value: `r${i}`, partition: i % 3 });
        acknowledged.push(`r${i}`);
        await sleep(2);
      }
    })();
    const more = async (): Promise<void> => {
      const before = acknowledged.length;
      await expect
        .poll(() => acknowledged.length, { timeout: 30_000 })
        .toBeGreaterThan(before + 30);
    };
    await more();
    const led = (await partitionsOf(log.name)).filter(({ leader }) => leader === 2);
    expect(led).toHaveLength(1);

    await cluster.stop(2);
    expect(cluster.pidOf(2)).toBeUndefined();
    expect(cluster.pids).toHaveLength(2);
    await expect
      .poll(async () =>
        (await partitionsOf(log.name)).map(({ leader, inSync }) => [
          leader > 0 && leader !== 2,
          inSync.length,
        ]),
      )
      .toEqual([
        [true, 2],
        [true, 2],
        [true, 2],
      ]);
    await more();
    await seesWhatIsAlone();

    await cluster.start(2);
    await expect
      .poll(async () => (await partitionsOf(log.name)).map(({ inSync }) => inSync.length), {
        timeout: 30_000,
      })
      .toEqual([3, 3, 3]);
    await more();
    isSending = false;
    await sending;
    await producer.close();
    const read = await readUntil(
      { brokers: cluster.brokers, registry, group: "reader", topics: [log] },
      acknowledged.length,
    );
    const values = new Set(read.map(({ value }) => value));
    expect(acknowledged.filter((value) => !values.has(value))).toEqual([]);
  });

  /** The only copy of one partition is on the broker that is stopped. */
  async function seesWhatIsAlone(): Promise<void> {
    const lost = (await partitionsOf("alone")).filter(({ leader }) => leader === -1);
    expect(lost).toMatchObject([{ replicas: [2] }]);
    const [{ id } = { id: -1 }] = lost;
    const ends = await admin.watermarks("alone");
    expect(ends[id]).toEqual({ topic: "alone", partition: id });
    expect(ends.filter(({ next }) => next === 0)).toHaveLength(2);
    await expect(admin.resetOffsets("g", ["alone"], "start")).rejects.toMatchObject({
      code: "KAFKA_OFFSETS_UNKNOWN",
      details: { partitions: `alone/${id}` },
    });
    const check = checkClients({ brokers: cluster.brokers, forwardsTo: ["alone"] });
    await expect(check).rejects.toMatchObject({
      code: "KAFKA_START_CHECK_FAILED",
      details: {
        problems: [`partition ${id} of topic alone has no leader; start a broker that holds it: 2`],
      },
    });
  }

  test("what can't be done to a broker is refused, and the cluster goes on", async () => {
    await expect(cluster.start(1)).rejects.toThrow("broker 1 runs already");
    await expect(cluster.stop(9)).rejects.toThrow("there is no broker 9");
    expect(cluster.pids).toHaveLength(3);
  });
});
