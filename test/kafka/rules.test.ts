/** Rules of schemas: refused where they would have to run, at the start and for each record. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegisteredSchema } from "../../src/client/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import { RecordReader } from "../../src/kafka/codec/record-reader.ts";
import { activeRule } from "../../src/kafka/codec/rules.ts";
import { createTypeWriter } from "../../src/kafka/codec/type-writer.ts";
import { Breaker } from "../../src/kafka/failure/index.ts";
import { createConsumer, createProducer } from "../../src/kafka/index.ts";
import { noKey, topic, unionType } from "../../src/schema/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { writeFrameHeader } from "../../src/wire/index.ts";
import { batchOf, TOPIC } from "./fake-consumer.ts";
import { fullRegistry, MemoryRegistry, orderV1, orderV2, user } from "./fixtures.ts";

type RuleSet = NonNullable<RegisteredSchema["ruleSet"]>;
type Mode = "UPGRADE" | "DOWNGRADE" | "UPDOWN" | "WRITE" | "READ" | "WRITEREAD";

const rule = (type: string, mode?: Mode, more: object = {}) => ({
  name: `${type}-rule`,
  type,
  ...(mode !== undefined && { mode }),
  ...more,
});
const domain = (type: string, mode?: Mode, more?: object): RuleSet => ({
  domainRules: [rule(type, mode, more)],
});
const none: ReadonlySet<string> = new Set();
const orders = topic({ name: TOPIC, key: noKey, value: orderV2 });
/** No broker is needed to find out. */
const brokers = ["127.0.0.1:1"];

describe("a rule has to run", () => {
  test.each<readonly [string, RuleSet | undefined, boolean, boolean]>([
    ["WRITE", domain("CEL", "WRITE"), false, true],
    ["READ", domain("CEL_FIELD", "READ"), true, false],
    ["WRITEREAD", domain("ENCRYPT", "WRITEREAD"), true, true],
    ["of no mode", domain("MINE"), true, true],
    ["of an encoding", { encodingRules: [rule("ENCRYPT_PAYLOAD", "WRITEREAD")] }, true, true],
    ["UPGRADE", { migrationRules: [rule("JSONATA", "UPGRADE")] }, true, false],
    ["DOWNGRADE", { migrationRules: [rule("JSONATA", "DOWNGRADE")] }, true, false],
    ["UPDOWN", { migrationRules: [rule("JSONATA", "UPDOWN")] }, true, false],
    ["disabled", domain("CEL", "WRITEREAD", { disabled: true }), false, false],
    ["not disabled", domain("CEL", "WRITEREAD", { disabled: false }), true, true],
    ["for gateways", { ...domain("CEL", "WRITEREAD"), enableAt: "GATEWAY" }, false, false],
    ["for clients", { ...domain("CEL", "WRITEREAD"), enableAt: "CLIENT" }, true, true],
    [
      "behind one that is idle",
      { domainRules: [rule("A", "WRITE"), rule("B", "READ")] },
      true,
      true,
    ],
    ["nowhere", { domainRules: null, migrationRules: [] }, false, false],
    ["of no rule set", undefined, false, false],
  ])("%s", (_what, ruleSet, read, write) => {
    expect(activeRule(ruleSet, "read", none) !== undefined).toBe(read);
    expect(activeRule(ruleSet, "write", none) !== undefined).toBe(write);
  });

  test("unless its type may be ignored", () => {
    const both = { domainRules: [rule("CEL", "READ"), rule("ENCRYPT", "READ")] };
    expect(activeRule(both, "read", new Set(["CEL"]))).toEqual({
      rule: "ENCRYPT-rule",
      type: "ENCRYPT",
      mode: "READ",
    });
    expect(activeRule(both, "read", new Set(["CEL", "ENCRYPT"]))).toBeUndefined();
  });
});

/** A registry that has {@link orderV2} with rules, and another version without. */
function registryWith(ruleSet: RuleSet): MemoryRegistry {
  const registry = new MemoryRegistry(orderV1);
  registry.register(orderV2.subject, orderV2.schema, ruleSet);
  return registry;
}

/** Reads a record of {@link orderV1}'s bytes under an id. */
async function readUnder(id: number, registry: MemoryRegistry, ignored = none): Promise<unknown> {
  const buffer = Buffer.alloc(64);
  const write = await createTypeWriter(
    orderV1,
    { topic: TOPIC, part: "value" },
    { registry: fullRegistry() },
  );
  const end = write({ orderId: "o", amount: 1, status: "NEW" }, buffer, 0);
  writeFrameHeader(buffer, 0, id);
  const reader = new RecordReader(orders, registry, {
    patience: new Breaker(),
    ignoredRules: ignored,
  });
  const batch = batchOf([{ partition: 0, offset: 5 }], () => buffer.subarray(0, end));
  await reader.load(batch, 0, new AbortController().signal, () => {});
  return reader.read(batch, 0)?.value;
}

describe("at the start", () => {
  const expected = (type: string, mode: string) => ({
    code: "KAFKA_RULE_UNSUPPORTED",
    retriable: false,
    details: {
      topic: TOPIC,
      part: "value",
      stage: "schema",
      subject: orderV2.subject,
      schemaId: 2,
      rule: `${type}-rule`,
      type,
      mode,
    },
  });
  const consumer = (registry: MemoryRegistry, ignoreRules: readonly string[] = []) =>
    createConsumer({
      brokers,
      registry,
      group: "g",
      topics: [orders],
      from: "earliest",
      ignoreRules,
      connectTimeoutMs: 300,
    });

  test("a consumer refuses its own schema's rule, and names it", async () => {
    await expect(consumer(registryWith(domain("CEL", "READ")))).rejects.toMatchObject({
      ...expected("CEL", "READ"),
      message: expect.stringContaining("rule CEL-rule (type CEL, mode READ)") as string,
    });
    const migrated = registryWith({ migrationRules: [rule("JSONATA", "UPGRADE")] });
    await expect(consumer(migrated)).rejects.toMatchObject(expected("JSONATA", "UPGRADE"));
  });

  test.each<readonly [string, MemoryRegistry, readonly string[]]>([
    ["that is for writing", registryWith(domain("CEL", "WRITE")), []],
    ["that may be ignored", registryWith(domain("CEL", "READ")), ["CEL"]],
    ["that nobody can tell: it is not registered", new MemoryRegistry(), []],
    ["that nobody can tell: the registry is down", down(domain("CEL", "READ")), []],
  ])("a consumer goes on to connect with a rule %s", async (_what, registry, ignoreRules) => {
    await expect(consumer(registry, ignoreRules)).rejects.toMatchObject({
      code: expect.stringMatching(/^RDKAFKA_/) as string,
    });
  });

  test("a member of a union is looked at as well, under its own subject", async () => {
    const registry = new MemoryRegistry(orderV1);
    registry.register(user.subject, user.schema, domain("ENCRYPT", "WRITEREAD"));
    const mixed = topic({ name: TOPIC, key: noKey, value: unionType([orderV1, user]) });
    const options = { brokers, registry, group: "g", topics: [mixed], from: "earliest" } as const;
    await expect(createConsumer(options)).rejects.toMatchObject({
      code: "KAFKA_RULE_UNSUPPORTED",
      details: { subject: user.subject, type: "ENCRYPT" },
    });
  });

  test("a writer refuses, and may ignore", async () => {
    const where = { topic: TOPIC, part: "value" } as const;
    const registry = registryWith(domain("ENCRYPT", "WRITEREAD"));
    const writer = createTypeWriter(orderV2, where, { registry });
    await expect(writer).rejects.toMatchObject(expected("ENCRYPT", "WRITEREAD"));
    const ignored = new Set(["ENCRYPT"]);
    expect(await createTypeWriter(orderV2, where, { registry, ignored })).toBeTypeOf("function");
    const forReaders = registryWith(domain("CEL", "READ"));
    expect(await createTypeWriter(orderV2, where, { registry: forReaders })).toBeTypeOf("function");
  });

  test.each(["CEL", [""], [7], { 0: "CEL" }])("ignoreRules %j is refused", async (given) => {
    const ignoreRules = given as unknown as string[];
    const option: unknown = expect.stringMatching(/^ignoreRules(\[0\])?$/);
    const invalid = { code: "KAFKA_OPTION_INVALID", details: { option } };
    await expect(consumer(fullRegistry(), ignoreRules)).rejects.toMatchObject(invalid);
    const producing = createProducer({ brokers, registry: fullRegistry(), ignoreRules });
    await expect(producing).rejects.toMatchObject(invalid);
  });
});

function down(ruleSet: RuleSet): MemoryRegistry {
  const registry = registryWith(ruleSet);
  registry.isDown = true;
  registry.idOf = async () => (await registry.schemaById(2)).id;
  return registry;
}

describe("for each record", () => {
  test("the rules of its writer's schema count", async () => {
    const registry = new MemoryRegistry(orderV2);
    const id = registry.register(orderV1.subject, orderV1.schema, domain("ENCRYPT", "WRITEREAD"));
    await expect(readUnder(id, registry)).rejects.toMatchObject({
      code: "KAFKA_RULE_UNSUPPORTED",
      details: {
        topic: TOPIC,
        partition: 0,
        offset: 5,
        stage: "schema",
        schemaId: id,
        type: "ENCRYPT",
      },
      message: expect.stringContaining(`${TOPIC}/0 at offset 5`) as string,
    });
    expect(await readUnder(id, registry, new Set(["ENCRYPT"]))).toMatchObject({ orderId: "o" });
  });

  test("our own schema's count too, where the start could not ask", async () => {
    const registry = registryWith({ migrationRules: [rule("JSONATA", "UPGRADE")] });
    await expect(readUnder(1, registry)).rejects.toMatchObject({
      code: "KAFKA_RULE_UNSUPPORTED",
      details: { type: "JSONATA", offset: 5 },
    });
  });

  test("rules that are for writing do not", async () => {
    const registry = new MemoryRegistry(orderV2);
    const id = registry.register(orderV1.subject, orderV1.schema, domain("CEL", "WRITE"));
    expect(await readUnder(id, registry)).toMatchObject({ orderId: "o" });
  });
});

describe("with the registry itself", () => {
  let server: RegistryServer;
  beforeAll(async () => {
    server = await createRegistryServer({ store: "memory", port: 0 });
  });
  afterAll(() => server.close());

  test("rules come with schemas by id and by GUID, and are found for a text without them", async () => {
    const registry = createRegistryClient({ url: server.url });
    const ruleSet = domain("CEL", "WRITEREAD", { kind: "CONDITION", expr: "true" });
    const { schema, subject } = orderV2;
    const { id } = await registry.register(subject, { schema, ruleSet });
    const byId = await registry.schemaById(id);
    expect(byId.ruleSet).toMatchObject(ruleSet);
    expect(await registry.schemaByGuid(byId.guid?.toUpperCase() ?? "")).toEqual({
      ...byId,
      id: undefined,
    });
    const where = { topic: TOPIC, part: "value" } as const;
    await expect(createTypeWriter(orderV2, where, { registry })).rejects.toMatchObject({
      code: "KAFKA_RULE_UNSUPPORTED",
      details: { schemaId: id, rule: "CEL-rule" },
    });
    const options = { brokers, registry, group: "g", topics: [orders], from: "earliest" } as const;
    await expect(createConsumer(options)).rejects.toMatchObject({
      code: "KAFKA_RULE_UNSUPPORTED",
    });
  });

  test("a GUID that it does not know, or that is none, is an error of its own", async () => {
    const registry = createRegistryClient({ url: server.url });
    const guid = "07070707-0707-0707-0707-070707070707";
    await expect(registry.parsedByGuid(guid)).rejects.toMatchObject({
      code: "CLIENT_SCHEMA_GUID_UNKNOWN",
      details: { guid },
    });
    await expect(registry.schemaByGuid("7")).rejects.toMatchObject({
      code: "CLIENT_ARGUMENT_INVALID",
    });
  });
});
