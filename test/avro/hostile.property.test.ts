/**
 * Bytes from anywhere: decoding them ends with a value or an error of the table, within its limits.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Schema } from "../../src/avro/index.ts";
import {
  createCodec,
  createDecoder,
  createSingleObjectCodec,
  parseSchema,
  prettyJson,
  readContainer,
  writeContainer,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import { arbSchemaJson } from "./arbitraries.ts";

/** Small limits, so that what is without a bound would show. */
const limits = { itemsMax: 5000, emptyItemsMax: 2000, bytesMax: 100_000, depthMax: 50 };

/** Parts that make schemas costly, beside the ordinary ones. */
const costly = fc.constantFrom<unknown>(
  { type: "array", items: "null" },
  { type: "map", values: { type: "array", items: "null" } },
  { type: "fixed", name: "Zero", size: 0 },
  { type: "fixed", name: "Huge", size: 2_147_483_639 },
  { type: "fixed", name: "HugeDecimal", size: 100_000_000, logicalType: "decimal", precision: 500 },
  { type: "bytes", logicalType: "decimal", precision: 2_147_483_647, scale: 2_147_483_647 },
  { type: "bytes", logicalType: "decimal", precision: 1000, scale: 1000 },
  { type: "bytes", logicalType: "big-decimal" },
  { type: "long", logicalType: "timestamp-millis" },
  { type: "long", logicalType: "local-timestamp-millis" },
  { type: "string", logicalType: "uuid" },
  [],
  { type: "enum", name: "NoSymbols", symbols: [] },
  { type: "record", name: "Endless", fields: [{ name: "e", type: "Endless" }] },
  {
    type: "record",
    name: "Tree",
    fields: [
      { name: "l", type: { type: "array", items: "Tree" } },
      { name: "m", type: ["null", { type: "map", values: "Tree" }], default: null },
      { name: "d", type: "int", default: "no number" },
    ],
  },
);
const parsed = fc
  .tuple(arbSchemaJson, fc.array(costly, { maxLength: 2 }))
  .map(([json, extras]) => {
    const inner = JSON.parse(prettyJson(json)) as unknown;
    const fields = [inner, ...extras].map((type, i) => ({ name: `x${i}`, type }));
    try {
      return parseSchema(JSON.stringify({ type: "record", name: "Hostile", fields }), {
        mode: "stored",
      });
    } catch {
      return undefined;
    }
  })
  .filter((schema): schema is Schema => schema !== undefined);

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  // Small counts and lengths, many zeros: what structures are made of.
  fc
    .array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 0x7e, 0x80, 0xfe, 0xff, 0x0f), { maxLength: 80 })
    .map((all) => Uint8Array.from(all)),
);

/** A value, or an error of this module. */
const OURS = /^(?:AVRO_\w+)?$/;

/** Ends in a value or in an error of ours. */
function typed(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    if (!isTypewireError(error)) throw error;
    return error.code;
  }
}

/** Values that contain themselves, are shared, have holes or borrowed prototypes. */
const strange = fc.constantFrom<() => unknown>(
  () => {
    const self: Record<string, unknown> = {};
    for (const name of ["l", "m", "x0", "x1", "a", "b", "next", "value"]) self[name] = self;
    return self;
  },
  () => {
    const self: unknown[] = [];
    self.push(self, self);
    return { x0: self, x1: self, l: self };
  },
  () => ({ x0: Object.assign([], { length: 4_294_967_295 }), x1: [] }),
  () => ({
    x0: Object.create(Date.prototype) as unknown,
    x1: Object.create(Uint8Array.prototype) as unknown,
  }),
  () => Object.create(null) as unknown,
  () => ({ x0: Symbol("s"), x1: () => 1 }),
  () => ({ x0: 10n ** 4000n, x1: `0.${"1".repeat(5000)}` }),
  () => ({ x0: "9".repeat(30_000), x1: -(10n ** 19_000n) }),
  () => ({ x0: Number.NaN, x1: new Date(Number.NaN) }),
);

describe("no error but ours leaves the codec", () => {
  test.prop([parsed, parsed, bytes], { numRuns: 150 })(
    "decoding, with and without another reader",
    (writer, reader, data) => {
      for (const target of [writer, reader]) {
        const codes = [true, false].map((compile) =>
          typed(() =>
            createDecoder(writer, target, { limits, compile }).decode(
              Buffer.from(data),
              0,
              data.length,
            ),
          ),
        );
        expect(codes[0]).toBe(codes[1]);
      }
    },
  );

  test.prop(
    [
      parsed,
      fc.oneof(
        fc.anything(),
        strange.map((make) => make()),
      ),
    ],
    { numRuns: 150 },
  )("encoding", (schema, value) => {
    const codes = [true, false].map((compile) =>
      typed(() => createCodec(schema, { limits, compile }).toBuffer(value)),
    );
    expect(codes[0]).toBe(codes[1]);
  });

  test.prop([bytes, fc.nat(), fc.nat(255)], { numRuns: 100 })(
    "containers and single objects",
    (data, at, byte) => {
      const schema = parseSchema('{"type":"array","items":["null","string"]}', { mode: "strict" });
      const compression = at % 2 === 0 ? "deflate" : "null";
      const file = writeContainer(schema, [["a", null], [], ["b"]], { compression, blockBytes: 3 });
      const bent = Buffer.from(file);
      bent[at % bent.length] = byte;
      for (const each of [bent, Buffer.concat([file, data]), file.subarray(0, at % file.length)]) {
        expect(typed(() => [...readContainer(each, { limits }).values()])).toMatch(OURS);
      }
      const single = createSingleObjectCodec(schema, { limits });
      const message = Buffer.concat([single.toBuffer([]).subarray(0, 10), data]);
      expect(typed(() => single.fromBuffer(message))).toMatch(OURS);
      expect(typed(() => single.fromBuffer(data))).toMatch(OURS);
    },
  );
});
