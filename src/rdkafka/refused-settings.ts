/**
 * The settings of librdkafka that a typed client does not take, because one of its promises stands on
 * their value, because an option of its own sets them, or because they act in another kind of client.
 *
 * Invariant: what is not in this table can change how fast a client is and how it connects, and nothing
 * of what it promises. librdkafka itself answers an unknown name, and is silent about one that has no
 * effect in this client.
 */
import { rdkafkaErrors } from "./errors.ts";
import type { KafkaSettings } from "./settings.ts";

/** The kinds of typed clients. */
export type ClientKind = "producer" | "consumer" | "admin";

/** Why some settings are refused. */
export interface Refusal {
  /** Every name that librdkafka has for it. */
  readonly names: readonly string[];
  /** The kinds that refuse it. Other kinds refuse it only when it has no effect there. */
  readonly kinds: readonly ClientKind[];
  /** The promise that it would break, as the end of a sentence. */
  readonly promise: string;
  /** What to do instead, as the end of a sentence. */
  readonly instead: string;
  /** Which values break the promise. Default: every one. */
  readonly breaks?: (value: string) => boolean;
  /** It acts in the other kinds as well, and is no danger there. */
  readonly actsElsewhere?: true;
}

const ALL: readonly ClientKind[] = ["producer", "consumer", "admin"];
const PRODUCER: readonly ClientKind[] = ["producer"];
const CONSUMER: readonly ClientKind[] = ["consumer"];
const isTrue = (value: string): boolean => /^(?:true|t|1)$/i.test(value);

/** One entry for each promise that a setting can break. */
export const REFUSALS: readonly Refusal[] = [
  {
    names: ["bootstrap.servers", "metadata.broker.list"],
    kinds: ALL,
    promise: "the client connects to the brokers that its options name",
    instead: "use the option `brokers`",
  },
  {
    names: ["client.id"],
    kinds: ALL,
    promise: "brokers and observers see the client under one name",
    instead: "use the option `clientId`",
  },
  {
    names: ["test.mock.num.brokers", "test.mock.broker.rtt"],
    kinds: ALL,
    promise: "records go to the brokers that the options name, not to a cluster that forgets them",
    instead: "use `startEmbeddedKafka()` for a cluster in this process",
  },
  {
    names: ["log.queue"],
    kinds: ALL,
    promise: "the reason of a failed connection reaches you",
    instead: "leave it out",
    breaks: isTrue,
  },
  {
    names: ["plugin.library.paths", "interceptors"],
    kinds: ALL,
    promise: "records are handed over as they are, and no foreign code runs in the process",
    instead: "change records before `send`, or in the handler",
  },
  {
    names: ["internal.termination.signal"],
    kinds: ALL,
    promise: "the signals of the process belong to the application",
    instead: "leave it out",
  },
  {
    names: [
      "background_event_cb",
      "closesocket_cb",
      "connect_cb",
      "default_topic_conf",
      "enabled_events",
      "error_cb",
      "event_cb",
      "log_cb",
      "oauthbearer_token_refresh_cb",
      "opaque",
      "open_cb",
      "resolve_cb",
      "socket_cb",
      "stats_cb",
      "throttle_cb",
    ],
    kinds: ALL,
    promise: "the client hears every event of librdkafka itself and reports it",
    instead: "use the option `hooks`",
  },
  {
    names: ["allow.auto.create.topics"],
    kinds: ["consumer", "admin"],
    promise: "a topic that does not exist is an error, and never created in passing",
    instead: "create topics with `createAdmin()`",
    breaks: isTrue,
    actsElsewhere: true,
  },
  {
    names: ["acks", "request.required.acks"],
    kinds: PRODUCER,
    promise: "a record that `send` reports is acknowledged as the options say",
    instead: "use the option `acks`",
  },
  {
    names: ["enable.idempotence"],
    kinds: PRODUCER,
    promise: "each record arrives once and in order, unless `acks` gives that up",
    instead: "use the option `acks`: only `all` is idempotent",
  },
  {
    names: ["enable.gapless.guarantee"],
    kinds: PRODUCER,
    promise: "a record that can't be delivered fails alone, and the producer goes on",
    instead: "leave it out",
    breaks: isTrue,
  },
  {
    names: ["queuing.strategy", "msg_order_cmp"],
    kinds: PRODUCER,
    promise: "records of a topic leave in the order in which they were sent",
    instead: "leave it out",
    breaks: (value) => value.toLowerCase() !== "fifo",
  },
  {
    names: ["max.in.flight", "max.in.flight.requests.per.connection"],
    kinds: PRODUCER,
    promise: "records of a partition arrive in order, for which 5 requests at a time are the most",
    instead: "give it 5 or less",
    breaks: (value) => !(Number(value) <= 5),
    actsElsewhere: true,
  },
  {
    names: ["linger.ms", "queue.buffering.max.ms"],
    kinds: PRODUCER,
    promise: "a record waits for company as long as the options say",
    instead: "use the option `lingerMs`",
  },
  {
    names: ["compression.codec", "compression.type"],
    kinds: PRODUCER,
    promise: "records are compressed as the options say",
    instead: "use the option `compression`",
  },
  {
    names: ["delivery.timeout.ms", "message.timeout.ms"],
    kinds: PRODUCER,
    promise: "`send` settles within the time that the options give it",
    instead: "use the option `deliveryTimeoutMs`",
  },
  {
    names: ["partitioner", "partitioner_cb"],
    kinds: PRODUCER,
    promise: "a key goes to the partition in which Java's clients put it",
    instead: "use the option `partitioners`",
  },
  {
    names: ["transactional.id", "transaction.timeout.ms"],
    kinds: PRODUCER,
    promise: "every record of a transaction is committed or aborted by the producer itself",
    instead: "use the option `transactionalId`",
  },
  {
    names: ["delivery.report.only.error", "dr_cb", "dr_msg_cb"],
    kinds: PRODUCER,
    promise: "every `send` settles with the broker's word",
    instead: "leave it out",
  },
  {
    names: ["group.id"],
    kinds: CONSUMER,
    promise: "the consumer is a member of the group that its options name",
    instead: "use the option `group`",
  },
  {
    names: ["group.protocol", "group.protocol.type"],
    kinds: CONSUMER,
    promise: "the consumer answers rebalances as its group's protocol wants it",
    instead: "use the option `protocol`",
  },
  {
    names: ["group.instance.id"],
    kinds: CONSUMER,
    promise: "a member is static, and fences its double, where the options say so",
    instead: "use the option `instanceId`",
  },
  {
    names: ["fetch.max.bytes", "queued.max.messages.kbytes"],
    kinds: CONSUMER,
    promise: "what is fetched and not handled is bounded in bytes",
    instead: "use the option `maxBufferedBytes`",
  },
  {
    names: ["auto.offset.reset"],
    kinds: CONSUMER,
    promise: "a partition without a committed offset begins where the options say",
    instead: "use the option `from`",
  },
  {
    names: ["auto.commit.enable", "enable.auto.commit", "enable.auto.offset.store"],
    kinds: CONSUMER,
    promise: "an offset is committed after its record is handled, and never before",
    instead: "leave it out: the consumer commits by itself, and `close` commits the rest",
  },
  {
    names: ["auto.commit.interval.ms"],
    kinds: CONSUMER,
    promise: "offsets of handled records are committed all the time, which 0 turns off",
    instead: "give it more than 0",
    breaks: (value) => !(Number(value) > 0),
  },
  {
    names: ["offset.store.method", "offset.store.path", "offset.store.sync.interval.ms"],
    kinds: CONSUMER,
    promise: "the group's offsets are kept by the brokers",
    instead: "leave it out",
  },
  {
    names: ["consume_cb", "offset_commit_cb", "rebalance_cb"],
    kinds: CONSUMER,
    promise: "the consumer itself answers each rebalance, after the handlers are done",
    instead: "use the option `hooks`",
  },
  {
    names: ["enable.partition.eof"],
    kinds: CONSUMER,
    promise: "the consumer itself knows when it has read everything",
    instead: "leave it out",
  },
];

/** Settings that act in producers only (librdkafka 2.12, CONFIGURATION.md, column "C/P"). */
export const PRODUCERS_ONLY: ReadonlySet<string> = new Set([
  ...refusedOnlyBy("producer"),
  "batch.num.messages",
  "batch.size",
  "compression.level",
  "message.send.max.retries",
  "produce.offset.report",
  "queue.buffering.backpressure.threshold",
  "queue.buffering.max.kbytes",
  "queue.buffering.max.messages",
  "request.timeout.ms",
  "retries",
  "sticky.partitioning.linger.ms",
]);

/** Settings that act in consumers only. */
export const CONSUMERS_ONLY: ReadonlySet<string> = new Set([
  ...refusedOnlyBy("consumer"),
  "check.crcs",
  "consume.callback.max.messages",
  "coordinator.query.interval.ms",
  "fetch.error.backoff.ms",
  "fetch.message.max.bytes",
  "fetch.min.bytes",
  "fetch.queue.backoff.ms",
  "fetch.wait.max.ms",
  "group.remote.assignor",
  "heartbeat.interval.ms",
  "isolation.level",
  "max.partition.fetch.bytes",
  "max.poll.interval.ms",
  "partition.assignment.strategy",
  "queued.min.messages",
  "session.timeout.ms",
]);

/**
 * Refuses what would break a promise of the client, and what would have no effect in it.
 *
 * @throws RDKAFKA_SETTING_REFUSED naming the first such setting, the promise and what to use instead
 */
export function refuseSettings(kind: ClientKind, settings: KafkaSettings = {}): void {
  for (const [name, value] of Object.entries(settings)) {
    const found = REFUSALS.find((row) => row.names.includes(name) && row.kinds.includes(kind));
    if (found !== undefined && (found.breaks?.(String(value)) ?? true)) {
      const { promise, instead } = found;
      throw refused(kind, name, `it would break a promise: ${promise}`, instead);
    }
    if (found !== undefined) continue;
    const other = otherKind(kind, name);
    if (other !== undefined) {
      throw refused(kind, name, `it acts in a ${other} only`, `give it to a ${other}`);
    }
  }
}

function refusedOnlyBy(kind: ClientKind): readonly string[] {
  return REFUSALS.filter(
    ({ kinds, actsElsewhere }) => kinds.length === 1 && kinds[0] === kind && !actsElsewhere,
  ).flatMap(({ names }) => names);
}

function otherKind(kind: ClientKind, name: string): ClientKind | undefined {
  if (kind !== "producer" && PRODUCERS_ONLY.has(name)) return "producer";
  if (kind !== "consumer" && CONSUMERS_ONLY.has(name)) return "consumer";
  return undefined;
}

function refused(client: ClientKind, name: string, reason: string, instead: string): Error {
  return rdkafkaErrors.create("RDKAFKA_SETTING_REFUSED", { client, name, reason, instead });
}
