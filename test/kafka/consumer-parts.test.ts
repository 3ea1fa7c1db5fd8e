/** The pure parts of the consumer against naive models. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { BufferLimits, LaneLoad } from "../../src/kafka/consumer/balance.ts";
import { balance } from "../../src/kafka/consumer/balance.ts";
import { Fifo } from "../../src/kafka/consumer/fifo.ts";
import { HandlerMark } from "../../src/kafka/consumer/inside-handler.ts";
import { lagOf } from "../../src/kafka/consumer/lag.ts";
import type { Task } from "../../src/kafka/consumer/lane.ts";
import { Lane, SharedBatch } from "../../src/kafka/consumer/lane.ts";
import { startsOfLatest } from "../../src/kafka/consumer/starts.ts";
import type { Order } from "../../src/kafka/consumer/task-queue.ts";
import { createTaskQueue } from "../../src/kafka/consumer/task-queue.ts";
import { NOTHING_DONE, Tracker } from "../../src/kafka/consumer/tracker.ts";
import { batchOf, TOPIC } from "./fake-consumer.ts";

describe("the tracker of finished offsets", () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 40 })), { maxLength: 120 });
  test.prop([steps, fc.nat({ max: 50 })])(
    "never passes an unfinished record, whatever the order and the gaps",
    (script, first) => {
      const tracker = new Tracker();
      const open: number[] = [];
      let last = first - 1;
      let received = NOTHING_DONE;
      for (const [action, number] of script) {
        if (action === 0 && open.length > 0) {
          const [offset] = open.splice(number % open.length, 1);
          tracker.finish(offset as number);
        } else if (action === 1) {
          // An end: what lies before it and was not received is no record.
          last += 1 + (number % 3);
          tracker.reached(last + 1);
          received = last;
        } else {
          last += 1 + (number % 3);
          expect(tracker.add(last)).toBe(true);
          expect(tracker.add(last)).toBe(false);
          open.push(last);
          received = last;
        }
        if (open.length > 0) expect(tracker.next).toBeLessThanOrEqual(Math.min(...open));
        else if (received !== NOTHING_DONE) expect(tracker.next).toBe(received + 1);
      }
      for (const offset of open.sort(() => -1)) tracker.finish(offset);
      if (received !== NOTHING_DONE) expect(tracker.next).toBe(received + 1);
    },
  );

  test("stays small when it runs for long behind a window of open records", () => {
    const tracker = new Tracker();
    for (let offset = 0; offset < 50_000; offset++) {
      tracker.add(offset);
      if (offset >= 100) tracker.finish(offset - 100);
    }
    expect(tracker.next).toBe(49_900);
    expect(tracker.entries).toBeLessThan(5_000);
  });
});

describe("a queue", () => {
  test("stays small while something always waits in it", () => {
    const queue = new Fifo<number>();
    for (let n = 0; n < 50_000; n++) {
      queue.push(n);
      if (n >= 100) expect(queue.shift()).toBe(n - 100);
    }
    expect(queue.length).toBe(100);
    expect(queue.entries).toBeLessThan(5_000);
    queue.unshift([-2, -1]);
    expect([queue.shift(), queue.shift(), queue.peek()]).toEqual([-2, -1, 49_900]);
  });
});

interface Item {
  readonly key: string | undefined;
  readonly nr: number;
}

describe("the queue of tasks", () => {
  const keys = fc.array(fc.option(fc.constantFrom("a", "b", "c", ""), { nil: undefined }), {
    maxLength: 40,
  });
  test.prop([
    fc.constantFrom<Order>("partition", "key", "none"),
    keys,
    fc.infiniteStream(fc.nat()),
  ])(
    "gives every task once, and never two that must stay in order at once",
    (order, given, choices) => {
      const queue = createTaskQueue<Item>(order);
      const underWay: Item[] = [];
      const started: number[] = [];
      const ended: Item[] = [];
      const items = given.map((key, nr) => ({ key, nr }));
      const clash = (a: Item, b: Item): boolean =>
        order === "partition" || (order === "key" && a.key !== undefined && a.key === b.key);
      let pushed = 0;
      const choose = (): number => choices.next().value as number;
      while (ended.length < items.length) {
        const action = choose() % 3;
        if (action === 0 && pushed < items.length) queue.push(items[pushed++] as Item);
        else if (action === 1) {
          const canTake = queue.canTake;
          const item = queue.take();
          expect(item !== undefined).toBe(canTake);
          if (item === undefined) continue;
          expect(underWay.some((other) => clash(other, item))).toBe(false);
          expect(ended.some((other) => clash(other, item) && other.nr > item.nr)).toBe(false);
          started.push(item.nr);
          underWay.push(item);
        } else if (underWay.length > 0) {
          const [item] = underWay.splice(choose() % underWay.length, 1);
          queue.ended(item as Item);
          ended.push(item as Item);
        }
      }
      expect(started.toSorted((a, b) => a - b)).toEqual(items.map(({ nr }) => nr));
      expect(queue.clear()).toEqual([]);
    },
  );

  test("gives back what waits when it is cleared, and nothing of it later", () => {
    const queue = createTaskQueue<Item>("key");
    const items = ["a", "a", undefined, "b"].map((key, nr) => ({ key, nr }));
    for (const item of items) queue.push(item);
    const first = queue.take() as Item;
    expect(queue.clear().map(({ nr }) => nr)).toEqual([2, 3, 1]);
    queue.ended(first);
    expect(queue.take()).toBeUndefined();
  });
});

describe("what is fetched", () => {
  const load: fc.Arbitrary<LaneLoad> = fc.record({
    pending: fc.nat({ max: 30 }),
    bytes: fc.nat({ max: 1_000 }),
    isHeld: fc.boolean(),
    pausedFor: fc.constantFrom("buffer" as const, "user" as const, undefined),
  });
  const limits: BufferLimits = { maxRecords: 20, maxBytes: 2_000 };
  test.prop([fc.array(load, { maxLength: 8 })])(
    "is bounded in bytes, and an empty partition is always fetched",
    (given) => {
      const lanes = given.map((lane) => (lane.pending === 0 ? { ...lane, bytes: 0 } : lane));
      const reasons = balance(lanes, limits);
      const total = lanes.reduce((sum, { bytes }) => sum + bytes, 0);
      const fetched = lanes.filter((_, i) => reasons[i] === undefined);
      for (const [i, { isHeld, pending }] of lanes.entries()) {
        if (isHeld) expect(reasons[i]).toBe("user");
        else if (pending === 0) expect(reasons[i]).toBeUndefined();
        else if (pending > limits.maxRecords) expect(reasons[i]).toBe("buffer");
      }
      if (total > limits.maxBytes) {
        const held = fetched.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(held).toBeLessThanOrEqual(limits.maxBytes);
      }
    },
  );

  test.prop([
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 900 }),
    fc.infiniteStream(fc.nat()),
    fc.boolean(),
  ])(
    "never lets more wait than the limit and one fetch, whatever handlers do",
    (partitions, size, choices, inTurn) => {
      const lanes = Array.from({ length: partitions }, () => ({
        pending: 0,
        bytes: 0,
        isHeld: false,
        pausedFor: undefined as LaneLoad["pausedFor"],
      }));
      const [most, least] = [300, 75];
      for (let turn = 0; turn < 200; turn++) {
        let fetched = 0;
        const held = lanes.reduce((sum, { bytes }) => sum + bytes, 0);
        const fetchBytes = held < limits.maxBytes ? most : least;
        while (fetched === 0 || fetched + size <= fetchBytes) {
          // One after another fills each of them as far as it goes, which is the worst case.
          const open = lanes.findIndex(({ pausedFor }) => pausedFor === undefined);
          const lane = lanes[inTurn ? open : (choices.next().value as number) % partitions];
          if (lane === undefined || lane.pausedFor !== undefined) break;
          lane.pending++;
          lane.bytes += size;
          fetched += size;
        }
        const slow = inTurn ? undefined : lanes[(choices.next().value as number) % partitions];
        if (slow !== undefined && slow.pending > 0) {
          slow.pending--;
          slow.bytes -= size;
        }
        for (const [i, reason] of balance(lanes, limits).entries()) {
          (lanes[i] as { pausedFor: LaneLoad["pausedFor"] }).pausedFor = reason;
        }
        const total = lanes.reduce((sum, { bytes }) => sum + bytes, 0);
        // The fetch that passes the limit, and then a small one, or one record, for each partition.
        const beyond = Math.max(most, size) + partitions * Math.max(least, size);
        const allowed = limits.maxBytes * 1.25 + beyond;
        expect(total).toBeLessThanOrEqual(allowed);
      }
    },
  );
});

describe("a lane", () => {
  const records = (count: number) =>
    new SharedBatch(
      batchOf(
        Array.from({ length: count }, (_, offset) => ({ partition: 0, offset })),
        () => Buffer.from("12345"),
      ),
    );

  test("that is closed takes nothing in, and so does not count the end of its partition", () => {
    const lane = new Lane(TOPIC, 0, "partition", { waiting: () => {} });
    const shared = records(2);
    lane.add(shared, 0);
    const task = lane.take();
    lane.close();
    lane.add(shared, 1);
    lane.reached(2);
    lane.ended(task as Task, "done");
    expect([lane.done, lane.pending, lane.bytes, lane.canTake]).toEqual([1, 0, 0, false]);
  });

  test("counts bytes from arrival to the end, drops each record once, and gives batches back", () => {
    const lane = new Lane(TOPIC, 0, "none", { waiting: () => {} });
    const shared = records(3);
    shared.use();
    for (let i = 0; i < 3; i++) lane.add(shared, i);
    shared.done();
    expect([lane.bytes, lane.pending]).toEqual([15, 3]);
    const [first, second] = [lane.take() as Task, lane.take() as Task];
    lane.ended(second, "done");
    expect([lane.done, lane.bytes]).toEqual([NOTHING_DONE, 10]);
    lane.ended(first, "done");
    expect(lane.done).toBe(2);
    lane.close();
    const { dropped, released } = shared.batch as ReturnType<typeof batchOf>;
    expect([dropped, released, lane.bytes]).toEqual([[1, 0, 2], 1, 0]);
  });
});

describe('the start of a group from "latest"', () => {
  const at = (partition: number, offset: number, topic = "t") => ({ topic, partition, offset });
  test.each([
    [
      "a new group begins everywhere at the end, and says so for all partitions",
      [0, 1],
      [at(0, -1), at(1, -1), at(2, -1)],
      ["0 end", "1 end", "2 end"],
    ],
    ["what is committed is never decided again", [0, 1], [at(0, 5), at(1, 0)], []],
    [
      "a partition that came later begins at its beginning",
      [0, 2],
      [at(0, 5), at(1, 7), at(2, -1)],
      ["2 beginning"],
    ],
    [
      "one that came later and belongs to another member is left to it",
      [0],
      [at(0, 5), at(1, -1)],
      [],
    ],
    ["topics are apart", [0], [at(0, -1), at(0, 9, "u")], ["0 end"]],
  ] as const)("%s", (_, assigned, everything, expected) => {
    const mine = assigned.map((partition) => ({ topic: "t", partition }));
    const starts = startsOfLatest(mine, everything);
    expect(starts.map(({ partition, at }) => `${partition} ${at}`)).toEqual(expected);
  });
});

describe("a call from within a handler", () => {
  test("is recognised behind awaits, and not from elsewhere or by another consumer", async () => {
    const [mine, other] = [new HandlerMark(), new HandlerMark()];
    const seen: boolean[] = [];
    const look = async (): Promise<void> => {
      await Promise.resolve();
      seen.push(mine.isOnStack(), other.isOnStack());
    };
    const handler = async (): Promise<void> => {
      await Promise.all([look()]);
    };
    await mine.wait(
      handler(),
      () => {},
      () => {},
    );
    seen.push(mine.isOnStack());
    expect(seen).toEqual([true, false, false]);
  });
});

describe("lag", () => {
  test("counts from what is done, else from the commit, else from the first record", async () => {
    const lane = (partition: number, done: number) => ({ topic: "t", partition, done }) as never;
    const binding = {
      watermarks: () => Promise.resolve({ low: 3, high: 10 }),
      committed: (asked: readonly { partition: number }[]) =>
        Promise.resolve(
          asked.map(({ partition }) => ({
            topic: "t",
            partition,
            offset: partition === 1 ? 8 : -1,
          })),
        ),
    };
    const lags = await lagOf(binding, [lane(0, 10), lane(1, NOTHING_DONE), lane(2, NOTHING_DONE)]);
    expect(lags.map(({ lag }) => lag)).toEqual([0, 2, 7]);
  });
});
