/** Typed Kafka clients: producer, consumer, admin. */

export type { EmbeddedKafka, EmbeddedKafkaOptions, KafkaSettings } from "../rdkafka/index.ts";
export { startEmbeddedKafka } from "../rdkafka/index.ts";
export type { Admin, TopicDefinition, TopicDescription } from "./admin/index.ts";
export { createAdmin } from "./admin/index.ts";
export type {
  Acknowledged,
  CloseOptions,
  ConsumerOptions,
  Order,
  PartitionLag,
  RunOptions,
  SeekTarget,
  StartAt,
  TypedConsumer,
} from "./consumer/index.ts";
export { createConsumer } from "./consumer/index.ts";
export type {
  BatchHandler,
  BatchOf,
  ConsumedBatch,
  ConsumedMessage,
  Delivery,
  Failure,
  FailureRules,
  FailureStage,
  FailureStep,
  FailureSteps,
  ForwardStep,
  HandlerContext,
  KafkaClientOptions,
  MessageHandler,
  MessageOf,
  OutgoingRecord,
  RecordOf,
  RegistryOption,
  RetryStep,
  RetryTopicsStep,
  RulesOption,
  SchemaLookup,
  TombstoneOf,
} from "./contract/index.ts";
export { kafkaErrors, RecordHeaders } from "./contract/index.ts";
export { retryTopicName } from "./failure/index.ts";
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
