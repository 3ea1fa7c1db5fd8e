/** What the options of the Kafka clients may be: one table for each public function. */
import type { OptionRule, OptionRules } from "../../base/index.ts";
import {
  anyObject,
  byteArray,
  callback,
  flag,
  hidden,
  listOf,
  milliseconds,
  objectWith,
  oneOf,
  optional,
  problemOf,
  recordOf,
  rule,
  someText,
  text,
  wholeNumber,
} from "../../base/index.ts";
import type { ClientKind, KafkaSettings } from "../../rdkafka/index.ts";
import { refuseSettings } from "../../rdkafka/index.ts";
import { kafkaErrors } from "./errors.ts";

/** As librdkafka reads it: its security protocol may stand in front, its port is 9092 when left out. */
const BROKER =
  /^(?:(?:plaintext|ssl|sasl_plaintext|sasl_ssl):\/\/)?(?:\[[\da-f:.]+\]|[^\s:/,@[\]]+)(?::0*([1-9]\d{0,4}))?$/i;

const broker = rule((value) => {
  const found = typeof value === "string" ? BROKER.exec(value) : null;
  return found !== null && Number(found[1] ?? 0) <= 65_535;
}, "write it as host:port");

const scalar = rule(
  (value) => typeof value === "string" || typeof value === "boolean" || Number.isFinite(value),
  "use text, a number, true or false",
);

/** The longest time that timers of Node take. */
const TIMER_MAX_MS = 2 ** 31 - 1;

const CONNECTION: OptionRules = {
  brokers: listOf(broker, 1),
  clientId: optional(someText),
  // Passwords are among them.
  librdkafka: optional(recordOf(hidden(scalar))),
  connectTimeoutMs: optional(milliseconds(1)),
};

/** The registry's URL (which its own client checks), or a client with the methods that are called. */
function registryWith(...methods: readonly string[]): OptionRule {
  return rule(
    (value) =>
      typeof value === "string" ||
      (typeof value === "object" &&
        value !== null &&
        methods.every((name) => typeof Reflect.get(value, name) === "function")),
    `use the registry's URL, or a client with ${methods.join(" and ")}`,
  );
}

const AVRO_TYPE: OptionRules = { subject: text, schema: text, closedSchema: optional(text) };

const member = objectWith({ kind: oneOf("avro"), ...AVRO_TYPE });

/** What the types of a topic have besides their kind. */
const TYPE_KINDS: Readonly<Record<string, OptionRules>> = {
  avro: AVRO_TYPE,
  union: { members: listOf(member, 1) },
  string: {},
  bytes: {},
  raw: {},
  none: {},
};

const type: OptionRule = (value, option) =>
  problemOf({ kind: oneOf(...Object.keys(TYPE_KINDS)) }, value, option) ??
  problemOf(TYPE_KINDS[Reflect.get(value as object, "kind") as string] ?? {}, value, option);

/** The descriptor of a topic. */
export const topicRule: OptionRule = objectWith({
  name: someText,
  key: type,
  value: type,
  compact: optional(flag),
});

const tracing = objectWith({ send: callback, process: callback });

const start: OptionRule = (value, option) =>
  typeof value === "object" && value !== null
    ? problemOf({ timestamp: moment }, value, option)
    : oneOf("earliest", "latest", "error")(value, option);

/** A `Date`, or milliseconds since the epoch. */
const moment = rule((value) => {
  const ms = value instanceof Date ? value.getTime() : value;
  return Number.isSafeInteger(ms) && (ms as number) >= 0;
}, "use a Date or milliseconds since the epoch");

export const PRODUCER: OptionRules = {
  ...CONNECTION,
  registry: registryWith("idOf"),
  acks: optional(oneOf("all", "leader", "none")),
  lingerMs: optional(
    rule(
      (value) => typeof value === "number" && value >= 0 && value <= 900_000,
      "use a number from 0 to 900000",
    ),
  ),
  compression: optional(oneOf("none", "gzip", "snappy", "lz4", "zstd")),
  deliveryTimeoutMs: optional(milliseconds(1)),
  maxInFlight: optional(wholeNumber(1, 10_000_000)),
  maxInFlightBytes: optional(wholeNumber(1)),
  transactionalId: optional(someText),
  transactionTimeoutMs: optional(milliseconds(1)),
  interceptors: optional(listOf(() => undefined)),
  ignoreRules: optional(listOf(someText)),
  hooks: optional(listOf(anyObject)),
  tracing: optional(tracing),
  partitioners: optional(listOf(objectWith({ topic: someText, choose: callback }))),
};

export const CONSUMER: OptionRules = {
  ...CONNECTION,
  registry: registryWith("parsedById"),
  group: someText,
  topics: listOf(topicRule, 1),
  from: start,
  offsets: optional(oneOf("consumer", "transactions")),
  order: optional(oneOf("partition", "key", "none")),
  maxBufferedBytes: optional(wholeNumber(1)),
  protocol: optional(oneOf("classic", "consumer")),
  instanceId: optional(someText),
  failures: optional(anyObject),
  producer: optional(objectWith({ send: callback })),
  ignoreRules: optional(listOf(someText)),
  hooks: optional(listOf(anyObject)),
  tracing: optional(tracing),
  checkVersions: optional(flag),
  concurrency: optional(wholeNumber(1)),
  batchSize: optional(wholeNumber(1)),
  drainTimeoutMs: optional(milliseconds(1)),
  stopTimeoutMs: optional(milliseconds(1)),
};

const abortSignal = optional(rule((value) => value instanceof AbortSignal, "use an AbortSignal"));
export const ITERATE: OptionRules = {
  options: optional(
    objectWith({
      signal: abortSignal,
    }),
  ),
};
export const RUN: OptionRules = { handler: callback, ...ITERATE };

export const ADMIN: OptionRules = { ...CONNECTION };

const topicToCreate = objectWith({
  name: someText,
  partitions: optional(wholeNumber(1, 1_000_000)),
  replication: optional(wholeNumber(1, 32_767)),
  compact: optional(flag),
  config: optional(recordOf(scalar)),
});
export const CREATE_TOPIC: OptionRules = { topic: topicToCreate };
export const CREATE_TOPICS: OptionRules = { topics: listOf(topicToCreate) };
export const NAMED_TOPIC: OptionRules = { name: someText };
const timestamp = wholeNumber(0);
const names = listOf(someText);
export const TOPIC_AT: OptionRules = { topic: someText, timestamp };
export const LAG: OptionRules = { group: someText, topics: optional(names) };

/** Exactly one of a target's words or members. */
const resetTarget: OptionRule = (value, option) => {
  if (value === "start" || value === "end") return undefined;
  const members: OptionRules = {
    timestamp: optional(timestamp),
    offset: optional(wholeNumber(0)),
    shift: optional(wholeNumber(Number.MIN_SAFE_INTEGER)),
  };
  const given = typeof value === "object" && value !== null ? value : {};
  const known = Object.keys(members).filter((name) => Reflect.get(given, name) !== undefined);
  if (known.length === 1 && Object.keys(given).length === 1) {
    return problemOf(members, value, option);
  }
  return rule(() => false, 'use "start", "end", { timestamp }, { offset } or { shift }')(
    value,
    option,
  );
};
export const RESET: OptionRules = {
  group: someText,
  topics: listOf(someText, 1),
  to: resetTarget,
  options: optional(objectWith({ dryRun: optional(flag) })),
};
export const APPLY_TOPICS: OptionRules = {
  plan: listOf(
    objectWith({ action: oneOf("create", "grow", "differs", "nothing"), topic: topicToCreate }),
  ),
};
export const START_CHECK: OptionRules = {
  ...CONNECTION,
  registry: optional(registryWith("idOf")),
  writes: optional(listOf(topicRule)),
  reads: optional(listOf(topicRule)),
  forwardsTo: optional(names),
  topics: optional(listOf(topicToCreate)),
};
export const ADD_PARTITIONS: OptionRules = { name: someText, total: wholeNumber(1, 1_000_000) };

export const PARTITION_BY: OptionRules = { topic: topicRule, choose: callback };
/** What is left of a deadline has fractions. */
const patience = rule(
  (value) => typeof value === "number" && value >= 0 && value <= TIMER_MAX_MS,
  `use a number of milliseconds from 0 to ${TIMER_MAX_MS}`,
);
export const WAIT: OptionRules = {
  options: optional(objectWith({ timeoutMs: optional(patience) })),
};
export const REPLAY: OptionRules = {
  ...CONNECTION,
  from: someText,
  group: someText,
  producer: optional(objectWith({ send: callback })),
  filter: optional(callback),
  to: optional(callback),
  limit: optional(wholeNumber(1)),
  ratePerSecond: optional(
    rule((value) => typeof value === "number" && value > 0, "use a number above 0"),
  ),
  maxReplays: optional(wholeNumber(1)),
  dryRun: optional(flag),
  onLetter: optional(callback),
  signal: abortSignal,
};
const closables = optional(listOf(objectWith({ close: callback })));
/** Infinity is allowed: it turns a limit off. */
const limit = optional(
  rule((value) => typeof value === "number" && value >= 0, "use a number from 0"),
);
export const SHUTDOWN: OptionRules = {
  consumers: closables,
  producers: closables,
  after: optional(callback),
  timeoutMs: limit,
  signals: optional(listOf(someText)),
  exit: optional(callback),
  log: optional(callback),
};
export const RESTARTS: OptionRules = {
  start: callback,
  options: objectWith({
    firstDelayMs: optional(milliseconds(0)),
    maxDelayMs: optional(milliseconds(0)),
    maxRestarts: limit,
    steadyMs: limit,
    restarts: optional(callback),
    onRestart: optional(callback),
  }),
};
export const HEALTH: OptionRules = {
  loopMs: limit,
  handlerMs: limit,
  joinMs: limit,
  stallMs: limit,
};
export const TRACES: OptionRules = {
  api: objectWith({ context: anyObject, trace: anyObject, propagation: anyObject }),
};
export const INTERCEPT: OptionRules = { topic: objectWith({ name: someText }), change: callback };
export const KEY_BYTES: OptionRules = { buffer: byteArray };

/** The rules that are those of a whole client. */
const CLIENTS: ReadonlyMap<OptionRules, ClientKind> = new Map([
  [PRODUCER, "producer"],
  [CONSUMER, "consumer"],
  [ADMIN, "admin"],
]);

/**
 * @throws KAFKA_OPTION_INVALID for the first option that can't work; RDKAFKA_SETTING_REFUSED for a
 *   setting of librdkafka that would break a promise of the client
 */
export function checkKafka(rules: OptionRules, options: unknown): void {
  const problem = problemOf(rules, options);
  if (problem !== undefined) throw kafkaErrors.create("KAFKA_OPTION_INVALID", { ...problem });
  const kind = CLIENTS.get(rules);
  if (kind === undefined) return;
  const { librdkafka, drainTimeoutMs } = options as ClientOptions;
  refuseSettings(kind, librdkafka);
  if (kind === "consumer") checkDrain(drainTimeoutMs, librdkafka?.["max.poll.interval.ms"]);
}

interface ClientOptions {
  readonly librdkafka?: KafkaSettings;
  readonly drainTimeoutMs?: number;
}

/** The group waits that long for a member's answer to a rebalance, and then goes on without it. */
function checkDrain(drainTimeoutMs = 10_000, rebalanceMs: unknown = 300_000): void {
  if (!(drainTimeoutMs >= Number(rebalanceMs))) return;
  throw kafkaErrors.create("KAFKA_OPTION_INVALID", {
    option: "drainTimeoutMs",
    value: drainTimeoutMs,
    reason: `give it less than the ${String(rebalanceMs)} ms of the setting max.poll.interval.ms, after which the group goes on without this consumer`,
  });
}
