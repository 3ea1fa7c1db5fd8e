/** Finding a topic that may just have been created: not all brokers know it at once. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterQueries, TopicMetadata } from "../../rdkafka/index.ts";
import { kafkaErrors } from "../contract/index.ts";

const PAUSES_MS = [100, 200, 400];

/** @throws KAFKA_TOPIC_NOT_FOUND after about 0.7 s; RDKAFKA errors */
export async function findTopic(queries: ClusterQueries, topic: string): Promise<TopicMetadata> {
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    const found = await queries.topic(topic);
    if (found !== undefined) return found;
    if (pauseMs !== undefined) await sleep(pauseMs);
  }
  throw kafkaErrors.create("KAFKA_TOPIC_NOT_FOUND", { topic });
}
