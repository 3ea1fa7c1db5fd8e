/**
 * Prometheus metrics of the typed clients, as hooks.
 *
 * Invariants:
 * - Labels have few values: topic, group, partition (gauges only), outcome, stage, error code. Never
 *   a key, an offset or a message.
 * - What is unknown is absent, never 0 or −1; a partition that is taken away loses its series.
 * - Base units: seconds, bytes.
 */
import type {
  CommitEvent,
  DeliveryEvent,
  HandledEvent,
  KafkaHooks,
  LagEvent,
  RebalanceHookEvent,
  TickEvent,
} from "../contract/index.ts";
import { errorType } from "./traces.ts";

/** What is used of a `Registry` of `prom-client`; users of the clients need not install its types. */
export interface MetricsRegistry {
  registerMetric(metric: never): void;
  /** The text for a `/metrics` route. */
  metrics(): Promise<string>;
  readonly contentType: string;
}

/** Where metrics go. */
export interface KafkaMetricsOptions {
  /** A registry of `prom-client` that the application has already. Default: one of its own. */
  readonly register?: MetricsRegistry;
  /** What every name begins with. Default `typewire_kafka_`. */
  readonly prefix?: string;
}

/** Hooks that count. */
export interface KafkaMetrics extends KafkaHooks {
  /** The text for a `/metrics` route. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** The buckets of the messaging conventions, in seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** For how old records are when they are handled, in seconds. */
const AGES = [0.01, 0.1, 1, 10, 60, 600, 3_600, 86_400];

type PromClient = typeof import("prom-client");
type Registry = import("prom-client").Registry;

/**
 * Makes the hooks that keep Prometheus metrics; give the same ones to every client of a process.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createConsumer, kafkaMetrics } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * const metrics = await kafkaMetrics();
 * const consumer = await createConsumer({
 *   brokers: ["localhost:9092"],
 *   registry: "http://localhost:8081",
 *   group: "billing",
 *   topics: [orders],
 *   from: "earliest",
 *   hooks: [metrics],
 * });
 *
 * createServer(async (_, reply) => {
 *   reply.setHeader("content-type", metrics.contentType);
 *   reply.end(await metrics.text());
 * }).listen(9464);
 * ```
 */
export async function kafkaMetrics(options: KafkaMetricsOptions = {}): Promise<KafkaMetrics> {
  const prom = await import("prom-client");
  const register = options.register ?? new prom.Registry();
  const metrics = createMetrics(prom, register, options.prefix ?? "typewire_kafka_");
  return {
    ...consumerHooks(metrics),
    ...clientHooks(metrics),
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}

function createMetrics(prom: PromClient, register: MetricsRegistry, prefix: string) {
  const registers = [register as Registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new prom.Counter<L>({ name: prefix + name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new prom.Gauge<L>({ name: prefix + name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[] = SECONDS,
  ) => new prom.Histogram<L>({ name: prefix + name, help, labelNames, buckets, registers });
  const place = ["group", "topic", "partition"] as const;
  const stream = ["group", "topic"] as const;
  return {
    processed: counter("records_processed_total", "Records by how they ended", [
      ...stream,
      "outcome",
    ]),
    handling: histogram("handler_duration_seconds", "Calls of handlers", stream),
    age: histogram("record_age_seconds", "Age of records when they were handled", stream, AGES),
    retries: counter("retries_total", "Attempts that follow a failure", [...stream, "stage"]),
    forwarded: counter("forwarded_total", "Records sent to dead-letter and retry topics", [
      ...stream,
      "stage",
      "error",
    ]),
    progress: gauge("last_progress_timestamp_seconds", "When a record was last done", place),
    lag: gauge("consumer_lag_records", "Records that are not handled yet", place),
    committed: gauge("committed_offset", "The offset that was committed last", place),
    commitFailures: counter("commit_failures_total", "Commits that failed", ["group", "error"]),
    rebalances: counter("rebalances_total", "Changes of the assignment", ["group", "kind"]),
    drains: histogram("drain_duration_seconds", "How long revoked partitions waited", ["group"]),
    drainTimeouts: counter("drain_timeouts_total", "Drains ended by their deadline", ["group"]),
    assigned: gauge("assigned_partitions", "Partitions of this consumer", ["group"]),
    paused: gauge("paused_partitions", "Partitions that are not fetched", ["group", "why"]),
    buffered: gauge("buffered_records", "Fetched and not handled", ["group"]),
    bufferedBytes: gauge("buffered_bytes", "Bytes fetched and not handled", ["group"]),
    inFlight: gauge("inflight_records", "In a handler now", ["group"]),
    tick: gauge("loop_last_tick_timestamp_seconds", "When the loop last went round", ["group"]),
    produced: histogram("produce_duration_seconds", "From send to its report", ["topic"]),
    produceErrors: counter("produce_errors_total", "Records not delivered", ["topic", "error"]),
    errors: counter("client_errors_total", "Errors of clients", ["client", "error", "fatal"]),
    outages: gauge("outage", "1 while brokers or the registry do not answer", ["client", "what"]),
    connected: gauge("connected_clients", "Clients that are connected", ["client"]),
  };
}

type Metrics = ReturnType<typeof createMetrics>;

const groupOf = ({ client }: { readonly client: { readonly group?: string } }): string =>
  client.group ?? "";

function consumerHooks(metrics: Metrics): KafkaHooks {
  const seconds = (): number => Date.now() / 1_000;
  return {
    onHandled(event: HandledEvent): void {
      const { topic, timestamp, outcome, durationMs, count } = event;
      const stream = { group: groupOf(event), topic };
      metrics.processed.inc({ ...stream, outcome }, count);
      metrics.handling.observe(stream, durationMs / 1_000);
      if (timestamp >= 0) metrics.age.observe(stream, Math.max(0, seconds() - timestamp / 1_000));
      if (outcome !== "failed") {
        metrics.progress.set({ ...stream, partition: String(event.partition) }, seconds());
      }
    },
    onRetry: (event) =>
      metrics.retries.inc({ group: groupOf(event), topic: event.topic, stage: event.stage }),
    onForward: (event) => {
      const { topic, stage, error } = event;
      metrics.forwarded.inc({ group: groupOf(event), topic, stage, error: errorType(error) });
    },
    onLag(event: LagEvent): void {
      for (const { topic, partition, lag } of event.lags) {
        metrics.lag.set({ group: groupOf(event), topic, partition: String(partition) }, lag);
      }
    },
    onCommit(event: CommitEvent): void {
      const group = groupOf(event);
      if (event.error !== undefined) {
        metrics.commitFailures.inc({ group, error: errorType(event.error) });
        return;
      }
      for (const { topic, partition, offset } of event.offsets) {
        metrics.committed.set({ group, topic, partition: String(partition) }, offset);
      }
    },
    onRebalance: (event) => countRebalance(metrics, event),
    onPause(event): void {
      const change = event.paused ? event.partitions.length : -event.partitions.length;
      metrics.paused.inc({ group: groupOf(event), why: event.why }, change);
    },
    onTick(event: TickEvent): void {
      const group = groupOf(event);
      metrics.tick.set({ group }, seconds());
      metrics.buffered.set({ group }, event.buffered);
      metrics.bufferedBytes.set({ group }, event.bufferedBytes);
      metrics.inFlight.set({ group }, event.inFlight);
      metrics.assigned.set({ group }, event.assigned);
    },
  };
}

function countRebalance(metrics: Metrics, event: RebalanceHookEvent): void {
  const group = groupOf(event);
  metrics.rebalances.inc({ group, kind: event.kind });
  if (event.kind === "assign") return;
  if (event.drainMs !== undefined) metrics.drains.observe({ group }, event.drainMs / 1_000);
  if (event.timedOut === true) metrics.drainTimeouts.inc({ group });
  for (const { topic, partition } of event.partitions) {
    const place = { group, topic, partition: String(partition) };
    for (const series of [metrics.lag, metrics.committed, metrics.progress]) series.remove(place);
  }
}

function clientHooks(metrics: Metrics): KafkaHooks {
  return {
    onDelivery({ topic, durationMs, error }: DeliveryEvent): void {
      metrics.produced.observe({ topic }, durationMs / 1_000);
      if (error !== undefined) metrics.produceErrors.inc({ topic, error: errorType(error) });
    },
    onConnect: ({ client }) => metrics.connected.inc({ client: client.kind }),
    onClose: ({ client }) => metrics.connected.dec({ client: client.kind }),
    onError: ({ client, error, fatal }) =>
      metrics.errors.inc({
        client: client.kind,
        error: errorType(error),
        fatal: String(fatal),
      }),
    onOutage: ({ client, what, over }) =>
      metrics.outages.set({ client: client.kind, what }, over ? 0 : 1),
  };
}
