/** `typewire/testing`: an embedded Kafka and a registry in one call, for the tests of your services. */
export type { EmbeddedKafka, EmbeddedKafkaOptions } from "../rdkafka/index.ts";
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
export type { TestEnvironment, TestEnvironmentOptions } from "../testing/index.ts";
export { startTestEnvironment } from "../testing/index.ts";
