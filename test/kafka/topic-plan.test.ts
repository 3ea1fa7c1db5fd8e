/** Plans of topics over an admin in memory: what they find, and that applying them is never destructive. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { TopicDefinition, TopicDescription } from "../../src/kafka/index.ts";
import { applyTopics, createAdmin, planTopics } from "../../src/kafka/index.ts";

/** Topics by name with their number of partitions and replicas, on a cluster with so many brokers. */
class MemoryAdmin {
  readonly topics = new Map<string, { partitions: number; replication: number }>();
  readonly calls: string[] = [];
  readonly #brokers: number;

  constructor(brokers: number, topics: Readonly<Record<string, readonly [number, number]>> = {}) {
    this.#brokers = brokers;
    for (const [name, [partitions, replication]] of Object.entries(topics)) {
      this.topics.set(name, { partitions, replication });
    }
  }

  brokers() {
    const nodes = Array.from({ length: this.#brokers }, (_, i) => i + 1);
    return Promise.resolve(nodes.map((id) => ({ id, host: "h", port: 9092 })));
  }

  describeTopic(name: string): Promise<TopicDescription | undefined> {
    const found = this.topics.get(name);
    if (found === undefined) return Promise.resolve(undefined);
    const replicas = Array.from({ length: found.replication }, (_, i) => i + 1);
    const ids = Array.from({ length: found.partitions }, (_, i) => i);
    const partitions = ids.map((id) => ({ id, leader: 1, replicas, inSync: replicas }));
    return Promise.resolve({ name, partitions });
  }

  createTopic({ name, partitions = 1, replication = 1 }: TopicDefinition): Promise<boolean> {
    this.calls.push(`create ${name}`);
    if (this.topics.has(name)) return Promise.resolve(false);
    this.topics.set(name, { partitions, replication });
    return Promise.resolve(true);
  }

  addPartitions(name: string, total: number): Promise<void> {
    this.calls.push(`grow ${name} ${total}`);
    const found = this.topics.get(name);
    if (found === undefined || total <= found.partitions) throw new Error("not growing");
    this.topics.set(name, { ...found, partitions: total });
    return Promise.resolve();
  }
}

describe("a plan of topics", () => {
  test.each<[string, TopicDefinition, object]>([
    ["one that is missing", { name: "new" }, { action: "create", warnings: [] }],
    [
      "one that asks for more replicas than there are brokers",
      { name: "new", replication: 4 },
      {
        action: "create",
        warnings: ["topic new asks for 4 replicas, and the cluster has 3 brokers"],
      },
    ],
    ["one without wishes", { name: "orders" }, { action: "nothing", differences: [] }],
    ["one as it is", { name: "orders", partitions: 4, replication: 2 }, { action: "nothing" }],
    [
      "one with more partitions: it warns that keys move",
      { name: "orders", partitions: 6 },
      {
        action: "grow",
        partitions: { from: 4, to: 6 },
        warnings: [
          expect.stringMatching(/^topic orders grows from 4 to 6 partitions: most keys move/),
        ],
      },
    ],
    [
      "one with fewer partitions",
      { name: "orders", partitions: 2 },
      {
        action: "differs",
        differences: ["topic orders has 4 partitions, not 2: Kafka never removes partitions"],
      },
    ],
    [
      "one with another number of replicas, which still grows",
      { name: "orders", partitions: 5, replication: 3 },
      {
        action: "grow",
        differences: [
          "partitions 0, 1, 2, 3 of topic orders have 2 replicas, not 3: kafka-reassign-partitions.sh changes that",
        ],
      },
    ],
    [
      "configurations, which it can't read",
      { name: "orders", compact: true, config: { "retention.ms": 5 } },
      { action: "nothing", unchecked: ["cleanup.policy", "retention.ms"] },
    ],
  ])("finds %s", async (_, topic, expected) => {
    const admin = new MemoryAdmin(3, { orders: [4, 2] });
    const [change] = await planTopics(admin, [topic]);
    expect(change).toMatchObject(expected);
    expect(admin.calls).toEqual([]);
  });

  const definitions = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      partitions: fc.integer({ min: 1, max: 6 }),
      replication: fc.integer({ min: 1, max: 3 }),
    }),
    { selector: ({ name }) => name },
  );

  test.prop([definitions, definitions])(
    "once applied leaves nothing to do but what differs, and shrinks nothing",
    async (standing, wanted) => {
      const given = standing.map((t) => [t.name, [t.partitions, t.replication]] as const);
      const admin = new MemoryAdmin(3, Object.fromEntries(given));
      const before = new Map(admin.topics);
      await applyTopics(admin, await planTopics(admin, wanted));
      for (const [name, { partitions, replication }] of before) {
        expect(admin.topics.get(name)?.partitions).toBeGreaterThanOrEqual(partitions);
        expect(admin.topics.get(name)?.replication).toBe(replication);
      }
      const again = await planTopics(admin, wanted);
      expect(again.filter(({ action }) => action === "create" || action === "grow")).toEqual([]);
      const calls = admin.calls.length;
      expect(await applyTopics(admin, again)).toEqual([]);
      expect(admin.calls).toHaveLength(calls);
    },
  );

  test("tells only what was done: a topic that appeared since is not", async () => {
    const admin = new MemoryAdmin(1);
    const plan = await planTopics(admin, [{ name: "a" }, { name: "b" }]);
    admin.topics.set("a", { partitions: 9, replication: 1 });
    const done = await applyTopics(admin, plan);
    expect(done.map(({ topic }) => topic.name)).toEqual(["b"]);
    expect(admin.topics.get("a")?.partitions).toBe(9);
  });

  test.each([
    [() => planTopics(new MemoryAdmin(1), [{ name: "" }]), "topics[0].name"],
    [() => planTopics(new MemoryAdmin(1), [{ name: "a", partitions: 0 }]), "topics[0].partitions"],
    [() => applyTopics(new MemoryAdmin(1), [{ action: "delete" }] as never), "plan[0].action"],
    [() => createAdmin({ brokers: [] }), "brokers"],
  ])("refuses what can't work: %s", async (call, option) => {
    await expect(call()).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option },
    });
  });
});
