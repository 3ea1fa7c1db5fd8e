import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { parseSchema, parsingCanonicalForm, printSchema } from "../../src/avro/index.ts";
import { arbSchemaText } from "./arbitraries.ts";

test.prop([arbSchemaText], { numRuns: 300 })("a printed schema prints the same again", (text) => {
  const printed = printSchema(parseSchema(text));
  expect(printSchema(parseSchema(printed))).toBe(printed);
});
