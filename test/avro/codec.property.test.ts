import { isDeepStrictEqual } from "node:util";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { compileReader } from "../../src/avro/compile-read.ts";
import { compileWriter } from "../../src/avro/compile-write.ts";
import type { MappingOptions } from "../../src/avro/index.ts";
import { createCodec, createDecoder, DEFAULT_LIMITS, parseSchema } from "../../src/avro/index.ts";
import { planReading } from "../../src/avro/resolution.ts";
import { newBudget } from "../../src/avro/skip.ts";
import { planWriting } from "../../src/avro/write-plan.ts";
import { arbSchemaText } from "./arbitraries.ts";
import { valuesOf } from "./values.ts";

const MAPPINGS: readonly MappingOptions[] = [
  {},
  { logical: "raw" },
  { long: "number" },
  { long: "number", logical: "raw" },
];
const mappings = fc.constantFrom(...MAPPINGS);

/** The generator now and then draws a default that contains itself. */
function isParsable(text: string): boolean {
  try {
    return parseSchema(text, { mode: "strict" }) !== undefined;
  } catch {
    return false;
  }
}

const schemaAndValue = fc
  .tuple(arbSchemaText.filter(isParsable), mappings)
  .map(([text, mapping]) => ({ text, mapping, schema: parseSchema(text, { mode: "strict" }) }))
  .chain((drawn) => valuesOf(drawn.schema, drawn.mapping).map((value) => ({ ...drawn, value })));

/** Stricter than vitest's: prototypes and -0 count everywhere. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
  expect(isDeepStrictEqual(actual, expected)).toBe(true);
}

/** The outcome of a call, comparable: a value, or the code and message of an error. */
function outcome(call: () => unknown): unknown {
  try {
    return { value: call() };
  } catch (error) {
    return { error: String(error), code: (error as { code?: unknown }).code };
  }
}

describe("codec, over random schemas and values", () => {
  test.prop([schemaAndValue], { numRuns: 150 })(
    "what was encoded decodes to the same value, compiled and interpreted",
    ({ schema, mapping, value }) => {
      const compiled = createCodec(schema, { mapping });
      const interpreted = createCodec(schema, { mapping, compile: false });
      const bytes = compiled.toBuffer(value);
      expectSame(interpreted.toBuffer(value), bytes);
      expectSame(compiled.fromBuffer(bytes), value);
      expectSame(interpreted.fromBuffer(bytes), value);
    },
  );

  test.prop([schemaAndValue], { numRuns: 100 })(
    "compiled code reads and writes what is right by itself, without the interpreter",
    ({ schema, mapping, value }) => {
      const slab = Buffer.alloc(100_000);
      const end = compileWriter(planWriting(schema, mapping), DEFAULT_LIMITS)(value, slab, 0);
      const read = compileReader(planReading(schema, schema, mapping), newBudget(DEFAULT_LIMITS));
      expectSame(read(slab, 0, end), value);
    },
  );

  test.prop([schemaAndValue, fc.nat(40)], { numRuns: 100 })(
    "a buffer that is too short is left alone outside the value, and the end says what is needed",
    ({ schema, mapping, value }, room) => {
      const { encode, toBuffer } = createCodec(schema, { mapping });
      const { length } = toBuffer(value);
      const frame = Buffer.alloc(room + 10, 0xaa);
      const end = encode(value, frame.subarray(0, room + 5), 5);
      expect(end).toBe(5 + length);
      expectSame(frame.subarray(0, 5), Buffer.alloc(5, 0xaa));
      const untouched = frame.subarray(Math.min(end, room + 5));
      expectSame(untouched, Buffer.alloc(untouched.length, 0xaa));
      if (end <= room + 5) expectSame(frame.subarray(5, end), toBuffer(value));
    },
  );

  test.prop([schemaAndValue, fc.anything()], { numRuns: 150 })(
    "a value that does not fit is refused alike by compiled code and interpreter",
    ({ schema, mapping }, value) => {
      const compiled = createCodec(schema, { mapping });
      const interpreted = createCodec(schema, { mapping, compile: false });
      expectSame(
        outcome(() => compiled.toBuffer(value)),
        outcome(() => interpreted.toBuffer(value)),
      );
    },
  );

  test.prop([schemaAndValue, fc.uint8Array({ maxLength: 30 }), fc.nat(), fc.nat(255)], {
    numRuns: 150,
  })(
    "hostile bytes give the same value or typed error, compiled and interpreted",
    ({ schema, mapping, value }, noise, at, byte) => {
      const limits = { itemsMax: 1000, emptyItemsMax: 100, depthMax: 20 };
      const compiled = createCodec(schema, { mapping, limits });
      const interpreted = createCodec(schema, { mapping, limits, compile: false });
      const bytes = compiled.toBuffer(value);
      const bent = Buffer.from(bytes);
      if (bent.length > 0) bent[at % bent.length] = byte;
      for (const data of [noise, bent, bytes.subarray(0, at % (bytes.length + 1))]) {
        const result = outcome(() => compiled.fromBuffer(data));
        expectSame(
          outcome(() => interpreted.fromBuffer(data)),
          result,
        );
        if ("error" in (result as object)) {
          expect((result as { code: string }).code).toMatch(/^AVRO_(DATA|LIMIT)_/);
        }
      }
    },
  );

  test.prop([schemaAndValue], { numRuns: 100 })(
    "a decoder reads the range that it is given and nothing around it",
    ({ schema, mapping, value }) => {
      const bytes = createCodec(schema, { mapping }).toBuffer(value);
      const frame = Buffer.concat([Buffer.alloc(3, 1), bytes, Buffer.alloc(3, 1)]);
      const { decode } = createDecoder(schema, schema, { mapping });
      const code: unknown = expect.stringMatching(/^AVRO_DATA_/);
      const invalid: unknown = expect.objectContaining({ code });
      expectSame(decode(frame, 3, 3 + bytes.length), value);
      expect(() => decode(frame, 3, 4 + bytes.length)).toThrow(invalid);
      fc.pre(bytes.length > 0);
      expect(() => decode(frame, 3, 2 + bytes.length)).toThrow(invalid);
    },
  );
});
