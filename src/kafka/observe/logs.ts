/**
 * Structured log lines of the clients, as hooks, for any logger of pino's shape.
 *
 * Invariants: payloads never; one line when an outage begins and one when it is over, not one for
 * each attempt; what happens for every record is logged at debug, if at all.
 */
import { printable, reasonOf } from "../../base/index.ts";
import type { ClientIdentity, KafkaHooks } from "../contract/index.ts";
import { errorType } from "./traces.ts";

/** A logger: pino, Fastify's `log`, or anything of their shape. */
export interface KafkaLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Makes the hooks that log.
 *
 * @example
 * ```ts
 * import { createConsumer, kafkaLogs } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * const log = { debug: console.debug, info: console.info, warn: console.warn, error: console.error };
 * const consumer = await createConsumer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   group: "billing",
 *   topics: [orders],
 *   from: "earliest",
 *   hooks: [kafkaLogs(log)],
 * });
 * ```
 */
export function kafkaLogs(logger: KafkaLogger): KafkaHooks {
  return {
    onConnect: ({ client, brokers }) =>
      logger.info({ ...who(client), brokers }, `${client.kind} connected`),
    onClose: ({ client }) => logger.info(who(client), `${client.kind} closed`),
    onError: ({ client, error, fatal }) =>
      logger[fatal ? "error" : "warn"]({ ...who(client), ...what(error), fatal }, textOf(error)),
    onOutage({ client, what: part, over, since, error }): void {
      const fields = { ...who(client), outage: part, outage_ms: Date.now() - since };
      if (over) logger.info(fields, `${part} answers again`);
      else logger.error({ ...fields, ...what(error) }, `${part} does not answer: ${textOf(error)}`);
    },
    onRebalance({ client, kind, partitions, drainMs, timedOut }): void {
      const fields = {
        ...who(client),
        partitions: partitions.map(({ topic, partition }) => `${topic}/${partition}`),
        ...(drainMs !== undefined && { duration_ms: Math.round(drainMs) }),
      };
      if (timedOut === true) logger.warn(fields, "revoked partitions were not finished in time");
      else logger.info(fields, kind === "assign" ? "partitions assigned" : "partitions revoked");
    },
    onPause: ({ client, partitions, paused, why }) =>
      logger.debug(
        { ...who(client), partitions: partitions.length, why },
        paused ? "fetching paused" : "fetching resumed",
      ),
    onRetry: ({ client, error, delayMs, ...place }) =>
      logger.warn(
        { ...who(client), ...place, ...what(error), delay_ms: Math.round(delayMs) },
        `will be tried again: ${textOf(error)}`,
      ),
    onForward: ({ client, error, ...place }) =>
      logger.error(
        { ...who(client), ...place, ...what(error) },
        `sent to ${printable(place.to)}: ${textOf(error)}`,
      ),
    onCommit({ client, offsets, error, durationMs }): void {
      const fields = {
        ...who(client),
        partitions: offsets.length,
        duration_ms: Math.round(durationMs),
      };
      if (error === undefined) logger.debug(fields, "offsets committed");
      else logger.warn({ ...fields, ...what(error) }, `commit failed: ${textOf(error)}`);
    },
    onDelivery({ client, topic, partition, error, durationMs }): void {
      if (error === undefined) return;
      const fields = { ...who(client), topic, partition, duration_ms: Math.round(durationMs) };
      logger.error({ ...fields, ...what(error) }, `not delivered: ${textOf(error)}`);
    },
  };
}

function who({ kind, clientId, group }: ClientIdentity): object {
  return { client: kind, client_id: clientId, ...(group !== undefined && { group }) };
}

function what(error: unknown): object {
  return { "error.type": errorType(error) };
}

function textOf(error: unknown): string {
  return printable(reasonOf(error));
}
