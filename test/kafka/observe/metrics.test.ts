import { Registry } from "prom-client";
import { beforeEach, expect, test } from "vitest";
import { HookCaller } from "../../../src/kafka/contract/hooks.ts";
import type { KafkaMetrics } from "../../../src/kafka/observe/index.ts";
import { kafkaMetrics } from "../../../src/kafka/observe/index.ts";

const client = { kind: "consumer", clientId: "c", group: "billing" } as const;
let metrics: KafkaMetrics;
let hooks: HookCaller;

beforeEach(async () => {
  metrics = await kafkaMetrics();
  hooks = new HookCaller([metrics], client);
});

async function lines(name: string): Promise<string[]> {
  const text = await metrics.text();
  return text.split("\n").filter((line) => line.startsWith(`typewire_kafka_${name}`));
}

test("records are counted by how they ended", async () => {
  const record = { topic: "orders", partition: 1, offset: 5, timestamp: -1, attempt: 1, count: 1 };
  hooks.call("onHandled", { ...record, outcome: "ok", durationMs: 20 });
  hooks.call("onHandled", { ...record, outcome: "ok", durationMs: 20, count: 3 });
  hooks.call("onHandled", { ...record, outcome: "dead-lettered", durationMs: 20 });
  expect(await lines("records_processed_total{")).toEqual([
    'typewire_kafka_records_processed_total{group="billing",topic="orders",outcome="ok"} 4',
    'typewire_kafka_records_processed_total{group="billing",topic="orders",outcome="dead-lettered"} 1',
  ]);
  expect(await lines('handler_duration_seconds_bucket{le="0.025"')).toEqual([
    'typewire_kafka_handler_duration_seconds_bucket{le="0.025",group="billing",topic="orders"} 3',
  ]);
});

test("the age of a record is unknown when its time is", async () => {
  const record = { topic: "orders", partition: 1, offset: 5, attempt: 1, count: 1, durationMs: 1 };
  hooks.call("onHandled", { ...record, outcome: "ok", timestamp: -1 });
  expect(await lines("record_age_seconds_count")).toEqual([]);
  hooks.call("onHandled", { ...record, outcome: "ok", timestamp: Date.now() });
  expect(await lines("record_age_seconds_count")).toHaveLength(1);
});

test("a partition that is taken away has no lag any more", async () => {
  const lags = [0, 1].map((partition) => ({ topic: "orders", partition, lag: 7 + partition }));
  hooks.call("onLag", { lags });
  expect(await lines("consumer_lag_records")).toHaveLength(2);
  const partitions = [{ topic: "orders", partition: 0 }];
  hooks.call("onRebalance", { kind: "revoke", partitions, drainMs: 12, timedOut: true });
  expect(await lines("consumer_lag_records")).toEqual([
    'typewire_kafka_consumer_lag_records{group="billing",topic="orders",partition="1"} 8',
  ]);
  expect(await lines("drain_timeouts_total{")).toHaveLength(1);
});

test("pauses are told apart by their reason, and end", async () => {
  const partitions = [{ topic: "orders", partition: 0 }];
  hooks.call("onPause", { partitions, paused: true, why: "retry" });
  hooks.call("onPause", { partitions, paused: true, why: "buffer" });
  hooks.call("onPause", { partitions, paused: false, why: "retry" });
  expect(await lines("paused_partitions")).toEqual([
    'typewire_kafka_paused_partitions{group="billing",why="retry"} 0',
    'typewire_kafka_paused_partitions{group="billing",why="buffer"} 1',
  ]);
});

test("the kinds of errors are labels, their texts are not", async () => {
  const error = Object.assign(new Error("order 4711 of Tom"), { code: "KAFKA_HANDLER_FAILED" });
  hooks.call("onForward", {
    topic: "orders",
    partition: 0,
    offset: 1,
    to: "orders.dlq",
    stage: "handler",
    error,
  });
  hooks.call("onCommit", { offsets: [], durationMs: 1, error: new RangeError("no") });
  hooks.call("onError", { error: "just a text", fatal: true });
  const text = await metrics.text();
  expect(text).toContain('stage="handler",error="KAFKA_HANDLER_FAILED"} 1');
  expect(text).toContain('commit_failures_total{group="billing",error="RangeError"} 1');
  expect(text).toContain('error="_OTHER",fatal="true"} 1');
  expect(text).not.toContain("Tom");
});

test("every event of every hook moves a metric", async () => {
  const events: [Parameters<HookCaller["call"]>[0], Record<string, unknown>, string][] = [
    ["onConnect", { brokers: [] }, "connected_clients"],
    ["onOutage", { what: "registry", over: false, since: 0 }, "outage"],
    ["onRetry", { topic: "t", stage: "handler" }, "retries_total"],
    ["onCommit", { offsets: [{ topic: "t", partition: 0, offset: 9 }] }, "committed_offset"],
    ["onDelivery", { topic: "t", durationMs: 3, error: new Error("x") }, "produce_errors_total"],
    ["onTick", { buffered: 1, bufferedBytes: 2, inFlight: 3, assigned: 4 }, "buffered_bytes"],
  ];
  for (const [name, event, metric] of events) {
    const before = await lines(`${metric}{`);
    hooks.call(name, event as never);
    expect(await lines(`${metric}{`), name).not.toEqual(before);
  }
});

test("metrics go where the application's own are, under its own prefix", async () => {
  const register = new Registry();
  const own = await kafkaMetrics({ register, prefix: "shop_" });
  own.onClose?.({ client, brokers: [] });
  expect(await register.metrics()).toContain('shop_connected_clients{client="consumer"} -1');
  expect(await own.text()).toBe(await register.metrics());
});
