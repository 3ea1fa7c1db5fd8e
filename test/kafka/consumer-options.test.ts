/** What a consumer accepts as options, and what it refuses. */
import { describe, expect, test } from "vitest";
import { checkOptions } from "../../src/kafka/consumer/options.ts";
import { checkTarget } from "../../src/kafka/consumer/seek.ts";
import { noKey, stringType, topic, topicPattern } from "../../src/schema/index.ts";

const words = topic({ name: "words", key: noKey, value: stringType });
const plain = { key: noKey, value: stringType };
const GOOD = {
  brokers: ["127.0.0.1:1"],
  registry: "http://127.0.0.1:1",
  group: "g",
  topics: [words],
  from: "earliest",
} as const;

describe("the options of a consumer", () => {
  test.each([
    ["two descriptors of one topic", { topics: [words, words] }, "topics words is not valid"],
    ["no topic", { topics: [] }, "topics"],
    ["topics left out", { topics: undefined }, "topics"],
    ["an unknown start", { from: "newest" }, "from newest is not valid"],
    ["no start", { from: undefined }, "from"],
    ["a start that is no time", { from: { timestamp: Number.NaN } }, "from"],
    ["a start at no date", { from: { timestamp: new Date("?") } }, "from"],
    ["an unknown order", { order: "random" }, "order random is not valid"],
    ["an unknown protocol", { protocol: "next" }, "protocol next is not valid"],
    ["a member without a name", { instanceId: "" }, "instanceId"],
    ["no concurrency", { concurrency: 0 }, "concurrency 0 is not valid"],
    ["half a batch", { batchSize: 0.5 }, "batchSize 0.5 is not valid"],
    ["no room at all", { maxBufferedBytes: 0 }, "maxBufferedBytes 0 is not valid"],
    ["a time that never comes", { stopTimeoutMs: Infinity }, "stopTimeoutMs Infinity"],
    ["a pattern with flags", { topics: [topicPattern({ ...plain, pattern: /^a/i })] }, "topics"],
    ["a pattern for the middle", { topics: [topicPattern({ ...plain, pattern: /a/ })] }, "topics"],
  ])("%s is refused", (_, wrong, message) => {
    expect(() => checkOptions({ ...GOOD, ...wrong } as never)).toThrow(
      expect.objectContaining({
        code: "KAFKA_OPTION_INVALID",
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });

  test("have their documented defaults", () => {
    const { loop, maxQueuedBytes } = checkOptions(GOOD);
    expect(loop).toMatchObject({
      order: "partition",
      concurrency: 8,
      maxMessages: 1_000,
      drainTimeoutMs: 10_000,
      stopTimeoutMs: 25_000,
    });
    // What waits here, the client's queue, and two fetches are the whole.
    const all = loop.maxWaitingBytes + maxQueuedBytes + 2 * loop.maxBytes;
    expect(all).toBe(64 * 1024 * 1024);
  });

  test.each([-1, 1.5, Number.NaN, "middle", { timestamp: -1 }, null])(
    "seek refuses to go to %j",
    (to) => {
      expect(() => checkTarget(to as never)).toThrow(
        expect.objectContaining({ code: "KAFKA_OPTION_INVALID" }) as Error,
      );
    },
  );
});
