/**
 * The embedded Kafka: librdkafka's own mock cluster, in this process, reachable by any client over
 * loopback. It produces, fetches, runs groups and keeps committed offsets; it does not compact,
 * does not create topics by request (they appear with 4 partitions when first asked for), forgets
 * everything on close, and keeps about 5 MB a partition.
 */
import type { OptionRules } from "../base/index.ts";
import { listOf, optional, problemOf, someText, wholeNumber } from "../base/index.ts";
import { connect } from "./connect.ts";
import { rdkafkaErrors } from "./errors.ts";
import { loadKafka } from "./load.ts";
import { queriesOf } from "./queries.ts";

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

const EMBEDDED: OptionRules = { brokers: optional(wholeNumber(1, 100)) };
const NAMES: OptionRules = { names: listOf(someText) };

/**
 * Starts an embedded cluster on loopback ports; takes a few milliseconds.
 *
 * @throws RDKAFKA_OPTION_INVALID; RDKAFKA_CONNECT_FAILED when librdkafka can't listen.
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
  const problem = problemOf(EMBEDDED, options);
  if (problem !== undefined) throw rdkafkaErrors.create("RDKAFKA_OPTION_INVALID", { ...problem });
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
      const fault = problemOf(NAMES, { names });
      if (fault !== undefined) throw rdkafkaErrors.create("RDKAFKA_OPTION_INVALID", { ...fault });
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
