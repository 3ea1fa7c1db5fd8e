/** Kafka by batches of bytes, over node-rdkafka, which nothing else imports. */

export { createAdminBinding } from "./admin.ts";
export type {
  AdminBinding,
  BatchReport,
  BrokerMetadata,
  BytesWriter,
  ClientReport,
  ClusterQueries,
  ConsumerBinding,
  GroupBinding,
  HeaderPair,
  NextOptions,
  OutBatch,
  OutRecord,
  ProducerBinding,
  RebalanceEvent,
  RecordBatch,
  TopicMetadata,
  TopicPartition,
  TopicPartitionOffset,
  TransactionCalls,
} from "./binding.ts";
export type { BrokerList, ClusterClock, LocalCluster } from "./cluster.ts";
export { LOCAL_CLUSTER, localClusterOf } from "./cluster.ts";
export { type ConsumerBindingOptions, createConsumerBinding } from "./consumer.ts";
export { type EmbeddedKafka, type EmbeddedKafkaOptions, startEmbeddedKafka } from "./embedded.ts";
export { rdkafkaErrors } from "./errors.ts";
export { kafkaBuild } from "./features.ts";
export { OFFSET_TIMES } from "./group.ts";
export { nativeHeaders } from "./headers.ts";
export { isFatal, isTransientCode, KAFKA_CODES, kafkaCodeIn, requiresAbort } from "./native.ts";
export { BATCH_RECORDS_MAX } from "./out-batch.ts";
export { createProducerBinding, type ProducerBindingOptions } from "./producer.ts";
export type { ClientKind } from "./refused-settings.ts";
export { refuseSettings } from "./refused-settings.ts";
export type { ConnectionOptions, KafkaSettings } from "./settings.ts";
export { Slab } from "./slab.ts";
