/** Typed keys and values, from bytes and to bytes. */

export { readAs, schemaOf, unionMembers } from "./read-as.ts";
export type { AnyMessage } from "./record-reader.ts";
export { RecordReader } from "./record-reader.ts";
export type { RuleParts } from "./rules.ts";
export { assertTopicsReadable, ignoredRules } from "./rules.ts";
export type { ValueWriter } from "./type-writer.ts";
export { createTypeWriter, schemaHeadersOf } from "./type-writer.ts";
