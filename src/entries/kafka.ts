/** `typewire/kafka`: typed producers, consumers and admin clients. */

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
export type { ErrorDetails, ErrorRow, ErrorTable, TypewireError } from "../base/index.ts";
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
  Admin,
  BatchHandler,
  BatchOf,
  ConsumedBatch,
  ConsumedMessage,
  ConsumerOptions,
  Delivery,
  HandlerContext,
  KafkaClientOptions,
  MessageHandler,
  MessageOf,
  OutgoingRecord,
  ProducerOptions,
  RecordOf,
  RegistryOption,
  RunOptions,
  SchemaLookup,
  TombstoneOf,
  TopicDefinition,
  TopicDescription,
  TopicPartitioner,
  TypedConsumer,
  TypedProducer,
} from "../kafka/index.ts";
export {
  createAdmin,
  createConsumer,
  createProducer,
  kafkaErrors,
  murmur2,
  partitionBy,
  partitionOfKey,
  RecordHeaders,
} from "../kafka/index.ts";
export type {
  EmbeddedKafka,
  EmbeddedKafkaOptions,
  HeaderPair,
  KafkaSettings,
  TopicMetadata,
  TopicPartition,
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
