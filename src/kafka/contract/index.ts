/** What every room of the typed clients shares: their types, errors, hooks and deadlines. */
export { avroTypesOf } from "./avro-types.ts";
export { BatchFailure } from "./batch-failure.ts";
export type { Clock } from "./deadline.ts";
export { Deadline, processClock, TOO_LATE } from "./deadline.ts";
export type { Deferred } from "./deferred.ts";
export { deferred } from "./deferred.ts";
export { kafkaErrors } from "./errors.ts";
export type {
  Failure,
  FailureRules,
  FailureStage,
  FailureStep,
  FailureSteps,
  ForwardStep,
  RetryStep,
  RetryTopicsStep,
} from "./failure.ts";
export type {
  ClientIdentity,
  CommitEvent,
  ConnectionEvent,
  DeliveryEvent,
  ErrorEvent,
  ForwardEvent,
  HandledEvent,
  KafkaHooks,
  LagEvent,
  OutageEvent,
  PauseEvent,
  RebalanceHookEvent,
  RetryEvent,
  TickEvent,
} from "./hooks.ts";
export { HookCaller } from "./hooks.ts";
export type { OffsetsInTransaction } from "./offsets-in-transaction.ts";
export { offerOffsets, offsetsOf } from "./offsets-in-transaction.ts";
export {
  ADD_PARTITIONS,
  ADMIN,
  APPLY_TOPICS,
  CONSUMER,
  CREATE_TOPIC,
  CREATE_TOPICS,
  checkKafka,
  HEALTH,
  INTERCEPT,
  ITERATE,
  KEY_BYTES,
  LAG,
  NAMED_TOPIC,
  PARTITION_BY,
  PRODUCER,
  REPLAY,
  RESET,
  RESTARTS,
  RUN,
  SHUTDOWN,
  START_CHECK,
  TOPIC_AT,
  TRACES,
  topicRule,
  WAIT,
} from "./options.ts";
export { pause, untilAborted } from "./pause.ts";
export { NO_HEADERS, RecordHeaders } from "./record-headers.ts";
export { registryOf } from "./registry-of.ts";
export type {
  KafkaTracing,
  ProcessInfo,
  SendInfo,
  SendSpan,
  TracedMessage,
} from "./tracing.ts";
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
  RulesOption,
  SchemaLookup,
  SchemaRules,
  TombstoneOf,
  VersionLookup,
} from "./types.ts";
