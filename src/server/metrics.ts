/**
 * Prometheus metrics of one server.
 *
 * Invariants:
 * - A label never holds what a client made up: endpoints are the operation names of the route table.
 * - Counting a request costs an addition: the text is made when it is asked for. Everything about the
 *   registry is therefore kept here and printed here; prom-client has the process, and is loaded when
 *   somebody asks for the first time, as it takes longer to load than a registration.
 *
 * Names of our own begin with `typewire_`; the others are those that dashboards for Confluent's
 * registry look for.
 */
import type { Registry } from "prom-client";
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
  /** The tally of an operation, or of what is none; one per operation and method, made once. */
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
  let process: Promise<Registry> | undefined;
  const gauges: GaugeRow[] = [
    [`${CONFLUENT}_master_slave_role`, "1: this node takes writes", () => 1],
    [`${CONFLUENT}_node_count`, "Nodes that this one knows of", () => 1],
    ...STATE_GAUGES.map(
      ([name, help, member]): GaugeRow => [
        `typewire_registry_${name}`,
        help,
        () => service.stats()[member],
      ],
    ),
  ];
  const all: Series[] = [];
  const tallies = new Map<string, Tally>();
  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    text: async () => {
      process ??= processMetrics();
      const ofProcess = await (await process).metrics();
      const ours = gauges.map(gaugeText).join("") + requestText(all) + storeText(log);
      return ofProcess + ours + confluentText(all) + schemasText(counts);
    },
    deleted: (versions) => {
      counts.deleted += versions;
    },
    watchStreams: (open) => {
      gauges.push(["typewire_change_streams", "Open streams of changes", open]);
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

/** What Prometheus' own clients tell of every process. */
async function processMetrics(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Name, help, and the value of the moment. */
type GaugeRow = readonly [string, string, () => number];

function gaugeText([name, help, read]: GaugeRow): string {
  return metricText(name, help, "gauge", [`${name} ${read()}`]);
}

function requestText(all: readonly Series[]): string {
  const name = "typewire_http_request_duration_seconds";
  const lines = all.flatMap((series) => histogramLines(name, labels(series), series.durations));
  return (
    metricText(name, "Time to answer, by operation", "histogram", lines) +
    bytesText("request", "Bytes of request bodies", all, (series) => series.requestBytes) +
    bytesText("response", "Bytes of answers", all, (series) => series.responseBytes)
  );
}

function bytesText(
  what: "request" | "response",
  help: string,
  all: readonly Series[],
  read: (series: Series) => number,
): string {
  const name = `typewire_http_${what}_bytes_total`;
  const lines = all.map((series) => `${name}{${labels(series)}} ${read(series)}`);
  return metricText(name, `${help}, by operation`, "counter", lines);
}

function labels({ endpoint, method, status }: Series): string {
  return `endpoint="${endpoint}",method="${method}",status="${status}"`;
}

/** The counters of Confluent's JMX domain, as its exporter names them. */
function confluentText(all: readonly Series[]): string {
  const failed = all.filter(({ status }) => status >= 400);
  const succeeded = all.filter(({ status }) => status < 400);
  const registered = succeeded.filter(({ endpoint }) => endpoint === REGISTERS);
  const deleted = succeeded.filter(({ endpoint }) => DELETES.has(endpoint));
  const counts: readonly (readonly [string, string, readonly Series[]])[] = [
    ["api_success_count", "Requests answered below 400", succeeded],
    ["api_failure_count", "Requests answered with 400 and above", failed],
    ["registered_count", "Successful registrations", registered],
    ["deleted_count", "Successful deletions of versions and subjects", deleted],
  ];
  return (
    counts
      .map(([name, help, some]) => {
        const line = `${CONFLUENT}_${name} ${sum(some, ({ durations }) => durations.count)}`;
        return metricText(`${CONFLUENT}_${name}`, help, "counter", [line]);
      })
      .join("") +
    byEndpoint(`${JERSEY}_request_total`, "Requests", all, ({ durations }) => durations.count) +
    byEndpoint(
      `${JERSEY}_request_error_total`,
      "Requests refused",
      failed,
      ({ durations }) => durations.count,
    ) +
    byEndpoint(
      `${JERSEY}_request_latency_seconds`,
      "Summed time to answer",
      all,
      ({ durations }) => durations.seconds,
    )
  );
}

function schemasText({ created, deleted }: { readonly created: number; readonly deleted: number }) {
  const counter = (name: string, help: string, value: number): string =>
    metricText(name, help, "counter", [`${name}{schema_type="avro"} ${value}`]);
  return (
    counter(`${CONFLUENT}_schemas_created`, "Versions that came since the start", created) +
    counter(`${CONFLUENT}_schemas_deleted`, "Versions deleted here since the start", deleted)
  );
}

function byEndpoint(
  name: string,
  help: string,
  all: readonly Series[],
  read: (series: Series) => number,
): string {
  const totals = new Map<string, number>();
  for (const series of all) {
    totals.set(series.endpoint, (totals.get(series.endpoint) ?? 0) + read(series));
  }
  const lines = [...totals].map(([endpoint, total]) => `${name}{endpoint="${endpoint}"} ${total}`);
  return metricText(name, `${help}, by operation`, "counter", lines);
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

/** The metrics of a measured log; empty for any other. */
function storeText(log: Log | undefined): string {
  const timings = log === undefined ? undefined : byLog.get(log);
  if (timings === undefined) return "";
  const name = "typewire_store_duration_seconds";
  const all = Object.entries<Timing>({ ...timings });
  return (
    metricText(
      name,
      "Time that the store took, by operation",
      "histogram",
      all.flatMap(([operation, { durations }]) =>
        histogramLines(name, `operation="${operation}"`, durations),
      ),
    ) +
    metricText(
      "typewire_store_failures_total",
      "Calls that the store failed, by operation",
      "counter",
      all.map(
        ([operation, { failures }]) =>
          `typewire_store_failures_total{operation="${operation}"} ${failures}`,
      ),
    )
  );
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

/** The lines of one histogram; `labels` without braces. */
function histogramLines(name: string, labels: string, histogram: Histogram): string[] {
  let upTo = 0;
  const buckets = BUCKETS_MS.map((ms, n) => {
    upTo += histogram.buckets[n] ?? 0;
    return `${name}_bucket{le="${ms / 1000}",${labels}} ${upTo}`;
  });
  return [
    ...buckets,
    `${name}_bucket{le="+Inf",${labels}} ${histogram.count}`,
    `${name}_sum{${labels}} ${histogram.seconds}`,
    `${name}_count{${labels}} ${histogram.count}`,
  ];
}

/** A metric with its lines. */
function metricText(
  name: string,
  help: string,
  type: "counter" | "gauge" | "histogram",
  lines: readonly string[],
): string {
  return `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join("")}`;
}
