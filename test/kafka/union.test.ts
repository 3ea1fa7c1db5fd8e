/** Several record types in one topic: found by name on reading, by `$type` on writing. */
import { afterAll, beforeAll, describe, expect, it as test } from "vitest";
import { createTypeReader } from "../../src/kafka/codec/type-reader.ts";
import { createTypeWriter } from "../../src/kafka/codec/type-writer.ts";
import type { TypedProducer } from "../../src/kafka/index.ts";
import { createProducer } from "../../src/kafka/index.ts";
import type { EmbeddedKafka } from "../../src/rdkafka/index.ts";
import { startEmbeddedKafka } from "../../src/rdkafka/index.ts";
import type { AnyAvroType } from "../../src/schema/index.ts";
import { avroType, noKey, topic, unionType } from "../../src/schema/index.ts";
import { readUntil } from "./contract.ts";
import { MemoryRegistry } from "./fixtures.ts";

const WHERE = { topic: "events", part: "value" } as const;
const text = (name: string, fields: readonly object[], more: object = {}) =>
  JSON.stringify({ type: "record", name, fields, ...more });
const id = { name: "id", type: "string" };

const placed = avroType<{ id: string; at?: number }, { id: string; at: number }, "shop.Placed">({
  subject: "shop.Placed",
  name: "shop.Placed",
  schema: text("shop.Placed", [id, { name: "at", type: "int", default: 0 }]),
  fingerprint: "1",
});
const cancelled = avroType<{ id: string }, { id: string }, "shop.Cancelled">({
  subject: "events-shop.Cancelled",
  name: "shop.Cancelled",
  schema: text("shop.Cancelled", [id], { aliases: ["old.Withdrawn"] }),
  fingerprint: "2",
});
const events = topic({ name: "events", key: noKey, value: unionType([placed, cancelled]) });

function written(name: string, subject: string): AnyAvroType {
  return avroType<{ id: string }, { id: string }>({
    subject,
    name,
    schema: text(name, [id]),
    fingerprint: "0",
  });
}

/** Writes with one type, reads with the union. */
async function through(type: AnyAvroType, value: unknown): Promise<unknown> {
  const registry = new MemoryRegistry(placed, cancelled, type);
  const buffer = Buffer.alloc(64);
  const write = await createTypeWriter(type, WHERE, { registry });
  const end = write(value, buffer, 0);
  const reader = createTypeReader(events.value, WHERE, { registry });
  const ref = reader.writer(buffer, 0, end);
  await reader.load(ref);
  return reader.decode(ref, buffer, 0, end);
}

describe("a value is read as the type", () => {
  test("whose name the writer's record has, resolved to ours", async () => {
    const old = avroType<{ id: string }, object>({ ...written("shop.Placed", "shop.Placed") });
    expect(await through(old, { id: "1" })).toEqual({ $type: "shop.Placed", id: "1", at: 0 });
    expect(await through(cancelled, { id: "2" })).toEqual({ $type: "shop.Cancelled", id: "2" });
  });

  test("that has that name as an alias", async () => {
    const renamedOne = written("old.Withdrawn", "old.Withdrawn");
    expect(await through(renamedOne, { id: "3" })).toEqual({ $type: "shop.Cancelled", id: "3" });
  });

  test.each([
    ["shop.Shipped", written("shop.Shipped", "x"), { id: "4" }],
    ["other.Placed", written("other.Placed", "y"), { id: "5" }],
    ["string", avroType<string, string>({ ...written("s", "z"), schema: '"string"' }), "6"],
  ])("and %s is none of them", async (name, type, value) => {
    await expect(through(type, value)).rejects.toThrow(
      `its writer's type is ${name}, and the topic's types are shop.Placed, shop.Cancelled`,
    );
  });
});

describe("a value is written", () => {
  test("as the type that it names, under that type's subject", async () => {
    const registry = new MemoryRegistry(placed, cancelled);
    const write = await createTypeWriter(events.value, WHERE, { registry });
    const buffer = Buffer.alloc(64);
    write({ $type: "shop.Cancelled", id: "1" }, buffer, 0);
    const { schema } = cancelled;
    expect(buffer.readInt32BE(1)).toBe(await registry.idOf("events-shop.Cancelled", { schema }));
  });

  test.each([
    [{ $type: "shop.Shipped", id: "1" }, "is shop.Shipped"],
    [{ id: "1" }, "is missing"],
    ["text", "is missing"],
    [null, "is missing"],
  ])("unless it names none: %j", async (value, what) => {
    const registry = new MemoryRegistry(placed, cancelled);
    const write = await createTypeWriter(events.value, WHERE, { registry });
    expect(() => write(value, Buffer.alloc(64), 0)).toThrow(
      expect.objectContaining({
        code: "KAFKA_RECORD_INVALID",
        message: expect.stringContaining(
          `its $type ${what}, and has to be one of shop.Placed`,
        ) as string,
      }),
    );
  });

  test("when every type is registered", async () => {
    const registry = new MemoryRegistry(placed);
    await expect(createTypeWriter(events.value, WHERE, { registry })).rejects.toMatchObject({
      code: "KAFKA_SCHEMA_NOT_REGISTERED",
      details: { subject: "events-shop.Cancelled" },
    });
  });
});

test.each<readonly [string, readonly AnyAvroType[], RegExp]>([
  ["no members", [], /no members/],
  ["two of one name", [placed, written("shop.Placed", "b")], /two members named shop.Placed/],
  ["one that is no record", [placed, { ...placed, schema: '"int"' }], /member of type int/],
  ["subjects in several contexts", [placed, written("a.B", ":.own:b")], /several contexts/],
  [
    "a field that says the type",
    [{ ...placed, schema: text("shop.Odd", [{ ...id, name: "$type" }]) }],
    /has a field \$type/,
  ],
])("a union with %s is refused", async (_what, members, reason) => {
  const type = unionType(members as never);
  const refused = expect.objectContaining({
    code: "KAFKA_OPTION_INVALID",
    message: expect.stringMatching(reason) as string,
  }) as Error;
  const registry = new MemoryRegistry();
  expect(() => createTypeReader(type, WHERE, { registry })).toThrow(refused);
  await expect(createTypeWriter(type, WHERE, { registry })).rejects.toEqual(refused);
});

describe("on a broker", () => {
  const registry = new MemoryRegistry(placed, cancelled);
  let cluster: EmbeddedKafka;
  let producer: TypedProducer;
  beforeAll(async () => {
    cluster = await startEmbeddedKafka();
    await cluster.createTopics("events");
    producer = await createProducer({ brokers: cluster.brokers, registry });
  });
  afterAll(async () => {
    await producer.close();
    await cluster.close();
  });

  test("both types arrive, in order, told apart by $type", async () => {
    await producer.sendMany(events, [
      { value: { $type: "shop.Placed", id: "1" }, partition: 0 },
      { value: { $type: "shop.Cancelled", id: "1" }, partition: 0 },
    ]);
    const options = { brokers: cluster.brokers, registry, group: "union", topics: [events] };
    const seen = await readUntil(options, 2);
    expect(
      seen.map(({ value }) => (value.$type === "shop.Placed" ? value.at : value.$type)),
    ).toEqual([0, "shop.Cancelled"]);
  });

  test("a header that names another schema than the frame is not sent", async () => {
    const value = { $type: "shop.Placed", id: "1" } as const;
    const headers = { __value_schema_id: "x" };
    await expect(producer.send(events, { value, headers })).rejects.toMatchObject({
      code: "KAFKA_RECORD_INVALID",
      message: expect.stringContaining("__value_schema_id") as string,
    });
    const other = { __key_schema_id: "no frame there" };
    expect(await producer.send(events, { value, headers: other })).toMatchObject({
      topic: "events",
    });
  });
});
