/** The errors that leave public functions, as types: which codes there are, and what each one tells. */
import type { codegenErrors } from "../../codegen/index.ts";
import type { avroErrors } from "../avro/index.ts";
import type { DetailsOf, TypewireError } from "../base/index.ts";
import { isTypewireError as isOurs } from "../base/index.ts";
import type { clientErrors } from "../client/index.ts";
import type { kafkaErrors } from "../kafka/index.ts";
import type { rdkafkaErrors } from "../rdkafka/index.ts";
import type { serverErrors } from "../server/index.ts";
import type { storeErrors } from "../store/index.ts";
import type { testingErrors } from "../testing/index.ts";
import type { wireErrors } from "../wire/index.ts";

type Rows = typeof avroErrors.rows &
  typeof clientErrors.rows &
  typeof codegenErrors.rows &
  typeof kafkaErrors.rows &
  typeof rdkafkaErrors.rows &
  typeof serverErrors.rows &
  typeof storeErrors.rows &
  typeof testingErrors.rows &
  typeof wireErrors.rows;

/** Every code of an error that this package throws; docs/errors.md explains each. */
export type ErrorCode = keyof Rows;

/** The error with a code: `details` has what its message names. Of several codes the union. */
export type KnownError<Code extends ErrorCode = ErrorCode> = Code extends ErrorCode
  ? TypewireError<Code, DetailsOf<Rows[Code]>>
  : never;

/**
 * Whether a value is an error of typewire; it also knows those of another installed copy.
 *
 * With codes: whether it is one of these. `code` and `details` are narrowed to theirs.
 *
 * @example
 * ```ts
 * import { isTypewireError } from "typewire";
 *
 * export function report(error: unknown): void {
 *   if (!isTypewireError(error, "KAFKA_HANDLER_FAILED", "KAFKA_UNDECODABLE_RECORD")) throw error;
 *   console.error(`stopped at ${error.details.topic}/${error.details.partition}`);
 * }
 * ```
 */
export function isTypewireError(value: unknown): value is TypewireError;
export function isTypewireError<const Code extends ErrorCode>(
  value: unknown,
  ...codes: readonly Code[]
): value is KnownError<Code>;
export function isTypewireError(value: unknown, ...codes: readonly string[]): boolean {
  return isOurs(value, ...codes);
}
