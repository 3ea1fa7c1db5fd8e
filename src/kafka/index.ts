/** Typed Kafka clients: producer, consumer, admin. */

export type { BrokerList } from "../rdkafka/index.ts";
export type {
  Admin,
  BrokerDescription,
  GroupLag,
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
export { readAs, schemaOf, unionMembers } from "./codec/index.ts";
export type {
  Acknowledged,
  CloseOptions,
  ConsumerOptions,
  FailureOptions,
  FailureProducer,
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
  ClientIdentity,
  Clock,
  CommitEvent,
  ConnectionEvent,
  ConsumedBatch,
  ConsumedMessage,
  Delivery,
  DeliveryEvent,
  ErrorEvent,
  Failure,
  FailureRules,
  FailureStage,
  FailureStep,
  FailureSteps,
  ForwardEvent,
  ForwardStep,
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
  RetryStep,
  RetryTopicsStep,
  RulesOption,
  SchemaLookup,
  SendInfo,
  SendSpan,
  TickEvent,
  TombstoneOf,
  TracedMessage,
  VersionLookup,
} from "./contract/index.ts";
export {
  avroTypesOf,
  BatchFailure,
  kafkaErrors,
  RecordHeaders,
  topicRule,
} from "./contract/index.ts";
export type { Letter } from "./failure/index.ts";
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
export type {
  AnyRecord,
  ConsumedPlace,
  ProducerInterceptor,
  ProducerOptions,
  SendOptions,
  TimeoutOption,
  TopicPartitioner,
  Transaction,
  TransactionalProducer,
  TransactionalProducerOptions,
  TypedProducer,
} from "./producer/index.ts";
export {
  createProducer,
  intercept,
  interceptAll,
  murmur2,
  partitionBy,
  partitionByRecord,
  partitionOfKey,
} from "./producer/index.ts";
export type { DeadLetter, ReplayedAs, ReplayOptions, ReplayReport } from "./replay/index.ts";
export { replayDeadLetters } from "./replay/index.ts";
export type { ExactlyOnceHandler, ExactlyOnceOptions } from "./transactions/index.ts";
export { exactlyOnce } from "./transactions/index.ts";
