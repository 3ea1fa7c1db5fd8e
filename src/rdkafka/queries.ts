/** Making a client and asking it about the cluster: the same for producers and consumers. */

import type { Client, LibrdKafkaError } from "node-rdkafka";
import { reasonOf } from "../base/index.ts";
import type { ClusterQueries, TopicMetadata, Watermarks } from "./binding.ts";
import { rdkafkaErrors } from "./errors.ts";
import { KAFKA_CODES, kafkaCodeIn, kafkaError } from "./native.ts";

/** What producers and consumers of node-rdkafka have in common. */
export type AnyClient = Client<string>;

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Makes a client, which is when librdkafka reads its settings.
 *
 * @throws RDKAFKA_SETTING_INVALID
 */
export function construct<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    const reason = reasonOf(error);
    throw rdkafkaErrors.create("RDKAFKA_SETTING_INVALID", { reason }, error);
  }
}

/** The queries of a connected client. */
export function queriesOf(client: AnyClient): ClusterQueries {
  const metadata = (topic?: string): Promise<RawMetadata> =>
    new Promise((resolve, reject) => {
      const options =
        topic === undefined
          ? { allTopics: true, timeout: REQUEST_TIMEOUT_MS }
          : { topic, timeout: REQUEST_TIMEOUT_MS };
      client.getMetadata(options, (error: LibrdKafkaError | null, data: RawMetadata) => {
        if (error) reject(kafkaError(`metadata of ${topic ?? "the cluster"}`, error, client));
        else resolve(data);
      });
    });
  return {
    async brokers() {
      return (await metadata()).brokers.map(({ host, port }) => `${host}:${port}`);
    },
    async topics() {
      return (await metadata()).topics.map(topicOf).filter((topic) => topic.partitions.length > 0);
    },
    async topic(name) {
      const found = await metadata(name).catch((error: unknown) => {
        if (MISSING_CODES.has(kafkaCodeIn(error) ?? 0)) return undefined;
        throw error;
      });
      const raw = found?.topics.find((topic) => topic.name === name);
      return raw === undefined || raw.partitions.length === 0 ? undefined : topicOf(raw);
    },
    watermarks(topic, partition) {
      return new Promise<Watermarks>((resolve, reject) => {
        client.queryWatermarkOffsets(topic, partition, REQUEST_TIMEOUT_MS, (error, offsets) => {
          if (error) reject(kafkaError(`the offsets of ${topic}/${partition}`, error, client));
          else resolve({ low: offsets.lowOffset, high: offsets.highOffset });
        });
      });
    },
  };
}

const MISSING_CODES: ReadonlySet<number> = new Set<number>([
  KAFKA_CODES.unknownTopicOrPartition,
  KAFKA_CODES.unknownTopic,
]);

interface RawMetadata {
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly topics: readonly RawTopic[];
}

interface RawTopic {
  readonly name: string;
  readonly partitions: readonly {
    readonly id: number;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly isrs: readonly number[];
  }[];
}

function topicOf(raw: RawTopic): TopicMetadata {
  const partitions = raw.partitions.map(({ id, leader, replicas, isrs: inSync }) => ({
    id,
    leader,
    replicas,
    inSync,
  }));
  return { name: raw.name, partitions: partitions.sort((a, b) => a.id - b.id) };
}
