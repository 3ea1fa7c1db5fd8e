import { expect, test } from "vitest";
import {
  createSingleObjectCodec,
  fingerprintHex,
  parseSchema,
  peekFingerprint,
} from "../../src/avro/index.ts";

const v1 = parseSchema('{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}', {
  mode: "strict",
});
const v2 = parseSchema(
  '{"type":"record","name":"R","fields":[{"name":"a","type":"long"},{"name":"b","type":"string","default":"x"}]}',
  { mode: "strict" },
);

test("a message starts with c3 01 and the little-endian fingerprint of its schema", () => {
  const message = createSingleObjectCodec(parseSchema('"int"', { mode: "strict" })).toBuffer(1);
  expect(message.toString("hex")).toBe("c3018f5c393f1ad5757202");
  expect(peekFingerprint(message)).toBe(0x7275d51a3f395c8fn);
});

test("messages of further writers are resolved to the codec's schema", () => {
  const old = createSingleObjectCodec(v1).toBuffer({ a: 7 });
  const codec = createSingleObjectCodec(v2, { writers: [v1] });
  expect(codec.fromBuffer(old)).toStrictEqual({ a: 7n, b: "x" });
  expect(codec.fromBuffer(codec.toBuffer({ a: 1n, b: "y" }))).toStrictEqual({ a: 1n, b: "y" });
});

test("a message longer than the first slab is written whole", () => {
  const codec = createSingleObjectCodec(parseSchema('"string"', { mode: "strict" }));
  expect(codec.fromBuffer(codec.toBuffer("x".repeat(5000)))).toBe("x".repeat(5000));
});

test("a message of an unknown schema is refused with its fingerprint", () => {
  const old = createSingleObjectCodec(v1).toBuffer({ a: 7 });
  const fingerprint = fingerprintHex(v1);
  expect(() => createSingleObjectCodec(v2).fromBuffer(old)).toThrow(
    expect.objectContaining({ code: "AVRO_FINGERPRINT_UNKNOWN", details: { fingerprint } }),
  );
});

test.each([
  ["", "nothing"],
  ["00", "00"],
  ["c301aabb", "c301aabb"],
  ["c3028f5c393f1ad5757202", "c3028f5c393f1ad57572"],
])("bytes %s are no message", (hex, found) => {
  expect(() => peekFingerprint(Buffer.from(hex, "hex"))).toThrow(
    expect.objectContaining({ code: "AVRO_MESSAGE_INVALID", details: { found } }),
  );
});
