/** Codecs of public schemas, against values made for them. */
import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileReader } from "../../src/avro/compile-read.ts";
import { compileWriter } from "../../src/avro/compile-write.ts";
import { createCodec, DEFAULT_LIMITS, parseSchema } from "../../src/avro/index.ts";
import { planReading } from "../../src/avro/resolution.ts";
import { newBudget } from "../../src/avro/skip.ts";
import { planWriting } from "../../src/avro/write-plan.ts";
import { hasPublicSchemas, PUBLIC_ABSENT, readPublicSchemas } from "./conformance.ts";
import { valuesOf } from "./values.ts";

/** Some files are broken on purpose or refer to others; the parser's tests look at those. */
const files = readPublicSchemas().filter(({ text }) => parses(text));

function parses(text: string): boolean {
  try {
    return parseSchema(text, { mode: "stored" }) !== undefined;
  } catch {
    return false;
  }
}

describe.skipIf(!hasPublicSchemas)(`schemas found in the wild ${PUBLIC_ABSENT}`, () => {
  test.each(files)("values of $name survive, compiled and interpreted", ({ text }) => {
    const schema = parseSchema(text, { mode: "stored" });
    const values = fc.sample(valuesOf(schema), { numRuns: 2, seed: 7 });
    const slab = Buffer.alloc(1_000_000);
    const write = compileWriter(planWriting(schema, {}), DEFAULT_LIMITS);
    const read = compileReader(planReading(schema, schema, {}), newBudget(DEFAULT_LIMITS));
    const interpreted = createCodec(schema, { compile: false });
    for (const value of values) {
      const end = write(value, slab, 0);
      expect(interpreted.toBuffer(value).equals(slab.subarray(0, end))).toBe(true);
      deepStrictEqual(read(slab, 0, end), value);
    }
  });
});
