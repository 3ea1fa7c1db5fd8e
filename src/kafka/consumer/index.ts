/** The typed consumer: membership of a group, order, concurrency, offsets. */
export type { CloseOptions, PartitionLag, RunOptions, TypedConsumer } from "./consumer.ts";
export { createConsumer } from "./consumer.ts";
export type { Acknowledged } from "./message-stream.ts";
export type { ConsumerOptions } from "./options.ts";
export type { SeekTarget } from "./seek.ts";
export type { StartAt } from "./starts.ts";
export type { Order } from "./task-queue.ts";
export type { FailureOptions, FailureProducer } from "./work-parts.ts";
