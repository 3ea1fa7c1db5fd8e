import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  codegenTopics,
  findConfigProblems,
  loadConfig,
  parseConfig,
  subjectBindings,
  topicDefinitions,
} from "../../codegen/index.ts";
import { isTypewireError } from "../../src/base/index.ts";

const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

test("the configuration of this repository is valid", () => {
  const text = readFileSync(new URL("../../typewire.json", import.meta.url), "utf8");
  expect(subjectBindings(parseConfig(text)).map(({ subject, file }) => [subject, file])).toEqual([
    ["orders-value", "schemas/order-placed.avsc"],
    ["users-value", "schemas/user.avsc"],
  ]);
});

test("a byte order mark before the configuration is passed over", () => {
  expect(parseConfig('\ufeff{"schemas":{"a":"a.avsc"}}')).toEqual({ schemas: { a: "a.avsc" } });
});

describe("problems", () => {
  const table: [config: unknown, pointer: string, value: unknown, expected: string][] = [
    [
      { topic: {} },
      "/topic",
      {},
      "no such member; known ones are $schema, registry, kafka, topics, schemas, codegen",
    ],
    [[], "", [], "object"],
    [{ registry: {} }, "/registry/url", undefined, "a value, it is missing"],
    [{ registry: { url: "localhost" } }, "/registry/url", "localhost", "a URL with http or https"],
    [{ kafka: { brokers: ["b"] } }, "/kafka/brokers/0", "b", "host:port"],
    [{ topics: { t: {} } }, "/topics/t/value", undefined, "a value, it is missing"],
    [
      { topics: { "a/b": { value: "x" } } },
      "/topics/a~1b",
      { value: "x" },
      "a topic's name of 1 to 249 letters, digits, `.`, `_` and `-`",
    ],
    [
      { topics: { t: { value: "x", compatibility: "SOME" } } },
      "/topics/t/compatibility",
      "SOME",
      'one of "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"',
    ],
    [{ topics: { t: { value: "x", partitions: 0 } } }, "/topics/t/partitions", 0, ">= 1"],
    [{ topics: { t: { value: "x", partitions: "3" } } }, "/topics/t/partitions", "3", "integer"],
    [
      { topics: { t: { value: "none" } } },
      "/topics/t/value",
      "none",
      '"string", "bytes" or the path of a schema',
    ],
    [{ topics: { t: { value: "" } } }, "/topics/t/value", "", "text that is not empty"],
    [
      { codegen: { importExtension: ".mjs" } },
      "/codegen/importExtension",
      ".mjs",
      'one of ".js", ".ts", ""',
    ],
    [
      { topics: { t: { value: "a.avsc" } }, schemas: { "t-value": "b.avsc" } },
      "/schemas/t-value",
      "b.avsc",
      "another subject, a topic has this one already",
    ],
  ];

  test.each(table)("%j", (config, pointer, value, expected) => {
    expect(findConfigProblems(config)).toEqual([{ pointer, value, expected }]);
  });

  test("are reported all at once, sorted, each with pointer, value and what is expected", () => {
    const text = '{"registry":{"url":3},"kafka":{"brokers":[]},"codegen":{"outs":"x"}}';
    const error = thrownBy(() => parseConfig(text, "app/typewire.json"));
    expect(isTypewireError(error, "CODEGEN_CONFIG_INVALID") && error.details["problems"]).toEqual([
      '/codegen/outs is "x", expected no such member; known ones are out, importExtension, runtime, mapping',
      "/kafka/brokers is [], expected no fewer than 1 items",
      "/registry/url is 3, expected string",
    ]);
  });

  test("of the text name the file", () => {
    const error = thrownBy(() => parseConfig("{", "app/typewire.json"));
    expect(isTypewireError(error, "CODEGEN_CONFIG_MALFORMED") && error.message).toMatch(
      /^app\/typewire\.json is not JSON: /,
    );
  });

  test("of the file name the file", async () => {
    await expect(loadConfig("/nowhere/typewire.json")).rejects.toMatchObject({
      code: "CODEGEN_CONFIG_UNREADABLE",
      hint: "Run the command in the folder of typewire.json, or name the file with --config.",
    });
  });
});

describe("topics and subjects", () => {
  const config = parseConfig(
    JSON.stringify({
      schemas: { money: "money.avsc" },
      topics: {
        b: { key: "key.avsc", value: "value.avsc", compact: true, compatibility: "FULL" },
        a: { value: "bytes", key: "none" },
      },
    }),
  );

  test("subjects follow the topic name strategy", () => {
    expect(subjectBindings(config)).toEqual([
      { subject: "b-key", file: "key.avsc", topic: "b", part: "key", compatibility: "FULL" },
      { subject: "b-value", file: "value.avsc", topic: "b", part: "value", compatibility: "FULL" },
      { subject: "money", file: "money.avsc" },
    ]);
  });

  test("topics have keys of text unless they say otherwise", () => {
    const [plain] = codegenTopics(parseConfig('{"topics":{"t":{"value":"string"}}}'));
    expect(plain?.key).toEqual({ kind: "string" });
    expect(codegenTopics(config)).toEqual([
      { name: "a", key: { kind: "none" }, value: { kind: "bytes" }, compact: false },
      {
        name: "b",
        key: { kind: "subject", subject: "b-key" },
        value: { kind: "subject", subject: "b-value" },
        compact: true,
      },
    ]);
  });

  test("what Kafka is told of a topic has no member that the file leaves out", () => {
    const topics = {
      b: { value: "bytes", partitions: 3, replication: 2, config: { "retention.ms": 5 } },
      a: { value: "bytes", compact: true },
      c: { value: "bytes", compact: false },
    };
    expect(topicDefinitions(parseConfig(JSON.stringify({ topics })))).toEqual([
      { name: "a", compact: true },
      { name: "b", partitions: 3, replication: 2, config: { "retention.ms": 5 } },
      { name: "c", compact: false },
    ]);
    expect(topicDefinitions({})).toEqual([]);
  });

  test.each([
    ["compact", true],
    ["compact,delete", true],
    ["delete, compact", true],
    ["delete", false],
    ["compactor", false],
    ["", false],
  ])("a compacted topic with the cleanup policy %j: %s", (policy, isRight) => {
    const t = { value: "bytes", compact: true, config: { "cleanup.policy": policy } };
    const problems = findConfigProblems({ topics: { t } });
    expect(problems.map(({ pointer, value }) => [pointer, value])).toEqual(
      isRight ? [] : [["/topics/t/config/cleanup.policy", policy]],
    );
    expect(findConfigProblems({ topics: { t: { ...t, compact: false } } })).toEqual([]);
  });
});
