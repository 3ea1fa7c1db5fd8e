/** The bytes of every type, both ways, as the conformance cases have them. */
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/avro/index.ts";
import {
  createCodec,
  createSingleObjectCodec,
  parseJson,
  parseSchema,
  readContainer,
} from "../../src/avro/index.ts";
import { datumOf, datumOfText, RAW } from "./avro-json.ts";
import { readCases } from "./conformance.ts";

interface EncodingCases {
  readonly encode: readonly { schema: unknown; json?: unknown; json_text?: string; hex: string }[];
  readonly decode: readonly {
    name: string;
    schema: unknown;
    hex: string;
    java_1_12_1: string;
    json_text?: string;
  }[];
  readonly single_object: { schema: unknown; message_hex: string };
  readonly object_container_files: {
    weather_json: readonly string[];
    files_base64: Readonly<Record<string, string>>;
  };
}

/** Where we do not do what Java does, and why. */
const OUR_OWN = new Map([
  ["boolean byte 2", "AVRO_DATA_INVALID"], // Java reads false: a wrong schema would go unseen
  ["trailing bytes", "AVRO_DATA_TRAILING"], // Java reads streams; a message is one value
  ["array count huge, no data", "AVRO_LIMIT_EXCEEDED"], // Java makes 50,000,000 nulls of six bytes
]);

const file = readCases<EncodingCases>("encoding.json");
const schemaOf = (json: unknown) => parseSchema(JSON.stringify(json), { mode: "strict" });

describe.each([true, false])("encodes as Java (compile: %s)", (compile) => {
  test.each(file.encode)("$schema $json $json_text is $hex", (row) => {
    const schema = schemaOf(row.schema);
    const json: Json = parseJson(row.json_text ?? JSON.stringify(row.json));
    const value = Object.is(row.json, -0) ? -0 : datumOf(schema, json);
    const codec = createCodec(schema, { mapping: RAW, compile });
    expect(codec.toBuffer(value).toString("hex")).toBe(row.hex);
    const read = row.schema === "float" ? Math.fround(value as number) : value;
    expect(codec.fromBuffer(Buffer.from(row.hex, "hex"))).toStrictEqual(read);
  });

  test.each(file.decode)("$name", (row) => {
    const schema = schemaOf(row.schema);
    const { fromBuffer } = createCodec(schema, { mapping: RAW, compile });
    const read = () => fromBuffer(Buffer.from(row.hex, "hex"));
    const refusal = OUR_OWN.get(row.name);
    if (refusal !== undefined) {
      expect(read).toThrow(expect.objectContaining({ code: refusal }));
    } else if (row.json_text === undefined) {
      const code: unknown = expect.stringMatching(/^AVRO_DATA_(TRUNCATED|INVALID)$/);
      expect(read).toThrow(expect.objectContaining({ code }));
    } else {
      expect(read()).toStrictEqual(datumOfText(schema, row.json_text));
    }
  });
});

describe("files of Apache Avro", () => {
  test("the single-object message reads, and is written again byte for byte", () => {
    const hex = file.single_object.message_hex;
    const codec = createSingleObjectCodec(schemaOf(file.single_object.schema));
    const value = codec.fromBuffer(Buffer.from(hex, "hex"));
    expect(value).toStrictEqual({ id: 42n, name: "Bill", tags: ["dog_lover", "cat_hater"] });
    expect(codec.toBuffer(value).toString("hex")).toBe(hex);
  });

  test.each([
    ["weather.avro", "null"],
    ["weather-deflate.avro", "deflate"],
    ["weather-sorted.avro", "deflate"],
  ])("%s holds the readings, compressed with %s", (name, compression) => {
    const container = readContainer<{ station: string; time: number }>(containerFile(name), {
      mapping: { long: "number" },
    });
    expect(container.compression).toBe(compression);
    const expected = file.object_container_files.weather_json.map((line) => JSON.parse(line));
    const values = [...container.values()];
    expect(values).toHaveLength(5);
    expect(values).toStrictEqual(expect.arrayContaining(expected as unknown[]));
  });

  test.each([
    ["syncInMeta.avro", 6001, { ID: 1n, First: "Dante", Last: "Hicks", Phone: "(0)", Age: 32 }],
    ["schemas/simple/data.avro", 3, { text: "hello" }],
    ["schemas/withUnion/data.avro", 3, { data1: "textValue", data2: null }],
  ])("%s holds %d values", (name, count, first) => {
    const values = [...readContainer(containerFile(name)).values()];
    expect(values).toHaveLength(count);
    expect(values[0]).toStrictEqual(first);
  });

  test.each([
    ["weather-snappy.avro", "AVRO_CONTAINER_CODEC_UNSUPPORTED"],
    ["weather-zstd.avro", "AVRO_CONTAINER_CODEC_UNSUPPORTED"],
    ["test.avro12", "AVRO_CONTAINER_INVALID"],
  ])("%s is refused with %s", (name, code) => {
    expect(() => readContainer(containerFile(name))).toThrow(expect.objectContaining({ code }));
  });
});

function containerFile(name: string): Buffer {
  return Buffer.from(file.object_container_files.files_base64[name] ?? "", "base64");
}
