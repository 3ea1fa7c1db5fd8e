/**
 * Scope routing. node-rdkafka always installs its second argument as the default topic
 * configuration, which silently discards every topic-level property of the first one: `acks` or
 * `auto.offset.reset` given there have no effect and no error follows. So nobody above this file
 * sees two objects: settings are one flat object, and each property goes where it acts.
 */
import type { BrokerList } from "./cluster.ts";
import { rdkafkaErrors } from "./errors.ts";

/** Properties of librdkafka by their own names. */
export type KafkaSettings = Readonly<Record<string, string | number | boolean>>;

/** Properties that act only in the topic configuration (librdkafka 2.12, CONFIGURATION.md, "Topic"). */
export const TOPIC_SETTINGS: ReadonlySet<string> = new Set([
  "acks",
  "auto.offset.reset",
  "compression.level",
  "consume.callback.max.messages",
  "delivery.timeout.ms",
  "message.timeout.ms",
  "msg_order_cmp",
  "partitioner",
  "queuing.strategy",
  "request.required.acks",
  "request.timeout.ms",
]);

/** The two arguments of a client's constructor. */
export interface ScopedSettings {
  readonly global: Record<string, unknown>;
  readonly topic: Record<string, unknown>;
}

/** Sends each property to the configuration in which it has an effect. */
export function scopeSettings(settings: KafkaSettings): ScopedSettings {
  const global: Record<string, unknown> = {};
  const topic: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    (TOPIC_SETTINGS.has(name) ? topic : global)[name] = value;
  }
  return { global, topic };
}

/** What a client is connected with. */
export interface ConnectionOptions {
  /** `host:port` of at least one broker. */
  readonly brokers: BrokerList;
  /** Shown in the broker's logs and quotas. */
  readonly clientId: string;
  /** librdkafka properties of any scope, for what has no option of its own (TLS, SASL, tuning). */
  readonly librdkafka?: KafkaSettings;
  /** How long connecting may take, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/**
 * Properties that are ours, over the caller's, over the defaults.
 *
 * @throws RDKAFKA_SETTING_REFUSED when the caller sets one that the client relies on.
 */
export function mergeSettings(
  options: ConnectionOptions,
  defaults: KafkaSettings,
  fixed: KafkaSettings,
): KafkaSettings {
  for (const name of Object.keys(options.librdkafka ?? {})) {
    if (!Object.hasOwn(fixed, name) && !OWN.has(name)) continue;
    const reason = "the client sets it itself";
    const instead = "an option of the client may stand for it";
    throw rdkafkaErrors.create("RDKAFKA_SETTING_REFUSED", {
      client: "Kafka client",
      name,
      reason,
      instead,
    });
  }
  return {
    ...defaults,
    ...options.librdkafka,
    "bootstrap.servers": options.brokers.join(","),
    "client.id": options.clientId,
    ...fixed,
  };
}

/** Set below this folder's door, whoever calls. */
const OWN: ReadonlySet<string> = new Set([
  "bootstrap.servers",
  "client.id",
  "dr_cb",
  "dr_msg_cb",
  "event_cb",
  "metadata.broker.list",
  "offset_commit_cb",
  "partitioner_cb",
  "rebalance_cb",
]);
