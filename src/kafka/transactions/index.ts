/** Consume, transform, produce: results and offsets in one transaction. */
export type { ExactlyOnceHandler, ExactlyOnceOptions } from "./exactly-once.ts";
export { exactlyOnce } from "./exactly-once.ts";
