/** Plain text as a value: written in the room that is reserved for it, and read again. */
import { expect, test } from "vitest";
import { createTypeReader, NO_SCHEMA } from "../../src/kafka/codec/type-reader.ts";
import { createTypeWriter } from "../../src/kafka/codec/type-writer.ts";

import type { AnyTopic } from "../../src/schema/index.ts";
import { audit, fullRegistry } from "./fixtures.ts";

const registry = fullRegistry();
const { value: textType }: AnyTopic = audit;
const reader = createTypeReader(textType, { topic: "t", part: "key" }, { registry });

test.each([
  ["nothing", ""],
  ["ASCII up to the length that is looked at by hand", "a".repeat(64)],
  ["ASCII beyond it", "a".repeat(65)],
  ["a byte above 127 at the end of short text", `${"a".repeat(20)}é`],
  ["more than two bytes a character", "水🚀"],
  ["a byte order mark", "\ufeffa"],
])("text keys and values come back as they were sent: %s", async (_what, text) => {
  const write = await createTypeWriter(textType, { topic: "t", part: "key" }, { registry });
  const exact = Buffer.byteLength(text);
  for (const room of [exact, exact * 3 + 8]) {
    const buffer = Buffer.alloc(room + 4, "#");
    const target = buffer.subarray(0, room);
    const end = write(text, target, 0);
    expect(end).toBe(exact);
    expect(reader.decode(NO_SCHEMA, buffer, 0, end)).toBe(text);
    expect(buffer.toString("latin1", end)).toBe("#".repeat(buffer.length - end));
  }
  expect(write(text, Buffer.alloc(0), 0)).toBe(exact);
});

test.each([
  ["short", [0x61, 0xff]],
  ["long", [...Buffer.alloc(80, "a"), 0xc3]],
])("bytes that are no UTF-8 are not text: %s", (_what, bytes) => {
  const buffer = Buffer.from(bytes);
  expect(() => reader.decode(NO_SCHEMA, buffer, 0, buffer.length)).toThrow(TypeError);
});
