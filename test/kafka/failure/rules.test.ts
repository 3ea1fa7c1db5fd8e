import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Failure, FailureRules, FailureStage } from "../../../src/kafka/contract/index.ts";
import { RecordHeaders } from "../../../src/kafka/contract/index.ts";
import { checkRules, decide } from "../../../src/kafka/failure/index.ts";
import { retryTopicName } from "../../../src/kafka/failure/retry-topics.ts";

const failure = (stage: FailureStage, attempt = 1, error: unknown = new Error("no")): Failure => ({
  topic: "orders",
  source: "orders",
  partition: 2,
  offset: 7,
  timestamp: 5,
  key: null,
  value: Buffer.from("v"),
  headers: new RecordHeaders([]),
  keySchemaId: undefined,
  schemaId: 1,
  stage,
  error,
  attempt,
  firstFailedAt: 1,
  lastFailedAt: 2,
});

/** What is done at each attempt, until the record is done or the consumer stops. */
function course(rules: FailureRules, stage: FailureStage, tier = 0): string[] {
  const told: string[] = [];
  for (let attempt = 1; ; attempt++) {
    const decision = decide(rules, failure(stage, attempt), tier);
    told.push("to" in decision ? `to ${decision.to}` : decision.kind);
    if (decision.kind !== "retry") return told;
  }
}

describe("without rules", () => {
  test.each(["key", "value", "schema", "handler", "forward"] as const)("%s stops", (stage) => {
    expect(course({}, stage)).toEqual(["stop"]);
  });
});

describe("steps are used up in order", () => {
  const retry = (attempts: number) => ({ retry: { attempts } });
  test.each<[string, FailureRules, string[]]>([
    ["skip", { handler: "skip" }, ["skip"]],
    ["retries, then stop", { handler: retry(2) }, ["retry", "retry", "stop"]],
    [
      "retries, then a dead letter",
      { handler: [retry(1), { forward: "dlq" }] },
      ["retry", "to dlq"],
    ],
    [
      "slower retries after quick ones",
      { handler: [retry(1), retry(2), { forward: "dlq" }] },
      ["retry", "retry", "retry", "to dlq"],
    ],
    [
      "a function",
      { handler: ({ attempt }) => (attempt < 3 ? retry(9) : "skip") },
      ["retry", "retry", "skip"],
    ],
    ["nothing left", { handler: [] }, ["stop"]],
  ])("%s", (_, rules, expected) => {
    expect(course(rules, "handler")).toEqual(expected);
  });

  test("retry topics come one after the other, over the record's hops", () => {
    const rules: FailureRules = { handler: [{ retryTopics: [10, 20] }, { forward: "dlq" }] };
    expect(decide(rules, failure("handler"), 0)).toEqual({
      kind: "retry-topic",
      delayMs: 10,
      tier: 1,
    });
    expect(decide(rules, failure("handler"), 1)).toEqual({
      kind: "retry-topic",
      delayMs: 20,
      tier: 2,
    });
    expect(decide(rules, failure("handler"), 2)).toEqual({ kind: "forward", to: "dlq" });
  });
});

describe("a stage has its own answer, or poison's", () => {
  const rules: FailureRules = { poison: { forward: "bad" }, schema: "skip" };
  test.each<[FailureStage, string]>([
    ["key", "to bad"],
    ["value", "to bad"],
    ["schema", "skip"],
    ["handler", "stop"],
    ["forward", "stop"],
  ])("%s: %s", (stage, expected) => {
    expect(course(rules, stage)).toEqual([expected]);
  });
});

test("pauses grow from attempt to attempt", () => {
  const rules: FailureRules = { handler: { retry: { attempts: 3, firstDelayMs: 5 } } };
  expect([1, 2, 3].map((attempt) => decide(rules, failure("handler", attempt), 0))).toMatchObject([
    { failures: 1 },
    { failures: 2 },
    { failures: 3 },
  ]);
});

propertyTest.prop({
  attempts: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
  delays: fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 }),
})("every record ends, after exactly the attempts that were allowed", ({ attempts, delays }) => {
  const rules: FailureRules = {
    handler: [...attempts.map((n) => ({ retry: { attempts: n } })), { retryTopics: delays }],
  };
  const total = attempts.reduce((sum, n) => sum + n, 0);
  for (let tier = 0; tier < delays.length; tier++) {
    expect(course(rules, "handler", tier)).toEqual([
      ...Array.from({ length: total }, () => "retry"),
      "retry-topic",
    ]);
  }
  expect(course(rules, "handler", delays.length).at(-1)).toBe("stop");
});

describe("rules are checked before anything is read", () => {
  test.each<[string, unknown, string]>([
    ["an unknown stage", { handlers: "stop" }, "handlers"],
    ["an unknown word", { handler: "ignore" }, "ignore"],
    ["nothing", { handler: [null] }, "failures.handler[0]"],
    ["two answers in one", { handler: { retry: { attempts: 1 }, forward: "x" } }, "give one of"],
    ["no attempts", { poison: { retry: { attempts: 0 } } }, "failures.poison[0].retry.attempts"],
    ["half an attempt", { poison: { retry: { attempts: 1.5 } } }, "attempts"],
    [
      "a first pause over the longest",
      { key: { retry: { attempts: 1, firstDelayMs: 9, maxDelayMs: 5 } } },
      "firstDelayMs",
    ],
    ["a pause of a year", { key: { retry: { attempts: 1, maxDelayMs: 4e10 } } }, "maxDelayMs"],
    ["no topic", { value: { forward: "" } }, "failures.value[0].forward"],
    ["the topic that is read", { value: { forward: "orders" } }, "this consumer reads that topic"],
    ["no delays", { handler: { retryTopics: [] } }, "retryTopics"],
    ["a delay twice", { handler: { retryTopics: [5, 5] } }, "retryTopics"],
  ])("%s is refused with KAFKA_OPTION_INVALID", (_, rules, words) => {
    const check = () => checkRules(rules as FailureRules, ["orders"]);
    expect(check).toThrow(expect.objectContaining({ code: "KAFKA_OPTION_INVALID" }));
    expect(check).toThrow(words);
  });

  test.each<[string, (failure: Failure) => unknown]>([
    ["no step", () => "perhaps"],
    ["the topic of the record", () => ({ forward: () => "orders" })],
    ["no name", () => ({ forward: () => undefined })],
  ])("a function that gives %s is refused when it does", (_, give) => {
    const rules = { handler: give } as FailureRules;
    expect(() => decide(rules, failure("handler"), 0)).toThrow(
      expect.objectContaining({ code: "KAFKA_OPTION_INVALID" }),
    );
  });

  test("they name the topics that must exist", () => {
    const rules: FailureRules = {
      handler: [{ retryTopics: [5, 7] }, { forward: "dlq" }],
      poison: { forward: "bad" },
      schema: [{ forward: () => "chosen later" }],
    };
    expect(checkRules(rules, ["orders"])).toEqual({ forward: ["dlq", "bad"], retryDelays: [5, 7] });
  });
});

describe("the name of a retry topic", () => {
  test("says topic, group and delay", () => {
    expect(retryTopicName("orders", "billing", 60_000)).toBe("orders.retry.billing.60000ms");
  });

  propertyTest.prop({
    topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/),
    groups: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 300 }), {
      minLength: 2,
      maxLength: 2,
    }),
    delay: fc.integer({ min: 1, max: 86_400_000 }),
  })("is legal in Kafka and differs from group to group", ({ topic, groups, delay }) => {
    const names = groups.map((group) => retryTopicName(topic, group, delay));
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9._-]{1,249}$/);
    expect(names[0]).not.toBe(names[1]);
    expect(names[0]).not.toBe(retryTopicName(topic, groups[0] as string, delay + 1));
  });
});
