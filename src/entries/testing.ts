/**
 * `typewire/testing`: for the tests of your services. Kafka and a registry in memory, or embedded;
 * failures on demand; made-up records; the proof that a handler may be called twice.
 */
export type {
  CompatibilityLevel,
  Config,
  ConfigUpdateRequest,
  Metadata,
  Mode,
  RuleSet,
} from "../api/index.ts";
export type {
  ArraySchema,
  EnumSchema,
  FixedSchema,
  Json,
  JsonNumber,
  JsonObject,
  LogicalType,
  MapSchema,
  Name,
  NamedSchema,
  PrimitiveKind,
  PrimitiveSchema,
  RecordField,
  RecordSchema,
  Schema,
  UnionSchema,
} from "../avro/index.ts";
export type {
  CompatibilityResult,
  DeleteHow,
  RawQueryValue,
  RawRequest,
  RegisteredSchema,
  Registration,
  RegistryClient,
  SchemaDefinition,
  SubjectSchema,
  VersionName,
} from "../client/index.ts";
export type {
  ConsumedMessage,
  HandlerContext,
  MessageHandler,
  MessageOf,
  OutgoingRecord,
  RecordHeaders,
  RecordOf,
  SchemaLookup,
  TombstoneOf,
  VersionLookup,
} from "../kafka/index.ts";
export type {
  BrokerList,
  ClusterClock,
  EmbeddedKafka,
  EmbeddedKafkaOptions,
  HeaderPair,
  TopicPartition,
  TopicPartitionOffset,
} from "../rdkafka/index.ts";
export { startEmbeddedKafka } from "../rdkafka/index.ts";
export type {
  AnyTopic,
  AvroType,
  Mapping,
  PlainType,
  SchemaReference,
  Topic,
  WireType,
} from "../schema/index.ts";
export type {
  AnyAvroType,
  CapturedRecord,
  DelayMs,
  Fault,
  FaultInjector,
  FaultRule,
  FaultStage,
  GoldenBytes,
  GoldenIds,
  IdempotenceOptions,
  IdempotenceProof,
  SampleOptions,
  TestBroker,
  TestBrokerOptions,
  TestEnvironment,
  TestEnvironmentOptions,
  TestRegistry,
  VirtualClock,
  VirtualClockOptions,
  World,
} from "../testing/index.ts";
export {
  createTestBroker,
  createVirtualClock,
  goldenBytes,
  provesIdempotent,
  sample,
  startTestEnvironment,
} from "../testing/index.ts";
