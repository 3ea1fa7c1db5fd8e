/** Typed Kafka clients: producer, consumer, admin. */

export type { EmbeddedKafka, EmbeddedKafkaOptions, KafkaSettings } from "../rdkafka/index.ts";
export { startEmbeddedKafka } from "../rdkafka/index.ts";
export type {
  Admin,
  BrokerDescription,
  PartitionLag,
  PartitionOffsets,
  PartitionReset,
  ResetTarget,
  StartCheckOptions,
  StartReport,
  TopicChange,
  TopicDefinition,
  TopicDescription,
  TopicPlan,
} from "./admin/index.ts";
export { applyTopics, checkClients, createAdmin, planTopics } from "./admin/index.ts";
export type { ConsumerOptions, RunOptions, TypedConsumer } from "./consumer/index.ts";
export { createConsumer } from "./consumer/index.ts";
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
} from "./contract/index.ts";
export { kafkaErrors, RecordHeaders, topicRule } from "./contract/index.ts";
export type {
  Closable,
  HealthProblem,
  KafkaHealth,
  KafkaHealthOptions,
  KafkaHealthReport,
  KafkaLogger,
  KafkaMetrics,
  KafkaMetricsOptions,
  OpenTelemetryOptions,
  OtelApi,
  OtelSpan,
  OtelSpanContext,
  RestartOptions,
  Shutdown,
  ShutdownOptions,
  SignalSource,
} from "./observe/index.ts";
export {
  kafkaHealth,
  kafkaLogs,
  kafkaMetrics,
  openTelemetry,
  stopOnSignals,
  withRestarts,
} from "./observe/index.ts";
export type { ProducerOptions, TopicPartitioner, TypedProducer } from "./producer/index.ts";
export { createProducer, murmur2, partitionBy, partitionOfKey } from "./producer/index.ts";
