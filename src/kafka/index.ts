/** Typed Kafka clients: producer, consumer, admin. */

export type { Admin, TopicDefinition, TopicDescription } from "./admin.ts";
export { createAdmin } from "./admin.ts";
export type { ConsumerOptions, RunOptions, TypedConsumer } from "./consumer.ts";
export { createConsumer } from "./consumer.ts";
export { kafkaErrors } from "./errors.ts";
export { murmur2, partitionOfKey } from "./murmur2.ts";
export { topicRule } from "./options.ts";
export type { TopicPartitioner } from "./partitioner.ts";
export { partitionBy } from "./partitioner.ts";
export type { ProducerOptions, TypedProducer } from "./producer.ts";
export { createProducer } from "./producer.ts";
export { RecordHeaders } from "./record-headers.ts";
export type {
  BatchHandler,
  BatchOf,
  ConsumedBatch,
  ConsumedMessage,
  Delivery,
  HandlerContext,
  KafkaClientOptions,
  MessageHandler,
  MessageOf,
  OutgoingRecord,
  RecordOf,
  RegistryOption,
  SchemaLookup,
  TombstoneOf,
} from "./types.ts";
