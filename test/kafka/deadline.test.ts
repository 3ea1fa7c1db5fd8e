import { describe, expect, test } from "vitest";
import { Deadline, TOO_LATE } from "../../src/kafka/contract/deadline.ts";
import { fakeClock } from "./observe/fake-clock.ts";

describe("a deadline", () => {
  test("leaves what is left, and never less than nothing", () => {
    const clock = fakeClock();
    const deadline = Deadline.after(100, clock);
    expect([deadline.leftMs, deadline.passed]).toEqual([100, false]);
    clock.advance(60);
    expect([deadline.leftMs, deadline.passed]).toEqual([40, false]);
    clock.advance(60);
    expect([deadline.leftMs, deadline.passed, deadline.totalMs]).toEqual([0, true, 100]);
  });

  test("stages share it: the second one has what the first one left", async () => {
    const clock = fakeClock();
    const deadline = Deadline.after(100, clock);
    const first = deadline.race(
      new Promise<string>((resolve) => clock.after(70, () => resolve("a"))),
    );
    clock.advance(70);
    expect(await first).toBe("a");
    const second = deadline.race(new Promise<string>(() => undefined));
    clock.advance(30);
    expect(await second).toBe(TOO_LATE);
  });

  test("a race leaves no timer, whoever wins", async () => {
    const clock = fakeClock();
    const deadline = Deadline.after(100, clock);
    expect(await deadline.race(Promise.resolve(1))).toBe(1);
    await expect(deadline.race(Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(clock.waiting).toBe(0);
  });

  test("what fails after the end is dropped, not unhandled", async () => {
    const clock = fakeClock();
    const deadline = Deadline.after(10, clock);
    let fail = (_error: Error): void => undefined;
    const raced = deadline.race(
      new Promise((_, reject) => {
        fail = reject;
      }),
    );
    clock.advance(10);
    expect(await raced).toBe(TOO_LATE);
    fail(new Error("late"));
    await Promise.resolve();
  });
});
