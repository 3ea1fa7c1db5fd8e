/** The typed consumer: membership of a group, order, concurrency, offsets. */
export type { ConsumerOptions, RunOptions, TypedConsumer } from "./consumer.ts";
export { createConsumer } from "./consumer.ts";
