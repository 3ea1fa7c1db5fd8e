import { setImmediate } from "node:timers/promises";
import { fc, test } from "@fast-check/vitest";

import { describe, expect } from "vitest";
import { RecordReader } from "../../src/kafka/codec/record-reader.ts";
import type { LoopOptions } from "../../src/kafka/consumer/consumer-loop.ts";
import { ConsumerLoop } from "../../src/kafka/consumer/consumer-loop.ts";
import { batchWork, messageWork } from "../../src/kafka/consumer/record-work.ts";
import type { Work } from "../../src/kafka/consumer/work.ts";
import type { KafkaHooks } from "../../src/kafka/contract/index.ts";
import { Breaker } from "../../src/kafka/failure/index.ts";
import { rdkafkaErrors } from "../../src/rdkafka/index.ts";
import { noKey, stringType, topic } from "../../src/schema/index.ts";
import { deferred } from "./contract.ts";
import type { FakeOptions } from "./fake-consumer.ts";
import { FakeConsumer, observerOf, randomOf, TOPIC } from "./fake-consumer.ts";
import { MemoryRegistry } from "./fixtures.ts";
import { partsOf } from "./work-parts.ts";

const numbers = topic({ name: TOPIC, key: noKey, value: stringType });
const LIMITS: LoopOptions = {
  ownCommits: true,
  order: "partition",
  from: "earliest",
  maxWaitingBytes: 1_000_000,
  concurrency: 3,
  maxMessages: 10,
  maxBytes: 1_000_000,
  waitMs: 1,
  drainTimeoutMs: 2_000,
  stopTimeoutMs: 2_000,
};

function readers(): Map<string, RecordReader> {
  return new Map([
    [TOPIC, new RecordReader(numbers, new MemoryRegistry(), { patience: new Breaker() })],
  ]);
}

function quiet(overrides: Partial<FakeOptions> = {}): FakeConsumer {
  const defaults: FakeOptions = {
    random: randomOf(1),
    partitions: 2,
    records: 5,
    rebalances: 0,
    commitFailures: 0,
    onProgress: () => {},
  };
  return new FakeConsumer({ ...defaults, ...overrides });
}

function loopOf(
  fake: FakeConsumer,
  work: Work,
  limits = LIMITS,
  hooks: readonly KafkaHooks[] = [],
): ConsumerLoop {
  fake.subscribe();
  return new ConsumerLoop(fake, readers(), work, limits, observerOf(...hooks));
}

/** Keeps the books: what is handled, and that nothing unfinished is ever reported as done. */
class Model {
  readonly handled: Set<number>[];
  readonly #busy = new Set<number>();
  constructor(partitions: number) {
    this.handled = Array.from({ length: partitions }, () => new Set<number>());
  }

  get count(): number {
    return this.handled.reduce((sum, { size }) => sum + size, 0);
  }

  start(partition: number): void {
    if (this.#busy.has(partition)) throw new Error(`two handlers at once in ${partition}`);
    this.#busy.add(partition);
  }

  end(partition: number, offset: number): void {
    this.#busy.delete(partition);
    this.handled[partition]?.add(offset);
  }

  check(partition: number, next: number): void {
    for (let offset = 0; offset < next; offset++) {
      if (!this.handled[partition]?.has(offset)) {
        throw new Error(`${partition}: ${next} is reported, ${offset} is not handled`);
      }
    }
  }
}

describe("the owner loop, under random rebalances, failing commits and slow handlers", () => {
  test.prop([fc.integer(), fc.boolean()], { numRuns: 60 })(
    "handles every record, one at a time a partition, and never commits past an unfinished one",
    async (seed, inBatches) => {
      const random = randomOf(seed);
      const [partitions, records] = [3, 12];
      const model = new Model(partitions);
      const done = deferred();
      const broken: unknown[] = [];
      const fake = new FakeConsumer({
        random,
        partitions,
        records,
        rebalances: 0.2,
        commitFailures: 0.3,
        onProgress: ({ partition, offset }) => {
          try {
            model.check(partition, offset);
          } catch (error) {
            broken.push(error);
          }
        },
      });
      const handle = async (partition: number, offsets: readonly number[]): Promise<void> => {
        model.start(partition);
        for (let ticks = Math.floor(random() * 4); ticks > 0; ticks--) await setImmediate();
        for (const offset of offsets) model.end(partition, offset);
        if (model.count === partitions * records) done.resolve();
      };
      const work = inBatches
        ? batchWork(partsOf(readers()), ({ partition, messages }) =>
            handle(
              partition,
              messages.map(({ offset }) => offset),
            ),
          )
        : messageWork(partsOf(readers()), ({ partition, offset }) => handle(partition, [offset]));
      const loop = loopOf(fake, work);
      const running = loop.run();
      await Promise.race([done.promise, running]);
      loop.stop();
      await running;
      expect(broken).toEqual([]);
      expect(model.count).toBe(partitions * records);
      for (const [partition, offset] of fake.committed_.entries()) model.check(partition, offset);
      expect(fake.closed).toBe(true);
    },
  );
});

describe("the owner loop", () => {
  test("commits exactly what is handled when it stops", async () => {
    const fake = quiet();
    let handled = 0;
    const loop: ConsumerLoop = loopOf(
      fake,
      messageWork(partsOf(readers()), () => {
        handled++;
        if (handled === 10) loop.stop();
      }),
    );
    await loop.run();
    expect(fake.committed_).toEqual([5, 5]);
  });

  test("retries the last commit while the group is not steady", async () => {
    const fake = quiet();
    fake.failCommits = 2;
    let handled = 0;
    const loop: ConsumerLoop = loopOf(
      fake,
      messageWork(partsOf(readers()), () => {
        handled++;
        if (handled === 10) loop.stop();
      }),
    );
    await loop.run();
    expect(fake.failCommits).toBe(-1);
    expect(fake.committed_).toEqual([5, 5]);
  });

  test("stops at a failing handler; other partitions finish what is in hand, nothing is skipped", async () => {
    const fake = quiet();
    const loop = loopOf(
      fake,
      messageWork(partsOf(readers()), async ({ partition, offset }) => {
        if (partition === 0 && offset === 2) throw new Error("broken");
        await setImmediate();
      }),
    );
    await expect(loop.run()).rejects.toMatchObject({
      code: "KAFKA_HANDLER_FAILED",
      details: { topic: TOPIC, partition: 0, offset: 2, schemaId: "none", reason: "broken" },
    });
    expect(fake.committed_[0]).toBe(2);
    expect(fake.closed).toBe(true);
  });

  test("gives a batch handler what is readable before a record that is not, and stops there", async () => {
    const fake = quiet({ partitions: 1, random: () => 0.99 });
    fake.batchMax = 50;
    fake.values = (_, offset) => (offset === 3 ? Buffer.from([0xff]) : Buffer.from("x"));
    const seen: number[] = [];
    const loop = loopOf(
      fake,
      batchWork(partsOf(readers()), ({ messages }) => {
        seen.push(...messages.map(({ offset }) => offset));
      }),
    );
    await expect(loop.run()).rejects.toMatchObject({
      code: "KAFKA_UNDECODABLE_RECORD",
      details: { offset: 3, part: "value" },
    });
    expect(seen).toEqual([0, 1, 2]);
    expect(fake.committed_).toEqual([3]);
  });

  test("rejects when the client can't go on, and still closes it", async () => {
    const fake = quiet();
    const details = { action: "fetching", reason: "fenced", kafkaCode: -150 };
    fake.failNext = rdkafkaErrors.create("RDKAFKA_FATAL", details);
    const loop = loopOf(
      fake,
      messageWork(partsOf(readers()), () => {}),
    );
    await expect(loop.run()).rejects.toBe(fake.failNext);
    expect(fake.closed).toBe(true);
  });

  test("drains only the partitions that are taken away, and tells late handlers to give up", async () => {
    const fake = quiet({ records: 1 });
    const hung = deferred();
    const aborted: number[] = [];
    const other = deferred();
    const loop: ConsumerLoop = loopOf(
      fake,
      messageWork(partsOf(readers()), async ({ partition }, { signal }) => {
        if (partition === 0 && aborted.length === 0) {
          signal.addEventListener("abort", () => {
            aborted.push(partition);
            hung.resolve();
          });
          fake.revoke(0);
          await hung.promise;
          throw new Error("gave up");
        }
        if (partition === 0) other.resolve();
      }),
      { ...LIMITS, drainTimeoutMs: 20 },
    );
    const running = loop.run();
    // The partition comes back, and its record comes again: it was not committed.
    await Promise.race([other.promise, running]);
    loop.stop();
    await running;
    expect(aborted).toEqual([0]);
    expect(fake.committed_).toEqual([1, 1]);
  });

  test("names the partitions whose handlers outlive the stop, and does not commit for them", async () => {
    const fake = quiet({ partitions: 1, records: 1 });
    const loop: ConsumerLoop = loopOf(
      fake,
      messageWork(partsOf(readers()), () => {
        loop.stop();
        return new Promise(() => {});
      }),
      { ...LIMITS, stopTimeoutMs: 30 },
    );
    await expect(loop.run()).rejects.toMatchObject({
      code: "KAFKA_DRAIN_TIMEOUT",
      details: { partitions: `${TOPIC}/0` },
    });
    expect(fake.committed_).toEqual([0]);
  });

  test("pauses a partition whose handler does not keep up, and loses nothing by it", async () => {
    const fake = quiet({ partitions: 1, records: 60, random: () => 0.99 });
    fake.batchMax = 50;
    const seen: number[] = [];
    const slow = deferred();
    const loop: ConsumerLoop = loopOf(
      fake,
      messageWork(partsOf(readers()), async ({ offset }) => {
        if (offset === 0) await slow.promise;
        seen.push(offset);
        if (offset === 59) loop.stop();
      }),
    );
    const running = loop.run();
    while (fake.pauses === 0) await setImmediate();
    slow.resolve();
    await running;
    expect(seen).toEqual(Array.from({ length: 60 }, (_, offset) => offset));
    expect(fake.committed_).toEqual([60]);
  });
});
