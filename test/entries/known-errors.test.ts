import { expect, test } from "vitest";
import { avroErrors } from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/entries/index.ts";

const path = "../../dist/src/avro/index.js";
/** The same module as another installed copy: other classes, the same tables. */
const other = (await import(path)) as { avroErrors: typeof avroErrors };

test.each([
  ["this copy", avroErrors],
  ["another copy", other.avroErrors],
])("an error of %s is known by its code", (_title, table) => {
  const error = table.create("AVRO_COMPARISON_TOO_LARGE", { limit: 1 });
  expect(isTypewireError(error)).toBe(true);
  expect(isTypewireError(error, "AVRO_COMPARISON_TOO_LARGE")).toBe(true);
  expect(isTypewireError(error, "CLIENT_REFUSED", "AVRO_COMPARISON_TOO_LARGE")).toBe(true);
  expect(isTypewireError(error, "CLIENT_REFUSED")).toBe(false);
  expect(isTypewireError(error, "CLIENT_REFUSED", "STORE_FULL")).toBe(false);
});

test("the copies are two", () => {
  expect(other.avroErrors).not.toBe(avroErrors);
});

test.each([
  undefined,
  null,
  "AVRO_COMPARISON_TOO_LARGE",
  { name: "TypewireError", code: "AVRO_COMPARISON_TOO_LARGE" },
  Object.assign(new Error("x"), { code: "AVRO_COMPARISON_TOO_LARGE" }),
])("%j is none", (value) => {
  expect(isTypewireError(value)).toBe(false);
  expect(isTypewireError(value, "AVRO_COMPARISON_TOO_LARGE")).toBe(false);
});
