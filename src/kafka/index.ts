/** Typed Kafka clients: producer, consumer, admin. */

export type { Admin, TopicDefinition, TopicDescription } from "./admin/index.ts";
export { createAdmin } from "./admin/index.ts";
export type { ConsumerOptions, RunOptions, TypedConsumer } from "./consumer/index.ts";
export { createConsumer } from "./consumer/index.ts";
export type {
  BatchHandler,
  BatchOf,
  ClientIdentity,
  Clock,
  CommitEvent,
  ConnectionEvent,
  ConsumedBatch,
  ConsumedMessage,
  Delivery,
  DeliveryEvent,
  ErrorEvent,
  ForwardEvent,
  HandledEvent,
  HandlerContext,
  KafkaClientOptions,
  KafkaHooks,
  KafkaTracing,
  LagEvent,
  MessageHandler,
  MessageOf,
  OutageEvent,
  OutgoingRecord,
  PauseEvent,
  ProcessInfo,
  RebalanceHookEvent,
  RecordOf,
  RegistryOption,
  RetryEvent,
  SchemaLookup,
  SendInfo,
  SendSpan,
  TickEvent,
  TombstoneOf,
  TracedMessage,
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
  MetricsRegistry,
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
