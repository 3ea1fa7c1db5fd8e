/** The typed producer: from a typed record to the broker's acknowledgement. */

export type { ProducerInterceptor } from "./interceptor.ts";
export { intercept, interceptAll } from "./interceptor.ts";
export type { AnyRecord } from "./jobs.ts";
export { murmur2, partitionOfKey } from "./murmur2.ts";
export type { ConsumedPlace, Transaction } from "./open-transaction.ts";
export type { TopicPartitioner } from "./partitioner.ts";
export { partitionBy, partitionByRecord } from "./partitioner.ts";
export type {
  ProducerOptions,
  SendOptions,
  TimeoutOption,
  TransactionalProducerOptions,
  TypedProducer,
} from "./producer.ts";
export { createProducer } from "./producer.ts";
export type { TransactionalProducer } from "./transactional-producer.ts";
