/** Whatever is given to a method or a function as an argument works or is refused with an error of the tables. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as avro from "../../src/entries/avro.ts";
import {
  createRegistryClient,
  isTypewireError,
  noKey,
  stringType,
  topic,
} from "../../src/entries/index.ts";
import * as kafka from "../../src/entries/kafka.ts";
import { createTestBroker } from "../../src/entries/testing.ts";

/** A function, and arguments that are right. */
interface Called {
  readonly call: (...given: never[]) => unknown;
  readonly good: readonly unknown[];
}

const schema = avro.parseSchema('"string"', { mode: "strict" });
const compiled = avro.createCodec(schema);
const interpreted = avro.createCodec(schema, { compile: false });
const single = avro.createSingleObjectCodec(schema);
const client = createRegistryClient({
  url: "http://127.0.0.1:1",
  fetch: async () => new Response('{"error_code":40403,"message":"none"}', { status: 404 }),
});
const definition = { schema: '"int"' };
const identity = { schema: '"int"', references: [], metadata: { properties: { a: "b" } } };

const AVRO: Readonly<Record<string, Called>> = {
  "compiled encode": { call: compiled.encode, good: ["a", Buffer.alloc(9), 0] },
  "interpreted encode": { call: interpreted.encode, good: ["a", Buffer.alloc(9), 0] },
  "compiled decode": { call: compiled.decode, good: [Buffer.of(2, 97), 0, 2] },
  "interpreted decode": { call: interpreted.decode, good: [Buffer.of(2, 97), 0, 2] },
  toBuffer: { call: compiled.toBuffer, good: ["a"] },
  fromBuffer: { call: compiled.fromBuffer, good: [Buffer.of(2, 97)] },
  "single object's toBuffer": { call: single.toBuffer, good: ["a"] },
  "single object's fromBuffer": { call: single.fromBuffer, good: [single.toBuffer("a")] },
  toJson: { call: (value: unknown) => avro.toJson(value), good: [[1]] },
  fromJson: { call: (value: never) => avro.fromJson(value), good: [new Map([["a", null]])] },
  identityHash: { call: avro.identityHash, good: [identity] },
  "identityHash, metadata": {
    call: (metadata: never) => avro.identityHash({ ...identity, metadata }),
    good: [{ tags: { a: ["b"] } }],
  },
  "identityHash, tags": {
    call: (tags: never, properties: never, sensitive: never) =>
      avro.identityHash({ ...identity, metadata: { tags, properties, sensitive } }),
    good: [{ a: ["b"] }, { a: "b" }, ["a"]],
  },
  "identityHash, rules": {
    call: (migrationRules: never, enableAt: never) =>
      avro.identityHash({ ...identity, ruleSet: { migrationRules, enableAt } }),
    good: [[{ name: "r" }], "now"],
  },
  "identityHash, one rule": {
    call: (name: never, tags: never, params: never) =>
      avro.identityHash({ ...identity, ruleSet: { domainRules: [{ name, tags, params }] } }),
    good: ["r", ["t"], { a: "b" }],
  },
  "writeContainer, metadata": {
    call: (key: never, value: never, blockBytes: never) =>
      avro.writeContainer(schema, ["a"], { metadata: new Map([[key, value]]), blockBytes }),
    good: ["k", Buffer.of(1), 10],
  },
  readerIncompatibilities: {
    call: avro.readerIncompatibilities,
    good: [schema, schema, { max: 9, left: 9 }],
  },
  canRead: { call: avro.canRead, good: [schema, schema, { max: 9, left: 9 }] },
  satisfiedLevels: {
    call: avro.satisfiedLevels,
    good: [schema, [{ schema }], { max: 9, left: 9 }],
  },
  peekFingerprint: { call: avro.peekFingerprint, good: [single.toBuffer("a")] },
  printSchema: { call: avro.printSchema, good: [schema, {}] },
};

const CLIENT: Readonly<Record<string, Called>> = {
  schemaById: { call: client.schemaById, good: [1, "s"] },
  parsedById: { call: client.parsedById, good: [1, "s"] },
  schemaByGuid: { call: client.schemaByGuid, good: ["16f1eca5-ebf9-22b3-da80-212f8fa7342e"] },
  parsedByGuid: { call: client.parsedByGuid, good: ["16f1eca5-ebf9-22b3-da80-212f8fa7342e", "s"] },
  register: { call: client.register, good: ["s", definition, { ifMatch: '"1-x"' }] },
  lookup: { call: client.lookup, good: ["s", definition, { deleted: true }] },
  idOf: { call: client.idOf, good: ["s", definition] },
  subjects: { call: client.subjects, good: [{ prefix: "a" }] },
  versions: { call: client.versions, good: ["s", {}] },
  version: { call: client.version, good: ["s", "latest", {}] },
  referencedVersion: { call: client.referencedVersion, good: [{ subject: "s", version: -1 }] },
  latest: { call: client.latest, good: ["s"] },
  closedSchema: { call: client.closedSchema, good: ["s", 1] },
  referencedBy: { call: client.referencedBy, good: ["s", 1] },
  deleteSubject: { call: client.deleteSubject, good: ["s", "soft"] },
  deleteVersion: { call: client.deleteVersion, good: ["s", 1, "permanent"] },
  checkCompatibility: { call: client.checkCompatibility, good: ["s", definition, { version: 1 }] },
  compatibilityLevel: { call: client.compatibilityLevel, good: ["s"] },
  setCompatibilityLevel: { call: client.setCompatibilityLevel, good: ["s", "FULL"] },
  config: { call: client.config, good: ["s", { inForce: true }] },
  updateConfig: { call: client.updateConfig, good: ["s", { normalize: true }] },
  deleteConfig: { call: client.deleteConfig, good: ["s"] },
  mode: { call: client.mode, good: ["s"] },
  setMode: { call: client.setMode, good: ["s", "READONLY", { force: true }] },
  deleteMode: { call: client.deleteMode, good: ["s"] },
  request: {
    call: client.request,
    good: ["GET", "/x", { query: { a: "b" }, headers: { a: "b" } }],
  },
};

/** What JSON has no word for, and what comes from another program. */
const strange = fc.constantFrom<unknown>(
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  1n,
  Symbol("s"),
  () => 1,
  new Map([["a", 1]]),
  new Map([[1, "a"]]),
  new Uint8Array(3),
  "half \ud800",
  "line\nbreak",
  { a: 1n },
  { a: undefined },
  [null],
  Object.assign(Object.create(null) as object, { length: 3 }),
  (() => {
    const self: unknown[] = [];
    self.push(self);
    return self;
  })(),
);
const anything = fc.oneof(fc.jsonValue(), strange);

async function outcome(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Any argument, or one that stands in for it, as anything. */
async function checkArguments({ call, good }: Called, numRuns: number): Promise<void> {
  const apply = (given: readonly unknown[]) => outcome(() => call(...(given as never[])));
  await fc.assert(
    fc.asyncProperty(fc.nat(), anything, async (at, value) => {
      const error = await apply(good.with(at % good.length, value));
      expect(error === undefined || isTypewireError(error), String(error)).toBe(true);
    }),
    { numRuns },
  );
}

describe("any argument works or is refused with an error of the tables", () => {
  test.each(Object.entries(AVRO))("%s", async (_name, called) => {
    expect(called.call(...(called.good as never[]))).not.toBeUndefined();
    await checkArguments(called, 200);
  });

  test.each(Object.entries(CLIENT))("the registry client's %s", async (_name, called) => {
    const sent = await outcome(() => called.call(...(called.good as never[])));
    expect(sent).not.toMatchObject({ code: "CLIENT_ARGUMENT_INVALID" });
    await checkArguments(called, 60);
  });
});

test.each<readonly [string, readonly unknown[], string]>([
  ["version", ["s", Number.NaN], "version"],
  ["versions", [5], "subject"],
  ["versions", [undefined], "subject"],
  ["register", ["s", { schema: 5 }], "definition.schema"],
  ["register", ["s", definition, { ifMatch: "ä→" }], "options.ifMatch"],
  ["updateConfig", ["s", { a: 1n }], "update"],
  ["deleteSubject", ["s", "hard"], "how"],
  ["request", ["GET", "x"], "path"],
  ["request", ["TRACE", "/x"], "method"],
  ["request", ["GET", "/x", { headers: { "a b": "c" } }], "options.headers"],
])("the client's %s names what is wrong (%#)", async (name, given, argument) => {
  await expect(CLIENT[name]?.call(...(given as never[]))).rejects.toMatchObject({
    code: "CLIENT_ARGUMENT_INVALID",
    details: { argument },
  });
});

describe("over Kafka", () => {
  const words = topic({ name: "words", key: noKey, value: stringType });
  let clients: Readonly<Record<string, Called>>;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const cluster = createTestBroker({ topics: [words] });
    const registry = {
      idOf: async () => 1,
      parsedById: async () => schema,
      peekParsed: () => schema,
    };
    const { brokers } = cluster;
    const producer = await kafka.createProducer({ brokers, registry });
    const admin = await kafka.createAdmin({ brokers });
    const consumer = await kafka.createConsumer({
      brokers,
      registry,
      group: "arguments",
      topics: [words],
      from: "earliest",
    });
    closing.push(
      () => producer.close(),
      () => admin.close(),
      () => consumer.close(),
    );
    const record = { value: "a" };
    clients = {
      send: { call: producer.send.bind(producer), good: [words, record] },
      sendMany: { call: producer.sendMany.bind(producer), good: [words, [record]] },
      prepare: { call: producer.prepare.bind(producer), good: [words] },
      flush: { call: producer.flush.bind(producer), good: [{ timeoutMs: 100 }] },
      close: { call: producer.close.bind(producer), good: [] },
      createTopic: { call: admin.createTopic, good: [{ name: "words" }] },
      createTopics: { call: admin.createTopics, good: [[{ name: "words" }]] },
      describeTopic: { call: admin.describeTopic, good: ["words"] },
      addPartitions: { call: admin.addPartitions, good: ["words", 1] },
      deleteTopic: { call: admin.deleteTopic, good: [""] },
      "run's handler": {
        call: (h: never) => consumer.run(typeof h === "function" ? (5 as never) : h),
        good: [5],
      },
      "runBatch's options": { call: (o: never) => consumer.runBatch(5 as never, o), good: [{}] },
    };
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  test.each([
    "send",
    "sendMany",
    "prepare",
    "flush",
    "createTopic",
    "createTopics",
    "describeTopic",
    "addPartitions",
    "deleteTopic",
    "run's handler",
    "runBatch's options",
  ])("%s", async (name) => {
    await checkArguments(clients[name] as Called, 25);
  });

  test.each([{ timeoutMs: Number.NaN }, { timeoutMs: "5" }, null, 5])("close", async (options) => {
    const { call } = clients["close"] as Called;
    await expect(call(options as never)).rejects.toMatchObject({ code: "KAFKA_OPTION_INVALID" });
  });
});
