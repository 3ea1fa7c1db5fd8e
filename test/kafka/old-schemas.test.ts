/** Typed clients with schemas of registries that never checked names and defaults. */
import { describe, expect, test } from "vitest";
import { assertVersionsReadable } from "../../src/kafka/admin/readable-versions.ts";
import { createTypeReader } from "../../src/kafka/codec/type-reader.ts";
import { createTypeWriter } from "../../src/kafka/codec/type-writer.ts";

import { avroType, noKey, topic } from "../../src/schema/index.ts";
import { MemoryRegistry } from "./fixtures.ts";

const PART = { topic: "old", part: "value" } as const;
const SUBJECT = "old-value";

const record = (fields: readonly object[], more: object = {}): string =>
  JSON.stringify({ type: "record", name: "Old", fields, ...more });

/** Schemas of registries that never checked names or defaults, each with a value. */
const OLD: readonly (readonly [string, string, unknown])[] = [
  ["a type name with a hyphen", record([], { name: "Order-Line" }), {}],
  ["a namespace with a hyphen", record([], { namespace: "my-team.v1" }), {}],
  ["a namespace that begins with a digit", record([], { namespace: "2024.orders" }), {}],
  ["a field name with a dot", record([{ name: "a.b", type: "int" }]), { "a.b": 7 }],
  ["a field name in another script", record([{ name: "größe", type: "int" }]), { größe: 7 }],
  [
    "a symbol that is no name",
    record([{ name: "e", type: { type: "enum", name: "E", symbols: ["N/A"] } }]),
    { e: "N/A" },
  ],
  ["an alias that is no name", record([], { aliases: ["Order Line"] }), {}],
  ["a default of another type", record([{ name: "n", type: "int", default: "1" }]), { n: 7 }],
  [
    "a default of the second branch",
    record([{ name: "u", type: ["null", "string"], default: "x" }]),
    { u: "y" },
  ],
];

describe("schemas that today's rules would refuse", () => {
  test.each(OLD)("%s: written, read back, and checked at start", async (_, schema, value) => {
    const type = avroType<unknown, unknown>({
      subject: SUBJECT,
      name: "Old",
      schema,
      fingerprint: "0",
    });
    const registry = new MemoryRegistry(type);
    const buffer = Buffer.alloc(64);
    const write = await createTypeWriter(type, PART, { registry });
    const end = write(value, buffer, 0);
    const reader = createTypeReader(type, PART, { registry });
    const id = reader.writer(buffer, 0, end);
    await reader.load(id);
    expect(reader.decode(id, buffer, 0, end)).toEqual(value);
    await assertVersionsReadable([topic({ name: "old", key: noKey, value: type })], {
      versions: () => Promise.resolve([1]),
      closedSchema: () => Promise.resolve(schema),
    });
  });
});
