/** Typed keys and values, from bytes and to bytes. */
export type { AnyMessage, Patience, RecordReaderOptions } from "./record-reader.ts";
export { RecordReader } from "./record-reader.ts";
export type { ValueWriter } from "./type-writer.ts";
export { createTypeWriter } from "./type-writer.ts";
