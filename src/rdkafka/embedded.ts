/**
 * The embedded Kafka: librdkafka's own mock cluster, in this process, reachable by any client over
 * loopback. It produces, fetches, runs groups and keeps committed offsets; it does not compact,
 * does not create topics by request (they appear with 4 partitions when first asked for), forgets
 * everything on close, and keeps about 5 MB a partition.
 */
import { loadKafka } from "./load.ts";
import { connect, queriesOf } from "./queries.ts";

/** A running embedded cluster. */
export interface EmbeddedKafka {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** Makes topics exist; the embedded cluster gives each one 4 partitions. */
  createTopics(...names: readonly string[]): Promise<void>;
  /** Stops the cluster and forgets its records. Close its clients first. */
  close(): Promise<void>;
}

/** Settings of the embedded cluster. */
export interface EmbeddedKafkaOptions {
  /** Number of brokers. Default 1. */
  readonly brokers?: number;
}

/** Partitions that the embedded cluster gives to every topic. */
export const EMBEDDED_PARTITIONS = 4;

/**
 * Starts an embedded cluster on loopback ports; takes a few milliseconds.
 *
 * @throws RDKAFKA_CONNECT_FAILED when librdkafka can't listen.
 *
 * @example
 * ```ts
 * import { createConsumer, startEmbeddedKafka } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * const kafka = await startEmbeddedKafka();
 * await kafka.createTopics(orders.name);
 * const consumer = await createConsumer({
 *   brokers: kafka.brokers,
 *   registry: "http://localhost:8081",
 *   group: "test",
 *   topics: [orders],
 *   from: "earliest",
 * });
 * await consumer.close();
 * await kafka.close();
 * ```
 */
export async function startEmbeddedKafka(
  options: EmbeddedKafkaOptions = {},
): Promise<EmbeddedKafka> {
  // The cluster lives as long as this client.
  const settings = { "test.mock.num.brokers": options.brokers ?? 1, "client.id": "embedded-kafka" };
  const kafka = await loadKafka();
  const holder = new kafka.Producer(settings, {});
  await connect(holder, { brokers: ["embedded"], clientId: "embedded-kafka" });
  holder.setPollInterval(POLL_MS);
  const queries = queriesOf(holder);
  const brokers = await queries.brokers();
  let closed: Promise<void> | undefined;
  return {
    brokers,
    async createTopics(...names) {
      await Promise.all(names.map((name) => queries.topic(name)));
    },
    close() {
      // A poll while the client is being torn down is a crash.
      holder.setPollInterval(0);
      closed ??= new Promise((resolve) => holder.disconnect(FLUSH_MS, () => resolve()));
      return closed;
    },
  };
}

const POLL_MS = 100;
const FLUSH_MS = 100;
