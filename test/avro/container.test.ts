import avsc from "avsc";
import { describe, expect, test } from "vitest";
import { parseSchema, readContainer, writeContainer } from "../../src/avro/index.ts";

const schema = parseSchema(
  '{"type":"record","name":"Reading","fields":[{"name":"at","type":"long"},{"name":"text","type":"string"}]}',
  { mode: "strict" },
);
const values = Array.from({ length: 500 }, (_, i) => ({ at: BigInt(i), text: `reading ${i}` }));

describe.each(["null", "deflate"] as const)("compression %s", (compression) => {
  test("what was written reads back, in several blocks", () => {
    const file = writeContainer(schema, values, { compression, blockBytes: 1000 });
    const container = readContainer(file);
    expect(container.compression).toBe(compression);
    expect([...container.values()]).toStrictEqual(values);
  });

  test("the same values give the same file", () => {
    const write = () => writeContainer(schema, values, { compression });
    expect(write()).toStrictEqual(write());
  });

  test("avsc reads what we write", async () => {
    const decoder = new avsc.streams.BlockDecoder();
    const seen: unknown[] = [];
    decoder.on("data", (value: unknown) => seen.push({ ...(value as object) }));
    const ended = new Promise((resolve) => decoder.on("end", resolve));
    decoder.end(writeContainer(schema, values, { compression }));
    await ended;
    expect(seen).toEqual(values.map(({ at, text }) => ({ at: Number(at), text })));
  });
});

test("values are resolved to another reader", () => {
  const reader = parseSchema(
    '{"type":"record","name":"Reading","fields":[{"name":"text","type":"string"},{"name":"more","type":"int","default":1}]}',
    { mode: "strict" },
  );
  const file = writeContainer(schema, values.slice(0, 1));
  expect([...readContainer(file, { reader }).values()]).toStrictEqual([
    { text: "reading 0", more: 1 },
  ]);
});

test("metadata of one's own is kept, keys of Avro's are refused", () => {
  const metadata = new Map([["origin", Buffer.from("tests")]]);
  const container = readContainer(writeContainer(schema, [], { metadata }));
  expect(Buffer.from(container.metadata.get("origin") ?? []).toString()).toBe("tests");
  const reserved = new Map([["avro.codec", Buffer.from("x")]]);
  expect(() => writeContainer(schema, [], { metadata: reserved })).toThrow(
    expect.objectContaining({ code: "AVRO_VALUE_INVALID" }),
  );
});

test("a value larger than a block is written whole", () => {
  const big = { at: 1n, text: "x".repeat(300_000) };
  expect([...readContainer(writeContainer(schema, [big, big])).values()]).toStrictEqual([big, big]);
});

describe("broken files are refused", () => {
  const file = writeContainer(schema, values.slice(0, 3));
  const headerEnd = writeContainer(schema, []).length;
  const bent = (at: number, byte: number) => {
    const copy = Buffer.from(file);
    copy[at] = byte;
    return copy;
  };

  test.each([
    ["empty", Buffer.alloc(0)],
    ["another magic", bent(0, 0)],
    ["cut in the metadata", file.subarray(0, 20)],
    ["cut in the header's sync marker", file.subarray(0, headerEnd - 1)],
    ["cut in a block", file.subarray(0, file.length - 20)],
    ["another sync marker", bent(file.length - 1, file.at(-1) === 0 ? 1 : 0)],
    ["a negative count", bent(headerEnd, 1)],
    ["a block of no varint", Buffer.concat([file.subarray(0, headerEnd), Buffer.alloc(30, 0xff)])],
  ])("%s", (_, bytes) => {
    expect(() => [...readContainer(bytes).values()]).toThrow(
      expect.objectContaining({ code: "AVRO_CONTAINER_INVALID" }),
    );
  });

  test("a block that inflates beyond the limit", () => {
    const bomb = writeContainer(schema, [{ at: 1n, text: "x".repeat(100_000) }], {
      compression: "deflate",
    });
    const limits = { bytesMax: 10_000 };
    expect(() => [...readContainer(bomb, { limits }).values()]).toThrow(
      expect.objectContaining({ code: "AVRO_CONTAINER_INVALID" }),
    );
  });
});
