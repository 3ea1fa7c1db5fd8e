/** One table of promotions: whoever compares and whoever decodes follows it. */
import { describe, expect, test } from "vitest";
import { canRead, createDecoder, parseSchema } from "../../src/avro/index.ts";
import { isPromotable, promotionsOf } from "../../src/avro/promotions.ts";

const KINDS = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"] as const;

/** A value of each type. */
const BYTES: Readonly<Record<(typeof KINDS)[number], Buffer>> = {
  null: Buffer.alloc(0),
  boolean: Buffer.of(1),
  int: Buffer.of(2),
  long: Buffer.of(2),
  float: Buffer.alloc(4),
  double: Buffer.alloc(8),
  bytes: Buffer.of(0),
  string: Buffer.of(0),
};

/** The specification's "Schema Resolution", by the reader's type. */
const READERS_TAKE: Readonly<Record<string, readonly string[]>> = {
  long: ["int"],
  float: ["int", "long"],
  double: ["int", "long", "float"],
  bytes: ["string"],
  string: ["bytes"],
};

const pairs = KINDS.flatMap((writer) => KINDS.map((reader) => [writer, reader] as const));

describe.each(pairs)("%s read as %s", (writer, reader) => {
  const isPromoted = READERS_TAKE[reader]?.includes(writer) === true;
  const isReadable = isPromoted || writer === reader;
  const read = (text: string) => parseSchema(text, { mode: "strict" });
  const decodes = (from: string, to: string): boolean => {
    try {
      createDecoder(read(from), read(to)).decode(BYTES[writer], 0, BYTES[writer].length);
      return true;
    } catch {
      return false;
    }
  };

  test("is in the table when the specification says so", () => {
    expect(isPromotable(writer, reader)).toBe(isPromoted);
    expect(promotionsOf(writer).includes(reader)).toBe(isPromoted);
  });

  test("is the same for the comparison and the decoder, also inside of other types", () => {
    for (const wrap of [
      (kind: string) => `"${kind}"`,
      (kind: string) => `{"type":"array","items":"${kind}"}`,
      (kind: string) => `{"type":"record","name":"R","fields":[{"name":"f","type":"${kind}"}]}`,
    ]) {
      expect(canRead(read(wrap(reader)), read(wrap(writer)))).toBe(isReadable);
    }
    for (const text of [`"${reader}"`, `["${reader}"]`]) {
      expect(canRead(read(text), read(`"${writer}"`))).toBe(isReadable);
      expect(decodes(`"${writer}"`, text)).toBe(isReadable);
    }
  });
});
