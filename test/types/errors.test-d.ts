/** What the compiler knows of errors; compiled by `tsc -p tsconfig.json`, never run. */
import type { ErrorCode, TypewireError } from "typewire";
import { isTypewireError } from "typewire";
import { expectTypeOf } from "vitest";
import { defineErrors } from "../../src/base/index.ts";

declare const error: unknown;

if (isTypewireError(error)) {
  expectTypeOf(error).toEqualTypeOf<TypewireError>();
  expectTypeOf(error.code).toEqualTypeOf<string>();
}

if (isTypewireError(error, "KAFKA_DELIVERY_FAILED")) {
  expectTypeOf(error.code).toEqualTypeOf<"KAFKA_DELIVERY_FAILED">();
  expectTypeOf(error.details.failedIndexes).toEqualTypeOf<readonly number[]>();
  expectTypeOf(error.details.topic).toEqualTypeOf<string>();
  // @ts-expect-error the row names no such thing
  void error.details.partition;
}

if (isTypewireError(error, "CLIENT_REFUSED", "AVRO_VALUE_INVALID")) {
  // Which one it is decides what it tells.
  if (error.code === "CLIENT_REFUSED") expectTypeOf(error.details.status).toEqualTypeOf<number>();
  else expectTypeOf(error.details.path).toEqualTypeOf<unknown>();
}

// @ts-expect-error a misspelt code
isTypewireError(error, "KAFKA_DELIVERY_FAILD");
// @ts-expect-error one of two is misspelt
isTypewireError(error, "KAFKA_DELIVERY_FAILED", "CLIENT_REFUSE");

expectTypeOf<"STORE_FULL" | "WIRE_TOO_SHORT" | "CODEGEN_LOCK_MISSING">().toExtend<ErrorCode>();

const table = defineErrors({
  X_PLAIN: { message: "plain", hint: "Do it." },
  X_FULL: { message: "{a} of {b}", hint: "See {c}.", details: { b: "number" } },
});
table.create("X_PLAIN");
table.create("X_FULL", { a: 1, b: 2, more: 3 });
// @ts-expect-error a message with a hole
table.create("X_FULL", { a: 1 });
// @ts-expect-error not of the type that the row declares
table.create("X_FULL", { a: 1, b: "2" });
// @ts-expect-error a misspelt code
table.create("X_FUL", { a: 1, b: 2 });
