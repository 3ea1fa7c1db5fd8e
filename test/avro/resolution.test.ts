import { describe, expect, test } from "vitest";
import { createDecoder, parseSchema } from "../../src/avro/index.ts";
import { datumOfText, RAW } from "./avro-json.ts";
import { readCases } from "./conformance.ts";

interface ResolutionCase {
  readonly id: string;
  readonly writer: unknown;
  readonly reader: unknown;
  readonly writer_hex: string;
  readonly expected_datum_text?: string;
  readonly expected_error?: true;
}

const { cases } = readCases<{ cases: readonly ResolutionCase[] }>("resolution.json");

describe("resolves as Java's GenericDatumReader", () => {
  for (const compile of [false, true]) {
    test.each(cases)(`$id (compile: ${compile})`, (row) => {
      const reader = parseSchema(JSON.stringify(row.reader), { mode: "strict" });
      const decoder = createDecoder(
        parseSchema(JSON.stringify(row.writer), { mode: "strict" }),
        reader,
        {
          mapping: RAW,
          compile,
        },
      );
      const bytes = Buffer.from(row.writer_hex, "hex");
      const read = () => decoder.decode(bytes, 0, bytes.length);
      if (row.expected_datum_text === undefined) {
        expect(read).toThrow(expect.objectContaining({ code: "AVRO_DATA_UNREADABLE" }));
      } else {
        expect(read()).toStrictEqual(datumOfText(reader, row.expected_datum_text));
      }
    });
  }
});
