/** What every room of the typed clients shares: their types, errors, hooks and deadlines. */
export { avroTypesOf } from "./avro-types.ts";
export { BatchFailure } from "./batch-failure.ts";
export type { Clock } from "./deadline.ts";
export { Deadline, processClock, TOO_LATE } from "./deadline.ts";
export type { Deferred } from "./deferred.ts";
export { deferred } from "./deferred.ts";
export { kafkaErrors } from "./errors.ts";
export type * from "./failure.ts";
export type * from "./hooks.ts";
export { HookCaller } from "./hooks.ts";
export { reasonOf } from "./reason-of.ts";
export { NO_HEADERS, RecordHeaders } from "./record-headers.ts";
export { registryOf } from "./registry-of.ts";
export type * from "./tracing.ts";
export type * from "./types.ts";
