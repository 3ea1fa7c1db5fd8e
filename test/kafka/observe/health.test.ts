import { beforeEach, describe, expect, test } from "vitest";
import { HookCaller } from "../../../src/kafka/contract/hooks.ts";
import type { KafkaHealth } from "../../../src/kafka/observe/index.ts";
import { kafkaHealth } from "../../../src/kafka/observe/index.ts";
import type { FakeClock } from "./fake-clock.ts";
import { fakeClock } from "./fake-clock.ts";

const consumer = { kind: "consumer", clientId: "c", group: "g" } as const;
const producer = { kind: "producer", clientId: "p" } as const;
const partitions = [{ topic: "t", partition: 0 }];
const record = { topic: "t", partition: 0, offset: 1, timestamp: -1, attempt: 1, count: 1 };
const MINUTE = 60_000;

let clock: FakeClock;
let health: KafkaHealth;
let hooks: HookCaller;

beforeEach(() => {
  clock = fakeClock();
  health = kafkaHealth({ clock });
  hooks = new HookCaller([health], consumer);
});

function tick(
  more: Partial<{ buffered: number; inFlight: number; oldestHandlerMs: number }> = {},
): void {
  hooks.call("onTick", { buffered: 0, bufferedBytes: 0, inFlight: 0, assigned: 1, ...more });
}

function started(): void {
  hooks.call("onConnect", { brokers: [] });
  hooks.call("onRebalance", { kind: "assign", partitions });
  tick();
}

/** Lets time pass with a loop that goes on. */
function pass(ms: number, more?: Parameters<typeof tick>[0]): void {
  for (let left = ms; left > 0; left -= 10_000) {
    clock.advance(Math.min(left, 10_000));
    tick(more);
  }
}

const kinds = (): string[] => health.check().problems.map(({ kind }) => kind);

test("without clients everything is well", () => {
  expect(health.check()).toEqual({ live: true, ready: true, problems: [] });
});

describe("a consumer", () => {
  test("is ready from its first assignment on, also through a rebalance", () => {
    hooks.call("onConnect", { brokers: [] });
    expect([health.check().live, health.check().ready, kinds()]).toEqual([
      true,
      false,
      ["unassigned"],
    ]);
    hooks.call("onRebalance", { kind: "assign", partitions });
    expect(health.check().ready).toBe(true);
    hooks.call("onRebalance", { kind: "revoke", partitions });
    expect(health.check().ready).toBe(true);
  });

  test("idle for hours is well", () => {
    started();
    pass(180 * MINUTE);
    expect(kinds()).toEqual([]);
  });

  test("whose loop stands still is not live", () => {
    started();
    clock.advance(61_000);
    expect([health.check().live, kinds()]).toEqual([false, ["loop"]]);
  });

  test("with a handler that hangs is not live, one that is slow is", () => {
    started();
    pass(MINUTE, { inFlight: 1, oldestHandlerMs: 299_000 });
    expect(kinds()).toEqual([]);
    tick({ inFlight: 1, oldestHandlerMs: 301_000 });
    expect([health.check().live, kinds()]).toEqual([false, ["handler"]]);
  });

  test("that gets no assignment back is not live", () => {
    started();
    hooks.call("onRebalance", { kind: "revoke", partitions });
    pass(11 * MINUTE);
    expect([health.check().live, kinds()]).toEqual([false, ["join"]]);
  });

  test("with records waiting and none done is not live: the silent stall", () => {
    started();
    hooks.call("onLag", { lags: [{ ...record, lag: 100 }] });
    pass(MINUTE);
    expect(kinds()).toEqual([]);
    pass(2 * MINUTE);
    expect([health.check().live, kinds()]).toEqual([false, ["stall"]]);
    hooks.call("onHandled", { ...record, outcome: "ok", durationMs: 1 });
    expect(kinds()).toEqual([]);
  });

  test("failing at every record makes no progress", () => {
    started();
    hooks.call("onLag", { lags: [{ ...record, lag: 100 }] });
    pass(3 * MINUTE);
    hooks.call("onHandled", { ...record, outcome: "failed", durationMs: 1 });
    expect(kinds()).toEqual(["stall"]);
  });

  test.each(["retry", "outage", "user"] as const)("held back by %s does not stall", (why) => {
    started();
    hooks.call("onLag", { lags: [{ ...record, lag: 100 }] });
    hooks.call("onPause", { partitions, paused: true, why });
    pass(10 * MINUTE);
    expect(kinds()).toEqual([]);
    hooks.call("onPause", { partitions, paused: false, why });
    pass(MINUTE);
    expect(kinds()).toEqual([]);
    pass(2 * MINUTE);
    expect(kinds()).toEqual(["stall"]);
  });

  test("that ended by a failure is not live until it is closed", () => {
    started();
    hooks.call("onError", { error: new Error("x"), fatal: true });
    expect([health.check().live, kinds()]).toEqual([false, ["fatal"]]);
    hooks.call("onClose", { brokers: [] });
    expect(health.check().live).toBe(true);
  });
});

test("an outage makes not ready, but a restart would not help", () => {
  started();
  const sender = new HookCaller([health], producer);
  sender.call("onConnect", { brokers: [] });
  sender.call("onOutage", { what: "brokers", over: false, since: 0 });
  hooks.call("onOutage", { what: "registry", over: false, since: 0 });
  hooks.call("onLag", { lags: [{ ...record, lag: 100 }] });
  pass(30 * MINUTE);
  expect([health.check().live, health.check().ready, kinds()]).toEqual([
    true,
    false,
    ["outage", "outage"],
  ]);
  sender.call("onOutage", { what: "brokers", over: true, since: 0 });
  hooks.call("onOutage", { what: "registry", over: true, since: 0 });
  hooks.call("onHandled", { ...record, outcome: "ok", durationMs: 1 });
  expect(health.check().ready).toBe(true);
});

test.each([Number.NaN, -1, "60s"])("refuses %s as a limit", (loopMs) => {
  expect(() => kafkaHealth({ loopMs: loopMs as number })).toThrow(
    expect.objectContaining({ code: "KAFKA_OPTION_INVALID" }),
  );
});
