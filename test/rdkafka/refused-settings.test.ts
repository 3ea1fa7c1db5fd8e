/** Settings of librdkafka that the typed clients do not take, tried from outside one by one. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { createAdmin, createConsumer, createProducer } from "../../src/kafka/index.ts";
import type { ClientKind } from "../../src/rdkafka/refused-settings.ts";
import {
  CONSUMERS_ONLY,
  PRODUCERS_ONLY,
  REFUSALS,
  refuseSettings,
} from "../../src/rdkafka/refused-settings.ts";
import type { KafkaSettings } from "../../src/rdkafka/settings.ts";

// Nobody listens there: what is refused is refused before anything connects.
const nowhere = { brokers: ["127.0.0.1:1"], registry: "http://127.0.0.1:1" };
const words = { name: "words", key: { kind: "none" }, value: { kind: "string" }, compact: false };

function create(kind: ClientKind, librdkafka: KafkaSettings, more: object = {}): Promise<unknown> {
  if (kind === "producer") return createProducer({ ...nowhere, librdkafka, ...more });
  if (kind === "admin") return createAdmin({ brokers: nowhere.brokers, librdkafka, ...more });
  const group = { group: "g", topics: [words as never], from: "earliest" } as const;
  return createConsumer({ ...nowhere, ...group, librdkafka, ...more });
}

/** Of values that users write, one that breaks the promise. */
const VALUES = ["none", true, 6, 0, "lifo"] as const;

const refusals = REFUSALS.flatMap((row) =>
  row.kinds.flatMap((kind) => row.names.map((name) => ({ ...row, kind, name }))),
);

describe("what would break a promise", () => {
  test.each(refusals)("a $kind refuses $name", async ({ kind, name, promise, instead, breaks }) => {
    const value = VALUES.find((one) => breaks?.(String(one)) ?? true);
    await expect(create(kind, { [name]: value as string })).rejects.toMatchObject({
      code: "RDKAFKA_SETTING_REFUSED",
      message: expect.stringContaining(promise) as unknown,
      hint: expect.stringContaining(instead) as unknown,
      retriable: false,
      details: { client: kind, name },
    });
  });

  test.each([
    ["producer", { "max.in.flight": 5 }],
    ["producer", { "queuing.strategy": "fifo" }],
    ["producer", { "enable.gapless.guarantee": false }],
    ["consumer", { "max.in.flight": 100 }],
    ["consumer", { "allow.auto.create.topics": false }],
    ["producer", { "allow.auto.create.topics": true }],
    ["consumer", { "auto.commit.interval.ms": 100 }],
    ["consumer", { "log.queue": false }],
    ["producer", { "security.protocol": "ssl", "sasl.password": "x", "socket.timeout.ms": 5_000 }],
    ["admin", undefined],
  ] as const)("a %s takes %j", (kind, settings) => {
    expect(() => refuseSettings(kind, settings as KafkaSettings)).not.toThrow();
  });

  test("the values of no refused setting are in its error", async () => {
    const error = await create("producer", { acks: "hunter2" }).catch(String);
    expect(error).not.toContain("hunter2");
  });
});

describe("what acts in another kind of client", () => {
  const wrong = [
    ...[...PRODUCERS_ONLY].flatMap((name) => [
      { kind: "consumer", name, other: "producer" } as const,
      { kind: "admin", name, other: "producer" } as const,
    ]),
    ...[...CONSUMERS_ONLY].flatMap((name) => [
      { kind: "producer", name, other: "consumer" } as const,
      { kind: "admin", name, other: "consumer" } as const,
    ]),
  ];
  test.each(wrong)("a $kind refuses $name, a $other's", async ({ kind, name, other }) => {
    await expect(create(kind, { [name]: 1 })).rejects.toMatchObject({
      code: "RDKAFKA_SETTING_REFUSED",
      message: expect.stringContaining(`it acts in a ${other} only`) as unknown,
      details: { client: kind, name },
    });
  });

  test("the two lists are those of the installed librdkafka", () => {
    const path = createRequire(import.meta.url).resolve("node-rdkafka/config.d.ts");
    const source = readFileSync(path, "utf8");
    const namesOf = (...interfaces: readonly string[]): string[] =>
      interfaces
        .flatMap((name) => {
          const body = source.split(`export interface ${name} `)[1]?.split("\n}")[0] ?? "";
          return [...body.matchAll(/^ {4}"([^"]+)"\??:/gm)].map((match) => match[1] as string);
        })
        // Every client can have one, though the list has it in one kind.
        .filter((name) => name !== "opaque" && name !== "client.rack")
        .sort();
    const producers = namesOf("ProducerGlobalConfig", "ProducerTopicConfig");
    const consumers = namesOf("ConsumerGlobalConfig", "ConsumerTopicConfig");
    expect(producers.length).toBeGreaterThan(20);
    expect([...PRODUCERS_ONLY].sort()).toEqual([...new Set(producers)]);
    expect([...CONSUMERS_ONLY].sort()).toEqual([...new Set(consumers)]);
  });
});

describe("drainTimeoutMs", () => {
  test.each([
    [{}, { drainTimeoutMs: 300_000 }],
    [{ "max.poll.interval.ms": 10_000 }, {}],
    [{ "max.poll.interval.ms": 60_000 }, { drainTimeoutMs: 60_000 }],
  ])("with %j, %j is refused: the group would not wait for the drain", async (settings, more) => {
    await expect(create("consumer", settings, more)).rejects.toMatchObject({
      code: "KAFKA_OPTION_INVALID",
      details: { option: "drainTimeoutMs" },
    });
  });
});
