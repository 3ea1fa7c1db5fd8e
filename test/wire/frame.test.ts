import { describe, expect, test } from "vitest";
import {
  FRAME_HEADER_BYTES,
  frameBytes,
  readSchemaHeader,
  readSchemaRef,
  SCHEMA_HEADERS,
  SCHEMA_ID_MAX,
  writeFrameHeader,
} from "../../src/wire/index.ts";

describe("the frame's header", () => {
  test.each([
    [0, "0000000000"],
    [1, "0000000001"],
    [258, "0000000102"],
    [0x12345678, "0012345678"],
    [SCHEMA_ID_MAX, "007fffffff"],
  ])("of schema id %d is %s", (id, hex) => {
    const buffer = Buffer.alloc(9, 0xee);
    expect(writeFrameHeader(buffer, 2, id)).toBe(7);
    expect(buffer.toString("hex", 2, 7)).toBe(hex);
    expect(buffer.toString("hex", 7)).toBe("eeee");
    expect(readSchemaRef(buffer, 2, 7)).toBe(id);
  });

  test("is not written where it does not fit, and the result says so", () => {
    const buffer = Buffer.alloc(6);
    expect(writeFrameHeader(buffer, 2, 1)).toBe(2 + FRAME_HEADER_BYTES);
    expect(buffer).toEqual(Buffer.alloc(6));
  });

  test.each([-1, 2 ** 31, 1.5, Number.NaN])("is refused for schema id %d", (id) => {
    expect(() => writeFrameHeader(Buffer.alloc(8), 0, id)).toThrow(
      expect.objectContaining({ code: "WIRE_SCHEMA_ID_INVALID" }),
    );
  });
});

describe("reading the writer of a frame", () => {
  test.each([
    ["", "WIRE_TOO_SHORT"],
    ["00", "WIRE_TOO_SHORT"],
    ["00000000", "WIRE_TOO_SHORT"],
    ["01", "WIRE_TOO_SHORT"],
    ["0100000001", "WIRE_TOO_SHORT"],
    [`01${"00".repeat(15)}`, "WIRE_TOO_SHORT"],
    ["0200000001", "WIRE_WRONG_MAGIC"],
    ["c301", "WIRE_WRONG_MAGIC"],
    ["7b2261223a317d", "WIRE_WRONG_MAGIC"],
    ["00ffffffff", "WIRE_SCHEMA_ID_INVALID"],
  ])("of the bytes '%s' fails with %s", (hex, code) => {
    const buffer = Buffer.from(hex, "hex");
    expect(() => readSchemaRef(buffer, 0, buffer.length)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test("looks at the given range only", () => {
    const buffer = Buffer.from("ffff0000000007ff", "hex");
    expect(readSchemaRef(buffer, 2, 7)).toBe(7);
    expect(() => readSchemaRef(buffer, 2, 6)).toThrow(
      expect.objectContaining({ code: "WIRE_TOO_SHORT" }),
    );
  });

  test("shows the first bytes of what is no frame", () => {
    const json = Buffer.from('{"orderId":1}');
    expect(() => readSchemaRef(json, 0, json.length)).toThrow(
      expect.objectContaining({
        message: "Payload begins with byte 123, a frame begins with 0 (schema id) or 1 (GUID)",
        hint: expect.stringContaining("7b226f7264657249") as string,
      }),
    );
  });
});

describe("a GUID", () => {
  const guid = "16f1eca5-ebf9-22b3-da80-212f8fa7342e";
  const bytes = Buffer.from(`01${guid.replaceAll("-", "")}`, "hex");

  test("stands behind a byte 1, and the body begins after 17 bytes", () => {
    const framed = Buffer.concat([Buffer.from("ffff", "hex"), bytes, Buffer.from("07", "hex")]);
    const ref = readSchemaRef(framed, 2, framed.length);
    expect([ref, frameBytes(ref)]).toEqual([guid, 17]);
    expect([readSchemaRef(framed, 2, 19), frameBytes(7)]).toEqual([guid, FRAME_HEADER_BYTES]);
  });

  test("or an id, can be in a header instead", () => {
    expect(readSchemaHeader(SCHEMA_HEADERS.value, bytes)).toBe(guid);
    expect(readSchemaHeader(SCHEMA_HEADERS.key, Buffer.from("0000000102", "hex"))).toBe(258);
  });

  test.each([
    ["", "WIRE_HEADER_INVALID"],
    ["00", "WIRE_HEADER_INVALID"],
    ["000000000100", "WIRE_HEADER_INVALID"],
    [bytes.toString("hex", 0, 16), "WIRE_HEADER_INVALID"],
    [`${bytes.toString("hex")}00`, "WIRE_HEADER_INVALID"],
    [`02${bytes.toString("hex", 1)}`, "WIRE_HEADER_INVALID"],
    [Buffer.from(guid).toString("hex"), "WIRE_HEADER_INVALID"],
    ["00ffffffff", "WIRE_SCHEMA_ID_INVALID"],
  ])("is not in a header with the bytes '%s': %s", (hex, code) => {
    const read = () => readSchemaHeader("__value_schema_id", Buffer.from(hex, "hex"));
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});

test("a header that fits exactly is written, one byte less and nothing is", () => {
  const exact = Buffer.alloc(7, 0xff);
  expect(writeFrameHeader(exact, 2, 7)).toBe(7);
  expect(exact.toString("hex")).toBe("ffff0000000007");
  const short = Buffer.alloc(6, 0xff);
  expect(writeFrameHeader(short, 2, 7)).toBe(7);
  expect(short.toString("hex")).toBe("ffffffffffff");
});
