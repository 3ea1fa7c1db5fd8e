/**
 * Prometheus metrics of one server.
 *
 * Invariants:
 * - A label never holds what a client made up: endpoints are the operation names of the route table.
 * - Counting a request costs an addition: what is counted are numbers of ours, and a metric is a way to
 *   read them ({@link MetricFamily}).
 * - prom-client's registry has all metrics, ours and those of the process, and prints them. It is loaded
 *   when somebody asks for the first time, as it takes longer to load than a registration.
 *
 * Names of our own begin with `typewire_`; the others are those that dashboards for Confluent's
 * registry look for.
 */
import type { Metric, Registry } from "prom-client";
import type { Operation } from "../api/index.ts";
import type { Log, RegistryStats } from "../registry/index.ts";
import type { ServerSettings } from "./settings.ts";

/** Counts the requests of one operation. */
export type Tally = (
  status: number,
  durationMs: number,
  requestBytes: number,
  responseBytes: number,
) => void;

export interface ServerMetrics {
  /** The tally of an operation, or of requests that match none; one per operation and method, made once. */
  tally(endpoint: Operation | "other", method: string): Tally;
  /** Counts versions that a request deleted softly. */
  deleted(versions: number): void;
  /** Tells how many streams of changes are open, when it is asked for. */
  watchStreams(count: () => number): void;
  /** Stops following the registry. */
  close(): void;
  /** The text of `/metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** What was seen of one operation with one status. */
interface Series {
  readonly endpoint: string;
  readonly method: string;
  readonly status: number;
  readonly durations: Histogram;
  requestBytes: number;
  responseBytes: number;
}

const CONFLUENT = "kafka_schema_registry";
const JERSEY = `${CONFLUENT}_jersey_metrics`;
const REGISTERS: Operation = "subjects.versions.register";
const DELETES: ReadonlySet<string> = new Set<Operation>([
  "subjects.delete-subject",
  "subjects.versions.delete-schema-version",
]);

/** Gauges over the state, read when they are asked for. */
const STATE_GAUGES: readonly (readonly [string, string, keyof RegistryStats])[] = [
  ["log_end", "Offset after the last applied record", "logEnd"],
  ["subjects", "Subjects with a live version", "subjects"],
  ["versions", "Live versions", "versions"],
  ["deleted_versions", "Soft-deleted versions", "deletedVersions"],
  ["schemas", "Distinct schemas over all contexts, soft-deleted ones included", "schemas"],
  ["contexts", "Contexts that are listed, the default one included", "contexts"],
];

export function createMetrics({
  service,
  log,
}: Pick<ServerSettings, "service" | "log">): ServerMetrics {
  const counts = { created: 0, deleted: 0 };
  const close = service.changes.subscribe(({ kind }) => {
    if (kind === "registered") counts.created++;
  });
  let registry: Promise<Registry> | undefined;
  const all: Series[] = [];
  const families: MetricFamily[] = [
    gauge(`${CONFLUENT}_master_slave_role`, "1: this node takes writes", () => 1),
    gauge(`${CONFLUENT}_node_count`, "Nodes that this one knows of", () => 1),
    ...STATE_GAUGES.map(([name, help, member]) =>
      gauge(`typewire_registry_${name}`, help, () => service.stats()[member]),
    ),
    ...requestFamilies(all),
    ...storeFamilies(log),
    ...confluentFamilies(all),
    ...schemaFamilies(counts),
  ];
  const tallies = new Map<string, Tally>();
  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    text: async () => {
      registry ??= registryOf(families);
      return (await registry).metrics();
    },
    deleted: (versions) => {
      counts.deleted += versions;
    },
    watchStreams: (open) => {
      families.push(gauge("typewire_change_streams", "Open streams of changes", open));
    },
    close,
    tally: (endpoint, method) => {
      const key = `${method} ${endpoint}`;
      const tally = tallies.get(key) ?? newTally(all, endpoint, method);
      tallies.set(key, tally);
      return tally;
    },
  };
}

/** A tally whose series come into being with the first request of each status. */
function newTally(all: Series[], endpoint: string, method: string): Tally {
  const byStatus = new Map<number, Series>();
  return (status, durationMs, requestBytes, responseBytes) => {
    let series = byStatus.get(status);
    if (series === undefined) {
      series = newSeries(endpoint, method, status);
      byStatus.set(status, series);
      all.push(series);
    }
    series.requestBytes += requestBytes;
    series.responseBytes += responseBytes;
    observe(series.durations, durationMs);
  };
}

function newSeries(endpoint: string, method: string, status: number): Series {
  const durations = createHistogram();
  return { endpoint, method, status, durations, requestBytes: 0, responseBytes: 0 };
}

/** One line of a metric; a histogram's lines have names of their own. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric, read when it is asked for. */
interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly read: () => readonly Sample[];
}

/** The metrics of ours, behind those that Prometheus' own clients tell of every process. */
async function registryOf(families: readonly MetricFamily[]): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name, help, type, read } of families) {
    const get = async () => ({ name, help, type, aggregator: "sum", values: read() });
    // Of a metric that was registered it asks the name and the values, not how they are counted.
    registry.registerMetric({ name, get } as unknown as Metric);
  }
  return registry;
}

function gauge(name: string, help: string, read: () => number): MetricFamily {
  return { name, help, type: "gauge", read: () => [{ labels: {}, value: read() }] };
}

function counter(name: string, help: string, read: MetricFamily["read"]): MetricFamily {
  return { name, help, type: "counter", read };
}

function requestFamilies(all: readonly Series[]): readonly MetricFamily[] {
  const name = "typewire_http_request_duration_seconds";
  const read = () =>
    all.flatMap((series) => histogramSamples(name, labelsOf(series), series.durations));
  const bytes = (what: string, help: string, value: (series: Series) => number) =>
    counter(`typewire_http_${what}_bytes_total`, `${help}, by operation`, () =>
      all.map((series) => ({ labels: labelsOf(series), value: value(series) })),
    );
  return [
    { name, help: "Time to answer, by operation", type: "histogram", read },
    bytes("request", "Bytes of request bodies", (series) => series.requestBytes),
    bytes("response", "Bytes of answers", (series) => series.responseBytes),
  ];
}

function labelsOf({ endpoint, method, status }: Series): Sample["labels"] {
  return { endpoint, method, status };
}

/** The counters of Confluent's JMX domain, as its exporter names them. */
function confluentFamilies(all: readonly Series[]): readonly MetricFamily[] {
  const count = ({ durations }: Series) => durations.count;
  const isFailed = ({ status }: Series) => status >= 400;
  const total = (name: string, help: string, counts: (series: Series) => boolean) =>
    counter(`${CONFLUENT}_${name}`, help, () => [
      { labels: {}, value: sum(all.filter(counts), count) },
    ]);
  return [
    total("api_success_count", "Requests answered below 400", (one) => !isFailed(one)),
    total("api_failure_count", "Requests answered with 400 and above", isFailed),
    total(
      "registered_count",
      "Successful registrations",
      (one) => !isFailed(one) && one.endpoint === REGISTERS,
    ),
    total(
      "deleted_count",
      "Successful deletions of versions and subjects",
      (one) => !isFailed(one) && DELETES.has(one.endpoint),
    ),
    byEndpoint("request_total", "Requests", () => all, count),
    byEndpoint("request_error_total", "Requests refused", () => all.filter(isFailed), count),
    byEndpoint(
      "request_latency_seconds",
      "Summed time to answer",
      () => all,
      ({ durations }) => durations.seconds,
    ),
  ];
}

function schemaFamilies(counts: {
  readonly created: number;
  readonly deleted: number;
}): readonly MetricFamily[] {
  const schemas = (what: keyof typeof counts, help: string) =>
    counter(`${CONFLUENT}_schemas_${what}`, help, () => [
      { labels: { schema_type: "avro" }, value: counts[what] },
    ]);
  return [
    schemas("created", "Versions that came since the start"),
    schemas("deleted", "Versions deleted here since the start"),
  ];
}

function byEndpoint(
  name: string,
  help: string,
  some: () => readonly Series[],
  read: (series: Series) => number,
): MetricFamily {
  return counter(`${JERSEY}_${name}`, `${help}, by operation`, () => {
    const totals = new Map<string, number>();
    for (const series of some()) {
      totals.set(series.endpoint, (totals.get(series.endpoint) ?? 0) + read(series));
    }
    return [...totals].map(([endpoint, value]) => ({ labels: { endpoint }, value }));
  });
}

function sum(all: readonly Series[], read: (series: Series) => number): number {
  return all.reduce((total, series) => total + read(series), 0);
}

interface Timing {
  readonly durations: Histogram;
  failures: number;
}

/** What was measured of a log. */
interface StoreTimings {
  /** From the call to the durable answer, waiting for others of the group included. */
  readonly transact: Timing;
  readonly barrier: Timing;
}

const byLog = new WeakMap<Log, StoreTimings>();

/** The same log, measured. */
export function measureLog(log: Log): Log {
  const timings = { transact: newTiming(), barrier: newTiming() };
  const check = log.check?.bind(log);
  const measured: Log = {
    open: (fold) => log.open(fold),
    transact: (decide) => measure(timings.transact, () => log.transact(decide)),
    barrier: () => measure(timings.barrier, () => log.barrier()),
    get end() {
      return log.end;
    },
    get failure() {
      return log.failure;
    },
    ...(log.engine !== undefined && { engine: log.engine }),
    read: (from) => log.read(from),
    ...(check !== undefined && { check }),
    ...(log.page && { page: log.page.bind(log) }),
    close: () => log.close(),
  };
  byLog.set(measured, timings);
  return measured;
}

/** The metrics of a measured log; none of any other. */
function storeFamilies(log: Log | undefined): readonly MetricFamily[] {
  const timings = log === undefined ? undefined : byLog.get(log);
  if (timings === undefined) return [];
  const name = "typewire_store_duration_seconds";
  const all = Object.entries<Timing>({ ...timings });
  const read = () =>
    all.flatMap(([operation, { durations }]) => histogramSamples(name, { operation }, durations));
  return [
    { name, help: "Time that the store took, by operation", type: "histogram", read },
    counter("typewire_store_failures_total", "Calls that the store failed, by operation", () =>
      all.map(([operation, { failures }]) => ({ labels: { operation }, value: failures })),
    ),
  ];
}

function newTiming(): Timing {
  return { durations: createHistogram(), failures: 0 };
}

async function measure<T>(timing: Timing, call: () => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  try {
    return await call();
  } catch (error) {
    timing.failures++;
    throw error;
  } finally {
    observe(timing.durations, performance.now() - startedAtMs);
  }
}

/** Durations that were seen. */
interface Histogram {
  /** How many took at most as long as the bucket of the same place, and no longer than the one before. */
  readonly buckets: number[];
  count: number;
  seconds: number;
}

const BUCKETS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

function createHistogram(): Histogram {
  return { buckets: BUCKETS_MS.map(() => 0), count: 0, seconds: 0 };
}

function observe(histogram: Histogram, durationMs: number): void {
  histogram.count++;
  histogram.seconds += durationMs / 1000;
  for (let n = 0; n < BUCKETS_MS.length; n++) {
    if (durationMs <= (BUCKETS_MS[n] ?? 0)) {
      histogram.buckets[n] = (histogram.buckets[n] ?? 0) + 1;
      return;
    }
  }
}

/** The lines of one histogram. */
function histogramSamples(
  name: string,
  labels: Sample["labels"],
  { buckets, count, seconds }: Histogram,
): readonly Sample[] {
  const bucket = (le: string | number, value: number): Sample => ({
    metricName: `${name}_bucket`,
    labels: { le, ...labels },
    value,
  });
  let upTo = 0;
  return [
    ...BUCKETS_MS.map((ms, n) => {
      upTo += buckets[n] ?? 0;
      return bucket(ms / 1000, upTo);
    }),
    bucket("+Inf", count),
    { metricName: `${name}_sum`, labels, value: seconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
