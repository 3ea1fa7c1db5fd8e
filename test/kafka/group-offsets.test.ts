/** Lag and resets over a binding in memory: what no quiet cluster shows. */
import { describe, expect, test } from "vitest";
import { lagOfGroup, offsetsOfTopics, resetGroup } from "../../src/kafka/admin/groups.ts";
import type { AdminBinding, GroupBinding } from "../../src/rdkafka/index.ts";
import { OFFSET_TIMES, rdkafkaErrors } from "../../src/rdkafka/index.ts";

/** One topic of three partitions, of which the middle one has no leader. */
function memoryBinding(commitCode?: number, moving = 0) {
  const calls: string[] = [];
  let failing = moving;
  const group: GroupBinding = {
    committed(partitions) {
      calls.push("committed");
      if (failing-- > 0) {
        const details = { action: "asking", reason: "Not coordinator", kafkaCode: 16 };
        return Promise.reject(rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", details));
      }
      return Promise.resolve(partitions.map(({ partition }) => (partition === 2 ? undefined : 4)));
    },
    offsetsAt(partitions, timestamp) {
      calls.push(`${timestamp} of ${partitions.map(({ partition }) => partition).join()}`);
      return Promise.resolve(partitions.map(() => (timestamp === OFFSET_TIMES.first ? 1 : 9)));
    },
    commit(offsets) {
      calls.push(`commit ${offsets.map(({ offset }) => offset).join()}`);
      if (commitCode === undefined) return Promise.resolve();
      const details = { action: "the commit", reason: "no", kafkaCode: commitCode };
      return Promise.reject(rdkafkaErrors.create("RDKAFKA_REQUEST_FAILED", details));
    },
    close() {
      calls.push("close");
      return Promise.resolve();
    },
  };
  const partitions = (leaders: readonly number[]) =>
    leaders.map((leader, id) => ({ id, leader, replicas: [1, 2], inSync: [leader] }));
  const topics = { broken: partitions([1, -1, 2]), whole: partitions([1]) };
  const binding = {
    topic: (name: "broken" | "whole") => Promise.resolve({ name, partitions: topics[name] }),
    group: () => Promise.resolve(group),
  } as unknown as AdminBinding;
  return { binding, calls };
}

describe("the offsets of a group", () => {
  test("committed offsets are read before the ends, and the client is closed", async () => {
    const { binding, calls } = memoryBinding();
    const lags = await lagOfGroup(binding, "g", ["broken"]);
    expect(calls).toEqual(["committed", "-2 of 0,2", "-1 of 0,2", "close"]);
    expect(lags).toEqual([
      { topic: "broken", partition: 0, first: 1, next: 9, committed: 4, lag: 5 },
      { topic: "broken", partition: 1, committed: 4 },
      { topic: "broken", partition: 2, first: 1, next: 9 },
    ]);
  });

  test("a coordinator that is moving is asked again", async () => {
    const { binding, calls } = memoryBinding(undefined, 3);
    expect(await lagOfGroup(binding, "g", ["whole"])).toMatchObject([{ lag: 5 }]);
    expect(calls.filter((call) => call === "committed")).toHaveLength(4);
  });

  test("a partition without a leader has no watermarks, the others do", async () => {
    const { binding } = memoryBinding();
    expect(await offsetsOfTopics(binding, ["broken", "broken"])).toEqual([
      { topic: "broken", partition: 0, first: 1, next: 9 },
      { topic: "broken", partition: 1 },
      { topic: "broken", partition: 2, first: 1, next: 9 },
    ]);
  });

  test("a reset of a partition without a leader moves nothing", async () => {
    const { binding, calls } = memoryBinding();
    await expect(resetGroup(binding, "g", ["whole", "broken"], "end", false)).rejects.toMatchObject(
      {
        code: "KAFKA_OFFSETS_UNKNOWN",
        details: { partitions: "broken/1" },
      },
    );
    expect(calls).toEqual([]);
  });

  // ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID,
  // FENCED_MEMBER_EPOCH, STALE_MEMBER_EPOCH
  test.each([22, 25, 27, 82, 110, 113])(
    "code %i means that the group has members",
    async (code) => {
      const { binding, calls } = memoryBinding(code);
      await expect(resetGroup(binding, "g", ["whole"], "start", false)).rejects.toMatchObject({
        code: "KAFKA_GROUP_ACTIVE",
        retriable: true,
      });
      expect(calls.slice(-2)).toEqual(["commit 1", "close"]);
    },
  );

  test("another failure of the commit stays what it is", async () => {
    const { binding, calls } = memoryBinding(30);
    await expect(resetGroup(binding, "g", ["whole"], "start", false)).rejects.toMatchObject({
      code: "RDKAFKA_REQUEST_FAILED",
      details: { kafkaCode: 30 },
    });
    expect(calls.at(-1)).toBe("close");
  });

  test("a dry run asks and commits nothing", async () => {
    const { binding, calls } = memoryBinding();
    const plan = await resetGroup(binding, "g", ["whole"], { timestamp: 77 }, true);
    expect(plan).toEqual([{ topic: "whole", partition: 0, from: 4, to: 9, bounded: false }]);
    expect(calls).toEqual(["committed", "77 of 0", "-2 of 0", "-1 of 0", "close"]);
  });
});
