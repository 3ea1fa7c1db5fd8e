/** Text in buffers: the undocumented calls of Node and the documented ones are one contract. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, test as plain } from "vitest";
import { bufferText, chooseText, directText, documentedText } from "../../src/avro/buffer-text.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("a", "é", "€", "😀", "\ud800", "\udc00", "\0"))
    .map((all) => all.join("")),
);
const bytes = fc.uint8Array({ maxLength: 40 }).map((all) => Buffer.from(all));

describe.each([
  ["undocumented", directText],
  ["documented", documentedText],
])("%s calls", (_name, text) => {
  test.prop([texts, fc.nat(8), fc.nat(8)])(
    "write valid UTF-8 and nothing behind",
    (value, at, spare) => {
      const expected = Buffer.from(value, "utf8");
      const b = Buffer.alloc(at + expected.length + spare + 1, 0x2e);
      expect(text.writeUtf8(b, value, at, expected.length + spare)).toBe(expected.length);
      expect(b.subarray(at, at + expected.length)).toEqual(expected);
      expect(b.subarray(0, at).every((byte) => byte === 0x2e)).toBe(true);
      expect(b.subarray(at + expected.length).every((byte) => byte === 0x2e)).toBe(true);
    },
  );

  plain("write whole characters only", () => {
    const b = Buffer.alloc(6, 0x2e);
    expect([0, 1, 2, 3, 4, 5].map((room) => text.writeUtf8(b, "a€é", 0, room))).toEqual([
      ...[0, 1, 1, 1, 4, 4],
    ]);
  });

  test.prop([bytes, fc.nat(40), fc.nat(40)])("read what the documentation says", (b, one, two) => {
    const [start = 0, end = 0] = [one, two]
      .map((at) => Math.min(at, b.length))
      .sort((x, y) => x - y);
    expect(text.readUtf8(b, start, end)).toBe(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(b.subarray(start, end)),
    );
    const units = Array.from(b.subarray(start, end), (byte) => String.fromCharCode(byte));
    expect(text.readLatin1(b, start, end)).toBe(units.join(""));
  });
});

describe("the choice", () => {
  plain("this Node has the undocumented calls", () => {
    expect(bufferText).toBe(directText);
  });

  plain.each([
    ["is gone", { writeUtf8: () => (undefined as unknown as () => number)() }],
    ["writes in another way", { writeUtf8: () => 0 }],
    ["reads in another way", { readUtf8: () => "" }],
    ["reads bytes in another way", { readLatin1: () => "" }],
    ["ignores the room", { writeUtf8: (b: Buffer, text: string, at: number) => b.write(text, at) }],
  ])("the documented calls step in where one of them %s", (_why, other) => {
    expect(chooseText({ ...directText, ...other })).toBe(documentedText);
  });
});
