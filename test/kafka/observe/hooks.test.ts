import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { HookCaller } from "../../../src/kafka/contract/hooks.ts";

const client = { kind: "consumer", clientId: "c", group: "g" } as const;
const event = { partitions: [{ topic: "t", partition: 0 }], paused: true, why: "buffer" } as const;

test("every hook is told, with the client that it is about", () => {
  const seen: unknown[] = [];
  const hooks = new HookCaller(
    [{ onPause: (told) => seen.push(told) }, {}, { onPause: (told) => seen.push(told) }],
    client,
  );
  hooks.call("onPause", event);
  expect(seen).toEqual([
    { client, ...event },
    { client, ...event },
  ]);
});

test("a hook that throws keeps nobody from being told, and changes nothing", () => {
  let told = 0;
  const hooks = new HookCaller(
    [
      {
        onPause() {
          throw new Error("an observer's fault");
        },
      },
      {
        onPause() {
          told++;
        },
      },
    ],
    client,
  );
  hooks.call("onPause", event);
  expect(told).toBe(1);
});

test("a hook is called as a method of its object", () => {
  class Counter {
    pauses = 0;
    onPause(): void {
      this.pauses++;
    }
  }
  const counter = new Counter();
  new HookCaller([counter], client).call("onPause", event);
  expect(counter.pauses).toBe(1);
});

test("somebody listens when a hook or a subscriber of the channel does", () => {
  const hooks = new HookCaller([{ onPause: () => undefined }], client);
  expect([hooks.wants("onPause"), hooks.wants("onLag")]).toEqual([true, false]);
  const seen: unknown[] = [];
  const onMessage = (message: unknown): void => {
    seen.push(message);
  };
  subscribe("typewire.kafka.lag", onMessage);
  try {
    expect(hooks.wants("onLag")).toBe(true);
    hooks.call("onLag", { lags: [] });
    expect(seen).toEqual([{ client, lags: [] }]);
  } finally {
    unsubscribe("typewire.kafka.lag", onMessage);
  }
  expect(hooks.wants("onLag")).toBe(false);
});
