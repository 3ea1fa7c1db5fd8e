/** Whatever is given as an option works or is refused with an error of the tables, never with a raw one. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import * as avro from "../../src/entries/avro.ts";
import * as codegen from "../../src/entries/codegen.ts";
import {
  createRegistryClient,
  isTypewireError,
  noKey,
  stringType,
  topic,
} from "../../src/entries/index.ts";
import * as kafka from "../../src/entries/kafka.ts";
import { startTestEnvironment } from "../../src/entries/testing.ts";

/** A public function with options that are right, apart from a broker where nothing listens. */
interface Subject {
  readonly call: (options: never) => unknown;
  readonly good: Readonly<Record<string, unknown>>;
  /** Wrong values of each option. */
  readonly bad: Readonly<Record<string, readonly unknown[]>>;
}

const words = topic({ name: "words", key: noKey, value: stringType });
const schema = avro.parseSchema('"int"', { mode: "strict" });
const registry = { idOf: () => 1, parsedById: () => schema, peekParsed: () => schema };
const good = { brokers: ["127.0.0.1:1"], connectTimeoutMs: 20, registry };
const notCounts = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5", null];
const common = {
  brokers: [
    undefined,
    "localhost:9092",
    [],
    [""],
    ["http://localhost:9092"],
    ["a:b"],
    ["a:99999"],
    [1],
    null,
  ],
  clientId: ["", 5, null],
  librdkafka: [null, "x", [], { "linger.ms": Number.NaN }, { "socket.timeout.ms": {} }],
  connectTimeoutMs: notCounts,
};

const SUBJECTS: Readonly<Record<string, Subject>> = {
  createProducer: {
    call: kafka.createProducer,
    good,
    bad: {
      ...common,
      librdkafka: [...common.librdkafka, { "no.such.setting": 1 }, { "compression.type": "zip" }],
      registry: [undefined, 5, null, {}, "nowhere", "ftp://x"],
      acks: ["some", 1],
      lingerMs: [-1, Number.NaN, "5"],
      compression: ["zip", null],
      deliveryTimeoutMs: notCounts,
      maxInFlight: notCounts,
      partitioners: [{}, [null], [{ topic: "words" }]],
    },
  },
  createConsumer: {
    call: kafka.createConsumer,
    good: { ...good, group: "g", topics: [words], from: "earliest" },
    bad: {
      ...common,
      librdkafka: [...common.librdkafka, { "no.such.setting": 1 }],
      registry: [undefined, 5, {}, "nowhere"],
      group: ["", undefined, 5],
      topics: [[], undefined, words, [null], ["words"], [{ ...words, value: {} }]],
      from: [undefined, "start"],
      checkVersions: ["yes", true],
      concurrency: notCounts,
      batchSize: notCounts,
      drainTimeoutMs: notCounts,
      stopTimeoutMs: notCounts,
    },
  },
  createAdmin: { call: kafka.createAdmin, good, bad: common },
  startEmbeddedKafka: { call: kafka.startEmbeddedKafka, good: {}, bad: { brokers: notCounts } },
  startTestEnvironment: {
    call: startTestEnvironment,
    good: {},
    bad: { topics: [null, "words", [null], [{ name: "" }]] },
  },
  partitionBy: {
    call: ({ topic: one, choose }: { topic: never; choose: never }) =>
      kafka.partitionBy(one, choose),
    good: { topic: words, choose: () => 0 },
    bad: { topic: [undefined, null, "words", {}], choose: [undefined, 0] },
  },
  createRegistryClient: {
    call: createRegistryClient,
    good: { url: "http://127.0.0.1:1" },
    bad: {
      url: [undefined, null, 5, "", "nowhere", [], [5], "ftp://x"],
      auth: [null, "me", {}, { username: "x" }],
      headers: [null, "x", { a: 5 }],
      timeoutMs: notCounts,
      retries: [-1, 1.5, Number.NaN],
      retryDelayMs: [-1, "5"],
      cacheEntriesMax: notCounts,
      fetch: [null, {}],
      clock: [null, {}],
    },
  },
  createCodec: {
    call: ({ schema: one, ...options }: { schema: never }) => avro.createCodec(one, options),
    good: { schema },
    bad: {
      schema: [undefined, null, '"int"', {}, { kind: "record" }, { kind: "toString" }],
      mapping: [
        null,
        "raw",
        { long: "int" },
        { logical: true },
        { fields: 1 },
        { fields: { a: 1 } },
      ],
      limits: [null, 5, { bytesMax: -1 }, { depthMax: "5" }],
      compile: ["yes", null],
    },
  },
  parseSchema: {
    call: ({ source, ...options }: { source: never }) => avro.parseSchema(source, options as never),
    good: { source: '"int"', mode: "strict" },
    bad: { source: [undefined, null, 5, "", "int"], mode: [undefined, "loose"], types: [{}, null] },
  },
  generate: {
    call: codegen.generate,
    good: { schemas: [], topics: [] },
    bad: {
      schemas: [undefined, null, [null], [{ subject: "s" }]],
      topics: [undefined, [null], [{ name: "x" }]],
      options: [null, { importExtension: ".mjs" }, { mapping: { long: 1 } }],
    },
  },
  parseConfig: {
    call: ({ text }: { text: never }) => codegen.parseConfig(text),
    good: { text: '{"topics":{}}' },
    bad: { text: [undefined, null, 5, "", "[]"] },
  },
};

/** The codes that refuse an option; `parseSchema` and `parseConfig` have others for their texts. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  createProducer: [
    "KAFKA_OPTION_INVALID",
    "RDKAFKA_SETTING_INVALID",
    "RDKAFKA_SETTING_REFUSED",
    "CLIENT_ARGUMENT_INVALID",
  ],
  createConsumer: ["KAFKA_OPTION_INVALID", "RDKAFKA_SETTING_INVALID", "CLIENT_ARGUMENT_INVALID"],
  createAdmin: ["KAFKA_OPTION_INVALID"],
  startEmbeddedKafka: ["RDKAFKA_OPTION_INVALID"],
  startTestEnvironment: ["TESTING_OPTION_INVALID"],
  partitionBy: ["KAFKA_OPTION_INVALID"],
  createRegistryClient: ["CLIENT_ARGUMENT_INVALID"],
  createCodec: ["AVRO_OPTION_INVALID", "AVRO_FIELD_UNKNOWN"],
  parseSchema: ["AVRO_OPTION_INVALID", "AVRO_JSON_INVALID", "AVRO_SCHEMA_INVALID"],
  generate: ["CODEGEN_OPTION_INVALID"],
  parseConfig: ["CODEGEN_OPTION_INVALID", "CODEGEN_CONFIG_MALFORMED", "CODEGEN_CONFIG_INVALID"],
};

const cases = Object.entries(SUBJECTS).flatMap(([name, subject]) =>
  Object.entries(subject.bad).flatMap(([option, values]) =>
    values.map((value) => [name, option, value] as const),
  ),
);

async function outcome({ call }: Subject, options: unknown): Promise<unknown> {
  try {
    const made = (await call(options as never)) as { close?: () => Promise<void> } | undefined;
    await made?.close?.();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("a wrong option is an error of the tables that names it", () => {
  test.each(cases)("%s, %s: %j", async (name, option, value) => {
    const subject = SUBJECTS[name] as Subject;
    const error = await outcome(subject, { ...subject.good, [option]: value });
    expect(error).toSatisfy((thrown: unknown) => isTypewireError(thrown));
    expect(CODES[name]).toContain((error as { code: string }).code);
  });
});

describe("no options at all", () => {
  const positional = ["partitionBy", "createCodec", "parseSchema", "parseConfig"];
  const withOptions = Object.keys(SUBJECTS).filter((name) => !positional.includes(name));

  test.each(withOptions)("%s", async (name) => {
    for (const nothing of [null, 5, "x", []]) {
      const subject = SUBJECTS[name] as Subject;
      expect(await outcome(subject, nothing)).toSatisfy((thrown: unknown) =>
        isTypewireError(thrown),
      );
    }
  });
});

test.prop(
  [
    fc.constantFrom(
      "createRegistryClient",
      "createCodec",
      "parseSchema",
      "generate",
      "parseConfig",
      "partitionBy",
    ),
    fc.nat(),
    fc.jsonValue(),
  ],
  { numRuns: 1000 },
)("any JSON for any option works or is an error of the tables", async (name, at, value) => {
  const subject = SUBJECTS[name] as Subject;
  const options = Object.keys(subject.bad);
  const option = options[at % options.length] ?? "";
  const error = await outcome(subject, { ...subject.good, [option]: value });
  if (error !== undefined) expect(error).toSatisfy((thrown: unknown) => isTypewireError(thrown));
});
