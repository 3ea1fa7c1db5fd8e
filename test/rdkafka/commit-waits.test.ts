import { describe, expect, test } from "vitest";
import { CommitWaits } from "../../src/rdkafka/commit-waits.ts";

const at = (partition: number, offset: number) => ({ topic: "t", partition, offset });

describe("an answer to a commit", () => {
  test("belongs to the oldest call whose offsets it names, not to the client's own commits", () => {
    const waits = new CommitWaits();
    const first = waits.wait([at(0, 5), at(1, 6)]);
    const second = waits.wait([at(0, 5), at(1, 6)]);
    waits.settle(undefined, [at(0, 4), at(1, 6)]);
    waits.settle(undefined, [at(0, 5)]);
    expect([first.done, second.done]).toEqual([false, false]);
    waits.settle(undefined, [at(0, 5), at(1, 6), at(2, 1)]);
    expect([first.done, second.done]).toEqual([true, false]);
    const failure = new Error("illegal generation");
    waits.settle(failure, [at(0, 5), at(1, 6)]);
    expect([second.done, second.error]).toEqual([true, failure]);
  });

  test("that has an error in the place of an offset is a failure", () => {
    const waits = new CommitWaits();
    const wait = waits.wait([at(0, 5), at(1, 6)]);
    const unknown = new Error("Broker: Unknown member");
    waits.settle(undefined, [at(0, 5), unknown]);
    expect(wait.error).toMatchObject({ details: { kafkaCode: 25 } });
  });

  test("is not awaited any more once its call gave up", () => {
    const waits = new CommitWaits();
    const wait = waits.wait([at(0, 5)]);
    waits.forget(wait);
    waits.settle(undefined, [at(0, 5)]);
    expect(wait.done).toBe(false);
  });
});
