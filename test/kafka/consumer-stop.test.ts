/** How the consumer shares the event loop, and how it stops: by counting, never by the clock. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { RecordReader } from "../../src/kafka/codec/record-reader.ts";
import type { LoopOptions } from "../../src/kafka/consumer/consumer-loop.ts";
import { ConsumerLoop } from "../../src/kafka/consumer/consumer-loop.ts";
import { GroupConsumer } from "../../src/kafka/consumer/group-consumer.ts";
import { messageWork } from "../../src/kafka/consumer/record-work.ts";
import type { Work } from "../../src/kafka/consumer/work.ts";
import type { KafkaHooks } from "../../src/kafka/contract/index.ts";
import { Deadline } from "../../src/kafka/contract/index.ts";
import { Breaker } from "../../src/kafka/failure/index.ts";
import { rdkafkaErrors } from "../../src/rdkafka/index.ts";
import { noKey, stringType, topic } from "../../src/schema/index.ts";
import { deferred } from "./contract.ts";
import type { FakeOptions } from "./fake-consumer.ts";
import { FakeConsumer, observerOf, randomOf, TOPIC } from "./fake-consumer.ts";
import { MemoryRegistry } from "./fixtures.ts";
import { partsOf } from "./work-parts.ts";

const keyed = topic({ name: TOPIC, key: stringType, value: stringType });
const keyless = topic({ name: TOPIC, key: noKey, value: stringType });
const LIMITS: LoopOptions = {
  ownCommits: true,
  order: "partition",
  from: "earliest",
  concurrency: 4,
  maxMessages: 1_000,
  maxBytes: 1_000_000,
  maxWaitingBytes: 1_000_000,
  waitMs: 1,
  drainTimeoutMs: 2_000,
  stopTimeoutMs: 2_000,
};

function fakeOf(overrides: Partial<FakeOptions> = {}): FakeConsumer {
  const fake = new FakeConsumer({
    random: () => 0.99,
    partitions: 1,
    records: 400,
    rebalances: 0,
    commitFailures: 0,
    onProgress: () => {},
    ...overrides,
  });
  fake.batchMax = 1_000;
  return fake;
}

function readersOf(descriptor: typeof keyed | typeof keyless = keyless) {
  return new Map([
    [TOPIC, new RecordReader(descriptor, new MemoryRegistry(), { patience: new Breaker() })],
  ]);
}

function loopOf(
  fake: FakeConsumer,
  work: Work,
  limits: Partial<LoopOptions> = {},
  ...hooks: readonly KafkaHooks[]
): ConsumerLoop {
  fake.subscribe();
  const options = { ...LIMITS, ...limits };
  return new ConsumerLoop(fake, readersOf(keyless), work, options, observerOf(...hooks));
}

/** Keeps the processor busy, as a handler that computes does. */
function compute(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt) Math.sqrt(endsAt);
}

function groupOf(fake: FakeConsumer, limits: Partial<LoopOptions> = {}): GroupConsumer {
  const options = { ...LIMITS, ...limits };
  return new GroupConsumer(fake, partsOf(readersOf()), options, {
    group: "g",
    brokers: ["b:1"],
    topics: [TOPIC],
  });
}

describe("the event loop", () => {
  test.each(["never waits", "awaits what is there"])(
    "has its turn while a handler that %s has hundreds of records",
    async (kind) => {
      const fake = fakeOf({ records: 300 });
      let handled = 0;
      let isOver = false;
      const gaps: number[] = [];
      const work = messageWork(partsOf(readersOf()), () => {
        handled++;
        compute(1);
        if (handled === 300) loop.stop();
        return kind === "never waits" ? undefined : Promise.resolve();
      });
      const loop: ConsumerLoop = loopOf(fake, work);
      const ticking = (async () => {
        let before = 0;
        while (!isOver) {
          await nextTurn();
          gaps.push(handled - before);
          before = handled;
        }
      })();
      await loop.run();
      isOver = true;
      await ticking;
      // A slice of 10 ms holds at most 11 handlers of 1 ms each.
      expect(handled).toBe(300);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(11);
    },
  );

  test("is shared by the partitions: none runs far ahead of the others", async () => {
    const fake = fakeOf({ partitions: 3, records: 200 });
    const handled = [0, 0, 0];
    let most = 0;
    let started = false;
    const work = messageWork(partsOf(readersOf()), ({ partition }) => {
      compute(0.5);
      handled[partition] = (handled[partition] as number) + 1;
      started ||= handled.every((count) => count > 0);
      if (started && Math.max(...handled) < 200) {
        most = Math.max(most, Math.max(...handled) - Math.min(...handled));
      }
      if (handled.every((count) => count === 200)) loop.stop();
    });
    const loop: ConsumerLoop = loopOf(fake, work);
    await loop.run();
    // A burst is 32 records at most.
    expect(most).toBeLessThanOrEqual(64);
  });
});

describe("after close()", () => {
  test("no record starts, and what is in hand is committed", async () => {
    const fake = fakeOf();
    const consumer = groupOf(fake);
    let handled = 0;
    let atClose = 0;
    const running = consumer.run(async () => {
      handled++;
      await nextTurn();
      if (handled < 3) return;
      atClose = handled;
      void consumer.close();
    });
    await running;
    expect([handled, atClose]).toEqual([3, 3]);
    expect(fake.committed_).toEqual([3]);
  });

  test("an idle consumer fetches at most once more", async () => {
    const fake = fakeOf({ records: 0 });
    const consumer = groupOf(fake);
    const running = consumer.run(() => {});
    await consumer.assigned;
    for (let turns = 0; turns < 5; turns++) await nextTurn();
    const before = fake.fetches;
    await consumer.close();
    await running;
    expect(fake.fetches - before).toBeLessThanOrEqual(1);
    expect(fake.longestWaitMs).toBeLessThanOrEqual(20);
  });

  test("run says that it is closed, and `assigned` does not resolve when nothing was", async () => {
    const consumer = groupOf(fakeOf());
    await consumer.close();
    await expect(consumer.run(() => {})).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
    await expect(consumer.assigned).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
    expect(() => consumer.pause([{ topic: TOPIC, partition: 0 }])).toThrow(
      expect.objectContaining({ code: "KAFKA_NOT_ASSIGNED" }) as Error,
    );
    await expect(consumer.close({ timeoutMs: -1 })).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
    });
  });

  test("every stage has the rest of one deadline", async () => {
    const fake = fakeOf({ records: 2 });
    const loop: ConsumerLoop = loopOf(
      fake,
      messageWork(partsOf(readersOf()), ({ offset }) => {
        if (offset === 0) return;
        loop.stop(Deadline.after(60_000));
        loop.stop(Deadline.after(40));
        return new Promise(() => {});
      }),
    );
    await expect(loop.run()).rejects.toMatchObject({
      code: "KAFKA_DRAIN_TIMEOUT",
      details: { timeoutMs: 40 },
    });
    expect(fake.committed_).toEqual([1]);
    expect(fake.closeTimeoutMs).toBeLessThanOrEqual(40);
  });

  test("a drain that is under way ends with the deadline, too", async () => {
    const fake = fakeOf({ records: 1 });
    const loop: ConsumerLoop = loopOf(
      fake,
      messageWork(partsOf(readersOf()), () => {
        fake.revoke(0);
        setTimeout(() => loop.stop(Deadline.after(30)), 20);
        return new Promise(() => {});
      }),
      { drainTimeoutMs: 600_000 },
    );
    await loop.run();
    expect(fake.closed).toBe(true);
    expect(fake.committed_).toEqual([0]);
  });
});

describe("order by key", () => {
  test.prop([fc.integer()], { numRuns: 25 })(
    "handles every record once or more, one of a key at a time and in order, under rebalances",
    async (seed) => {
      const random = randomOf(seed);
      const [partitions, records] = [2, 24];
      const keyOf = (partition: number, offset: number): string | null =>
        offset % 7 === 0 ? null : `${partition}-${offset % 3}`;
      const busy = new Set<string>();
      const faults: string[] = [];
      const handled = new Set<string>();
      const done = deferred();
      const fake = fakeOf({
        random,
        partitions,
        records,
        rebalances: 0.1,
        commitFailures: 0.2,
        keys: (partition, offset) => {
          const key = keyOf(partition, offset);
          return key === null ? null : Buffer.from(key);
        },
        onProgress: ({ partition, offset }) => {
          for (let below = 0; below < Math.min(offset, records); below++) {
            if (!handled.has(`${partition}/${below}`)) faults.push(`${offset} passes ${below}`);
          }
        },
      });
      fake.batchMax = 6;
      fake.reportsEnds = true;
      fake.markers = 2;
      const work = messageWork(partsOf(readersOf()), async ({ partition, offset }) => {
        const key = keyOf(partition, offset);
        if (key !== null) {
          if (busy.has(key)) faults.push(`two at once for ${key}`);
          busy.add(key);
        }
        for (let ticks = Math.floor(random() * 5); ticks > 0; ticks--) await nextTurn();
        if (key !== null) {
          busy.delete(key);
          for (let below = 0; below < offset; below++) {
            if (keyOf(partition, below) !== key || handled.has(`${partition}/${below}`)) continue;
            faults.push(`${key}: ${offset} before ${below}`);
          }
        }
        handled.add(`${partition}/${offset}`);
        if (handled.size === partitions * records) done.resolve();
      });
      const loop = loopOf(fake, work, { order: "key", concurrency: 5 });
      const running = loop.run();
      await Promise.race([done.promise, running]);
      while ([...loop.lanes.values()].some((lane) => lane.done < records + 2)) await nextTurn();
      loop.stop();
      await running;
      expect(faults).toEqual([]);
      expect(fake.committed_).toEqual([records + 2, records + 2]);
    },
  );

  test("a key that waits delays no other one", async () => {
    const fake = fakeOf({
      records: 9,
      keys: (_, offset) => Buffer.from(String(offset % 3)),
    });
    const gate = deferred();
    const seen: number[] = [];
    const work = messageWork(partsOf(readersOf()), async ({ offset }) => {
      if (offset === 0) await gate.promise;
      seen.push(offset);
      if (seen.length === 6) gate.resolve();
      if (seen.length === 9) loop.stop();
    });
    const loop: ConsumerLoop = loopOf(fake, work, { order: "key", concurrency: 3 });
    await loop.run();
    expect(seen).toEqual([1, 2, 4, 5, 7, 8, 0, 3, 6]);
    expect(fake.committed_).toEqual([9]);
  });
});

describe("the start of a group", () => {
  test('from "latest" is committed before `assigned` resolves, and not asked for again', async () => {
    const fake = fakeOf({ partitions: 2, records: 7 });
    const consumer = groupOf(fake, { from: "latest" });
    const seen: number[] = [];
    const running = consumer.run(({ offset }) => void seen.push(offset));
    await consumer.assigned;
    expect(fake.committed_).toEqual([7, 7]);
    await consumer.close();
    await running;
    expect(seen).toEqual([]);
  });

  test("by a time begins with the first record that is not older", async () => {
    const fake = fakeOf({ records: 7 });
    const seen: number[] = [];
    const work = messageWork(partsOf(readersOf()), ({ offset }) => {
      seen.push(offset);
      if (offset === 6) loop.stop();
    });
    const loop: ConsumerLoop = loopOf(fake, work, { from: { timestamp: 4 } });
    await loop.run();
    expect(seen).toEqual([4, 5, 6]);
  });
});

describe("hooks of a consumer", () => {
  test("are told of rebalances, ticks, commits, errors, an outage and its end, and the close", async () => {
    const fake = fakeOf({ records: 1 });
    const told: string[] = [];
    const over = deferred();
    const details = { action: "the connection", reason: "all down", kafkaCode: -187 };
    const error = rdkafkaErrors.create("RDKAFKA_UNAVAILABLE", details);
    const work = messageWork(partsOf(readersOf()), async () => {
      fake.report({
        kind: "commit",
        offsets: [{ topic: TOPIC, partition: 0, offset: 1 }],
        error: undefined,
      });
      fake.report({ kind: "error", error });
      await over.promise;
      loop.stop();
    });
    const loop: ConsumerLoop = loopOf(
      fake,
      work,
      {},
      {
        onRebalance: ({ kind }) => told.push(kind),
        onCommit: ({ offsets }) => told.push(`commit ${offsets[0]?.offset}`),
        onError: ({ fatal }) => told.push(`error ${fatal}`),
        onOutage: (event) => {
          told.push(`outage ${event.over}`);
          if (event.over) over.resolve();
        },
        onClose: () => told.push("close"),
        onTick: ({ inFlight }) => {
          if (inFlight === 1 && !told.includes("busy")) told.push("busy");
          throw new Error("a hook must not matter");
        },
      },
    );
    await loop.run();
    const expected = [
      "assign",
      "commit 1",
      "error false",
      "outage false",
      "busy",
      "outage true",
      "close",
    ];
    expect(told).toEqual(expected);
  });
});

describe("a partition", () => {
  const place = { topic: TOPIC, partition: 0 };

  test("that is paused starts nothing and is not fetched, until it is resumed", async () => {
    const fake = fakeOf({ partitions: 2, records: 30 });
    const consumer = groupOf(fake, { maxMessages: 5 });
    const seen = [0, 0];
    const running = consumer.run(async ({ partition }) => {
      seen[partition] = (seen[partition] as number) + 1;
      if (partition === 0 && seen[0] === 3) consumer.pause([place]);
      await nextTurn();
    });
    while ((seen[1] as number) < 30) await nextTurn();
    expect(seen).toEqual([3, 30]);
    consumer.resume();
    while ((seen[0] as number) < 30) await nextTurn();
    await consumer.close();
    await running;
    expect(fake.committed_).toEqual([30, 30]);
  });

  test("goes back by seek: the position is committed, and everything behind it comes again", async () => {
    const fake = fakeOf({ records: 20 });
    fake.reportsEnds = true;
    const consumer = groupOf(fake);
    const seen: number[] = [];
    const running = consumer.run(({ offset }) => void seen.push(offset));
    await consumer.assigned;
    while (seen.length < 20) await nextTurn();
    await consumer.seek(place, 15);
    const committed = fake.committed_[0];
    while (seen.length < 25) await nextTurn();
    await consumer.seek(place, "end");
    await consumer.commit();
    await consumer.close();
    await running;
    expect(committed).toBe(15);
    expect(seen.slice(20)).toEqual([15, 16, 17, 18, 19]);
    expect(fake.committed_).toEqual([20]);
    await expect(consumer.seek(place, 0)).rejects.toMatchObject({ code: "KAFKA_CLOSED" });
  });

  test("can't be sought when it is another member's", async () => {
    const consumer = groupOf(fakeOf());
    const running = consumer.run(() => {});
    await consumer.assigned;
    const seeking = consumer.seek({ topic: TOPIC, partition: 9 }, 0);
    await expect(seeking).rejects.toMatchObject({ code: "KAFKA_NOT_ASSIGNED" });
    await consumer.close();
    await running;
  });
});

describe("messages()", () => {
  test("gives up what nobody asked for when it is left, and commits only what is done", async () => {
    const fake = fakeOf({ partitions: 3, records: 5 });
    const consumer = groupOf(fake);
    let taken = 0;
    for await (const message of consumer.messages()) {
      taken++;
      if (taken === 4) break;
      message.done();
    }
    expect(taken).toBe(4);
    expect(fake.closed).toBe(true);
    expect(fake.committed_.reduce((sum, offset) => sum + offset, 0)).toBe(3);
  });

  test("rejects as the run does", async () => {
    const fake = fakeOf({ records: 2 });
    fake.values = () => Buffer.from([0xff]);
    const consumer = groupOf(fake);
    const reading = consumer.messages().next();
    await expect(reading).rejects.toMatchObject({ code: "KAFKA_UNDECODABLE_RECORD" });
  });
});
