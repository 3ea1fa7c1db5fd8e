import { describe, expect, test } from "vitest";
import { mergeSettings, scopeSettings } from "../../src/rdkafka/settings.ts";

const connection = { brokers: ["a:1", "b:2"], clientId: "me" };

describe("settings", () => {
  test.each([
    ["acks", "topic"],
    ["auto.offset.reset", "topic"],
    ["compression.level", "topic"],
    ["delivery.timeout.ms", "topic"],
    ["message.timeout.ms", "topic"],
    ["request.timeout.ms", "topic"],
    ["compression.codec", "global"],
    ["linger.ms", "global"],
    ["enable.auto.commit", "global"],
    ["security.protocol", "global"],
  ] as const)("%s acts in the %s configuration", (name, scope) => {
    const scoped = scopeSettings({ [name]: "x" });
    expect(scoped[scope]).toEqual({ [name]: "x" });
    expect(scoped[scope === "topic" ? "global" : "topic"]).toEqual({});
  });

  test("of the caller win over defaults and lose against what the client relies on", () => {
    const merged = mergeSettings(
      { ...connection, librdkafka: { "linger.ms": 50 } },
      { "linger.ms": 5, acks: "all" },
      { "group.id": "g" },
    );
    expect(merged).toEqual({
      "linger.ms": 50,
      acks: "all",
      "bootstrap.servers": "a:1,b:2",
      "client.id": "me",
      "group.id": "g",
    });
  });

  test.each([
    ["rebalance_cb", {}],
    ["bootstrap.servers", {}],
    ["group.id", { "group.id": "g" }],
  ])("can't change %s", (name, fixed) => {
    expect(() => mergeSettings({ ...connection, librdkafka: { [name]: "x" } }, {}, fixed)).toThrow(
      expect.objectContaining({ code: "RDKAFKA_SETTING_REFUSED" }),
    );
  });
});
