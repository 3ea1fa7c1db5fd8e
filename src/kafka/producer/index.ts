/** The typed producer: from a typed record to the broker's acknowledgement. */
export { murmur2, partitionOfKey } from "./murmur2.ts";
export type { TopicPartitioner } from "./partitioner.ts";
export { partitionBy } from "./partitioner.ts";
export type { ProducerOptions, TypedProducer } from "./producer.ts";
export { createProducer } from "./producer.ts";
