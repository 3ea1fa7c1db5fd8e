import { expect, test } from "vitest";
import { HookCaller } from "../../../src/kafka/contract/hooks.ts";
import { kafkaLogs } from "../../../src/kafka/observe/index.ts";

const client = { kind: "consumer", clientId: "c", group: "g" } as const;

function logged(
  tell: (hooks: HookCaller) => void,
): [level: string, fields: object, text: string][] {
  const lines: [string, object, string][] = [];
  const at = (level: string) => (fields: object, text: string) => {
    lines.push([level, fields, text]);
  };
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  tell(new HookCaller([kafkaLogs(logger)], client));
  return lines;
}

const place = { topic: "orders", partition: 1, offset: 7, stage: "handler" } as const;
const error = Object.assign(new Error("no such\nuser"), { code: "APP_NO_USER" });

test.each([
  ["info", "consumer connected", (h: HookCaller) => h.call("onConnect", { brokers: ["a:1"] })],
  ["info", "consumer closed", (h: HookCaller) => h.call("onClose", { brokers: [] })],
  ["warn", "no such\\u000auser", (h: HookCaller) => h.call("onError", { error, fatal: false })],
  ["error", "no such\\u000auser", (h: HookCaller) => h.call("onError", { error, fatal: true })],
  [
    "error",
    "brokers does not answer: no such\\u000auser",
    (h: HookCaller) => h.call("onOutage", { what: "brokers", over: false, since: 0, error }),
  ],
  [
    "warn",
    "will be tried again: no such\\u000auser",
    (h: HookCaller) => h.call("onRetry", { ...place, attempt: 2, delayMs: 10.4, error }),
  ],
  [
    "error",
    "sent to orders.dlq: no such\\u000auser",
    (h: HookCaller) => h.call("onForward", { ...place, to: "orders.dlq", error }),
  ],
  [
    "warn",
    "commit failed: no such\\u000auser",
    (h: HookCaller) => h.call("onCommit", { offsets: [], durationMs: 1, error }),
  ],
  [
    "warn",
    "revoked partitions were not finished in time",
    (h: HookCaller) =>
      h.call("onRebalance", { kind: "revoke", partitions: [], drainMs: 9, timedOut: true }),
  ],
])("a %s line: %s", (level, text, tell) => {
  const lines = logged(tell);
  expect(lines.map(([at, , message]) => [at, message])).toEqual([[level, text]]);
  expect(lines[0]?.[1]).toMatchObject({ client: "consumer", client_id: "c", group: "g" });
});

test("what is over is said as well", () => {
  const lines = logged((h) => h.call("onOutage", { what: "registry", over: true, since: 0 }));
  expect(lines.map(([level, , text]) => [level, text])).toEqual([
    ["info", "registry answers again"],
  ]);
});

test("the place of a record is in the fields, and the kind of the error", () => {
  const [line] = logged((h) => h.call("onRetry", { ...place, attempt: 2, delayMs: 10.4, error }));
  expect(line?.[1]).toEqual({
    client: "consumer",
    client_id: "c",
    group: "g",
    topic: "orders",
    partition: 1,
    offset: 7,
    stage: "handler",
    attempt: 2,
    "error.type": "APP_NO_USER",
    delay_ms: 10,
  });
});

test("a record that was delivered makes no line", () => {
  const lines = logged((h) =>
    h.call("onDelivery", { topic: "t", partition: 0, offset: 1, durationMs: 1 }),
  );
  expect(lines).toEqual([]);
});
