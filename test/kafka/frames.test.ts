/**
 * How records name their writer's schema: by id or GUID, in front of the bytes or in a header, against
 * both registries that there are here.
 */
import { setImmediate } from "node:timers/promises";
import { fc, test as prop } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEncoder, parseSchema } from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import { createRegistryClient } from "../../src/client/index.ts";
import type { AnyMessage } from "../../src/kafka/codec/record-reader.ts";
import { RecordReader } from "../../src/kafka/codec/record-reader.ts";
import { Breaker } from "../../src/kafka/failure/index.ts";
import type { SchemaLookup } from "../../src/kafka/index.ts";
import type { HeaderPair } from "../../src/rdkafka/index.ts";
import type { AnyTopic } from "../../src/schema/index.ts";
import { topic } from "../../src/schema/index.ts";
import type { RegistryServer } from "../../src/server/index.ts";
import { createRegistryServer } from "../../src/server/index.ts";
import { batchOf, TOPIC } from "./fake-consumer.ts";
import { fullRegistry, orderV1, orderV2, user, userKey } from "./fixtures.ts";

const orders = topic({ name: TOPIC, key: userKey, value: orderV2, compact: true });
const body = bodyOf(orderV1.schema, { orderId: "o", amount: 7, status: "PAID" });
const keyBody = bodyOf(userKey.schema, { id: "u" });
const order = { orderId: "o", amount: 7, status: "PAID", note: null };

function bodyOf(schema: string, value: unknown): Buffer {
  const buffer = Buffer.alloc(64);
  const encoder = createEncoder(parseSchema(schema, { mode: "strict" }));
  return Buffer.from(buffer.subarray(0, encoder.encode(value, buffer, 0)));
}

const idBytes = (id: number): Buffer => Buffer.from([0, id >>> 24, id >>> 16, id >>> 8, id]);
const guidBytes = (guid: string): Buffer => Buffer.from(`01${guid.replaceAll("-", "")}`, "hex");

interface Given {
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly HeaderPair[];
}

/** Reads record 0 of partition 0, as the consumer does. */
async function read(
  registry: SchemaLookup,
  { key, value, headers = [] }: Given,
  descriptor: AnyTopic = orders,
): Promise<AnyMessage> {
  const reader = new RecordReader(descriptor, registry, { patience: new Breaker() });
  const batch = batchOf([{ partition: 0, offset: 3 }], () => value, {
    keys: () => (key === undefined ? Buffer.concat([idBytes(ids.key), keyBody]) : key),
    headers,
  });
  reader.prefetch(batch, [0]);
  const early = reader.read(batch, 0);
  if (early !== undefined) return early;
  await reader.load(batch, 0, new AbortController().signal, () => {});
  return reader.read(batch, 0) as AnyMessage;
}

/** What a registry calls the schemas of {@link orders}. */
interface Names {
  readonly key: number;
  readonly value: number;
  readonly keyGuid: string;
  readonly valueGuid: string;
}
let ids: Names;

async function namesOf(registry: Required<SchemaLookup>): Promise<Names> {
  const nameOf = async (type: typeof userKey | typeof orderV1) => {
    const id = await registry.idOf(type.subject, { schema: type.schema });
    return { id, guid: (await registry.schemaById(id)).guid ?? "" };
  };
  const [key, value] = [await nameOf(userKey), await nameOf(orderV1)];
  return { key: key.id, value: value.id, keyGuid: key.guid, valueGuid: value.guid };
}

let server: RegistryServer;
beforeAll(async () => {
  server = await createRegistryServer({ store: "memory", port: 0 });
  const client = createRegistryClient({ url: server.url });
  for (const { subject, schema } of [orderV1, orderV2, user, userKey]) {
    await client.register(subject, { schema });
  }
});
afterAll(() => server.close());

const VALUE = "__value_schema_id";
const KEY = "__key_schema_id";

describe.each([
  ["in memory", () => fullRegistry()],
  ["over HTTP", () => createRegistryClient({ url: server.url })],
])("with a registry %s", (_where, registryOf) => {
  beforeAll(async () => {
    ids = await namesOf(registryOf());
  });

  test.each<readonly [string, () => Given, boolean]>([
    ["an id in the frame", () => ({ value: Buffer.concat([idBytes(ids.value), body]) }), false],
    ["a GUID in the frame", () => ({ value: framed(ids.valueGuid) }), true],
    ["an id in the header", () => ({ value: body, headers: [[VALUE, idBytes(ids.value)]] }), false],
    ["a GUID in the header", () => ({ value: body, headers: [[VALUE, guid()]] }), true],
    [
      "the last of several headers",
      () => ({ value: body, headers: [...junk(VALUE), [VALUE, guid()]] }),
      true,
    ],
    [
      "no header that is null",
      () => ({ value: framed(ids.valueGuid), headers: [[VALUE, null]] }),
      true,
    ],
    [
      "its own header, not the key's",
      () => ({ value: framed(ids.valueGuid), headers: [[KEY, keyGuid()]], key: keyBody }),
      true,
    ],
    [
      "headers of other names beside it",
      () => ({
        value: body,
        headers: [
          ["__proto__", null],
          [VALUE, guid()],
          ["a", null],
        ],
      }),
      true,
    ],
  ])("a value is read by %s", async (_how, given, byGuid) => {
    const message = await read(registryOf(), given());
    expect(message.value).toEqual(order);
    expect([message.schemaId, message.schemaGuid]).toEqual(
      byGuid ? [undefined, ids.valueGuid] : [ids.value, undefined],
    );
  });

  test("a key is read by a GUID as well", async () => {
    const message = await read(registryOf(), {
      key: keyBody,
      value: null,
      headers: [
        [KEY, keyGuid()],
        [VALUE, guid()],
      ],
    });
    expect(message).toMatchObject({ key: { id: "u" }, value: null, keySchemaGuid: ids.keyGuid });
    expect(message.schemaGuid).toBeUndefined();
  });

  test.each<readonly [string, () => Given, "schema" | "value", RegExp]>([
    [
      "a GUID that the registry does not know",
      () => ({ value: framed(OTHER) }),
      "schema",
      /GUID 0707/,
    ],
    [
      "a header that is no name of a schema",
      () => ({ value: body, headers: junk(VALUE) }),
      "value",
      /Header __value_schema_id/,
    ],
    [
      "a frame behind a header",
      () => ({ value: framed(ids.valueGuid), headers: [[VALUE, guid()]] }),
      "value",
      /can't be read/,
    ],
    ["a GUID that is cut", () => ({ value: guid().subarray(0, 16) }), "value", /too short/],
  ])("%s is the record's fault", async (_what, given, stage, reason) => {
    await expect(read(registryOf(), given())).rejects.toMatchObject({
      code: "KAFKA_UNDECODABLE_RECORD",
      details: { topic: TOPIC, partition: 0, offset: 3, part: "value", stage },
      message: expect.stringMatching(reason) as string,
    });
  });
});

const OTHER = "07070707-0707-0707-0707-070707070707";
const framed = (guid: string): Buffer => Buffer.concat([guidBytes(guid), body]);
const guid = (): Buffer => guidBytes(ids.valueGuid);
const keyGuid = (): Buffer => guidBytes(ids.keyGuid);
const junk = (name: string): HeaderPair[] => [[name, Buffer.from("junk")]];

test("a GUID is fetched once, and one that is not there is not asked for again and again", async () => {
  const registry = fullRegistry();
  ids = await namesOf(registry);
  const reader = new RecordReader(orders, registry, { patience: new Breaker() });
  const signal = new AbortController().signal;
  for (const value of [framed(ids.valueGuid), framed(OTHER)]) {
    const records = [0, 1, 2].map((offset) => ({ partition: 0, offset }));
    const batch = batchOf(records, () => value, { keys: () => null });
    registry.fetches = 0;
    reader.prefetch(batch, [0, 1, 2]);
    for (const i of [0, 1, 2]) {
      await reader.load(batch, i, signal, () => {}).catch(() => undefined);
    }
    expect(registry.fetches).toBe(1);
  }
});

test("a registry that does not answer for a GUID is waited for", async () => {
  const registry = fullRegistry();
  ids = await namesOf(registry);
  registry.isDown = true;
  const reading = read(registry, {
    key: keyBody,
    value: framed(ids.valueGuid),
    headers: [[KEY, keyGuid()]],
  });
  while (registry.fetches < 2) await setImmediate();
  registry.isDown = false;
  expect((await reading).value).toEqual(order);
});

test("a look-up without GUIDs says so", async () => {
  const { idOf, parsedById } = fullRegistry();
  const full = fullRegistry();
  const bare: SchemaLookup = { idOf: idOf.bind(full), parsedById: parsedById.bind(full) };
  await expect(read(bare, { value: framed(OTHER) })).rejects.toMatchObject({
    code: "KAFKA_UNDECODABLE_RECORD",
    message: expect.stringContaining("can't look up a GUID") as string,
  });
});

/** Bytes as they may come: noise, and every form of the schemas' names, whole or cut. */
const arbBytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(
      fc.constantFrom("none", "id", "guid", "unknown"),
      fc.constantFrom(Buffer.alloc(0), body, keyBody),
      fc.nat(30),
    )
    .map(([form, end, cut]) => {
      const heads = {
        none: Buffer.alloc(0),
        id: idBytes(1),
        guid: guid(),
        unknown: guidBytes(OTHER),
      };
      const all = Buffer.concat([heads[form as keyof typeof heads], end]);
      return cut < 20 ? all : all.subarray(0, cut - 20);
    }),
);
const arbHeaders = fc.array(
  fc.tuple(fc.constantFrom(KEY, VALUE, "__proto__", "", "a"), fc.option(arbBytes, { nil: null })),
  { maxLength: 4 },
);

describe("whatever a record holds", () => {
  const registry = fullRegistry();
  beforeAll(async () => {
    ids = await namesOf(registry);
  });

  prop.prop([fc.option(arbBytes, { nil: null }), fc.option(arbBytes, { nil: null }), arbHeaders], {
    numRuns: 500,
  })("it is a message, or an error with its place", async (key, value, headers) => {
    try {
      const message = await read(registry, { key, value, headers });
      expect([message.partition, message.offset]).toEqual([0, 3]);
    } catch (error) {
      if (!isTypewireError(error, "KAFKA_UNDECODABLE_RECORD")) throw error;
      expect(error.details).toMatchObject({ topic: TOPIC, partition: 0, offset: 3 });
      expect(["key", "value", "schema"]).toContain(error.details["stage"]);
    }
  });
});
