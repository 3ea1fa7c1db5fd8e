import { deepStrictEqual } from "node:assert/strict";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { MappingOptions } from "../../src/avro/index.ts";
import { createCodec, parseSchema } from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import { createProducer } from "../../src/kafka/index.ts";
import { avroType, bytesType, noKey, rawType, stringType, topic } from "../../src/schema/index.ts";
import { createTestBroker, sample } from "../../src/testing/index.ts";
import { arbSchemaText } from "../avro/arbitraries.ts";
import { ordersV2, users } from "../kafka/fixtures.ts";

const MAPPINGS: readonly MappingOptions[] = [
  {},
  { logical: "raw" },
  { long: "number" },
  { long: "number", logical: "raw" },
];

function typeOf(schema: string, mapping: MappingOptions) {
  const fingerprint = "0000000000000000";
  const base = { subject: "things-value", name: "Thing", schema, fingerprint, mapping };
  return avroType<unknown, unknown>(base);
}

/** Reads the schema; undefined when the generator of schemas drew one that is not valid. */
function codecOf(text: string, mapping: MappingOptions) {
  try {
    return createCodec(parseSchema(text, { mode: "stored" }), { mapping });
  } catch (error) {
    if (isTypewireError(error)) return undefined;
    throw error;
  }
}

describe("sample", () => {
  const readable = arbSchemaText.filter((text) => codecOf(text, {}) !== undefined);
  test.prop([readable, fc.constantFrom(...MAPPINGS), fc.nat(1_000)], { numRuns: 400 })(
    "the encoder takes it, and reading gives an equal value",
    (text, mapping, seed) => {
      const codec = codecOf(text, mapping);
      const things = topic({ name: "things", key: noKey, value: typeOf(text, mapping) });
      const { value } = sample(things, { seed });
      expect(() => deepStrictEqual(codec?.fromBuffer(codec.toBuffer(value)), value)).not.toThrow();
    },
  );

  const logical: readonly (readonly [schema: unknown, pattern: RegExp])[] = [
    [{ type: "string", logicalType: "uuid" }, /^[0-9a-f]{8}-[0-9a-f]{4}-4/],
    [{ type: "int", logicalType: "date" }, /^20\d\d-\d\d-\d\d$/],
    [{ type: "bytes", logicalType: "decimal", precision: 4, scale: 2 }, /^\d{1,2}\.\d\d$/],
    [{ type: "bytes", logicalType: "decimal", precision: 2, scale: 2 }, /^0\.\d\d$/],
    [{ type: "bytes", logicalType: "decimal", precision: 3 }, /^\d{1,3}$/],
    [{ type: "long", logicalType: "local-timestamp-nanos" }, /^20\d\d-.*T.*\.\d{9}$/],
  ];
  test.each(logical)("of %j looks like one", (schema, pattern) => {
    const things = topic({ name: "t", key: noKey, value: typeOf(JSON.stringify(schema), {}) });
    for (let seed = 0; seed < 50; seed++) expect(sample(things, { seed }).value).toMatch(pattern);
  });

  const named: readonly (readonly [field: string, pattern: RegExp])[] = [
    ["email", /^\p{L}+@example\.com$/u],
    ["billingEmailAddress", /@example\.com$/],
    ["first_name", /^\p{L}+$/u],
    ["customerName", /^\p{L}+ \p{L}+$/u],
    ["orderId", /^[a-z]+-\d+$/],
    ["currency", /^[A-Z]{3}$/],
    ["homepageUrl", /^https:\/\//],
    ["remark", /^[a-z]+ [a-z]+$/],
  ];
  test.each(named)("text for %s suits the name", (field, pattern) => {
    const fields = [{ name: field, type: "string" }];
    const schema = JSON.stringify({ type: "record", name: "R", fields });
    const things = topic({ name: "t", key: noKey, value: typeOf(schema, {}) });
    for (let seed = 0; seed < 20; seed++) {
      const value = sample(things, { seed }).value as Record<string, string>;
      expect(value[field]).toMatch(pattern);
    }
  });

  test("a recursive type ends", () => {
    const fields = [
      { name: "next", type: ["null", "Node"] },
      { name: "children", type: { type: "array", items: "Node" } },
      { name: "byName", type: { type: "map", values: "Node" } },
    ];
    const schema = JSON.stringify({ type: "record", name: "Node", fields });
    const nodes = topic({ name: "nodes", key: noKey, value: typeOf(schema, {}) });
    const depths = Array.from({ length: 200 }, (_, seed) => depthOf(sample(nodes, { seed }).value));
    expect(Math.max(...depths)).toBeGreaterThan(4);
    expect(Math.max(...depths)).toBeLessThan(20);
  });

  test("a type without a finite value is refused", () => {
    const fields = [{ name: "self", type: "Ouroboros" }];
    const schema = JSON.stringify({ type: "record", name: "Ouroboros", fields });
    const endless = topic({ name: "endless", key: noKey, value: typeOf(schema, {}) });
    expect(() => sample(endless)).toThrow("no finite value fits its schema");
  });

  test("the same seed gives the same record, another one another", () => {
    expect(sample(ordersV2, { seed: 7 })).toEqual(sample(ordersV2, { seed: 7 }));
    expect(sample(ordersV2, { seed: 7 })).not.toEqual(sample(ordersV2, { seed: 8 }));
    expect(sample(ordersV2)).toEqual(sample(ordersV2, { seed: 1 }));
  });

  test("keys are made as well, and typed producers take the record", async () => {
    const raw = topic({ name: "raw", key: rawType, value: bytesType });
    const text = topic({ name: "text", key: stringType, value: stringType });
    const broker = createTestBroker({ topics: [ordersV2, users, raw, text] });
    const producer = await createProducer(broker);
    await producer.send(ordersV2, sample(ordersV2));
    await producer.send(users, sample(users));
    await producer.send(raw, sample(raw));
    await producer.send(text, sample(text));
    await producer.close();
    expect(broker.records(users)).toMatchObject([sample(users)]);
    expect(broker.records(ordersV2)).toMatchObject([sample(ordersV2)]);
    expect(broker.records(raw)).toMatchObject([sample(raw)]);
    expect(broker.records(text)).toMatchObject([sample(text)]);
  });

  test("a seed is an integer", () => {
    expect(() => sample(users, { seed: 0.5 })).toThrow(
      expect.objectContaining({ code: "TESTING_OPTION_INVALID" }),
    );
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
