/**
 * Prometheus metrics of one server.
 *
 * Invariants:
 * - A label never holds what a client made up: endpoints are the operation names of the route table.
 * - Counting a request costs an addition: the text is made when it is asked for. Everything about
 *   requests is therefore kept here and printed here; prom-client has the process and the gauges.
 *
 * Names of our own begin with `typewire_`; the others are those that dashboards for Confluent's
 * registry look for.
 */
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { routes } from "../api/index.ts";
import type { RegistryStats } from "../registry/index.ts";

/** Counts the requests of one operation. */
export type Tally = (status: number, durationMs: number, requestBytes: number) => void;

export interface ServerMetrics {
  /** The tally of an operation; one per operation and method, made once. */
  tally(endpoint: string, method: string): Tally;
  /** The text of `/metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** What was seen of one operation with one status. */
interface Series {
  readonly endpoint: string;
  readonly method: string;
  readonly status: number;
  /** How many took at most as long as the bucket of the same place, and no longer than the one before. */
  readonly buckets: number[];
  count: number;
  seconds: number;
  requestBytes: number;
}

const BUCKETS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];
const CONFLUENT = "kafka_schema_registry";
const JERSEY = `${CONFLUENT}_jersey_metrics`;
const DELETES: ReadonlySet<string> = new Set([routes.S4.operation, routes.S10.operation]);

/** Gauges over the state, read when they are asked for. */
const STATE_GAUGES: readonly (readonly [string, string, keyof RegistryStats])[] = [
  ["log_end", "Offset after the last applied record", "logEnd"],
  ["subjects", "Subjects with a live version", "subjects"],
  ["versions", "Live versions", "versions"],
  ["deleted_versions", "Soft-deleted versions", "deletedVersions"],
  ["schemas", "Distinct schemas over all contexts", "schemas"],
  ["contexts", "Contexts", "contexts"],
];

export function createMetrics(stats: () => RegistryStats): ServerMetrics {
  const registry = new Registry();
  const all: Series[] = [];
  collectDefaultMetrics({ register: registry });
  gauge(registry, `${CONFLUENT}_master_slave_role`, "1: this node takes writes", () => 1);
  gauge(registry, `${CONFLUENT}_node_count`, "Nodes that this one knows of", () => 1);
  for (const [name, help, member] of STATE_GAUGES) {
    gauge(registry, `typewire_registry_${name}`, help, () => stats()[member]);
  }
  return {
    contentType: registry.contentType,
    text: async () => (await registry.metrics()) + requestText(all) + confluentText(all),
    tally: (endpoint, method) => {
      const byStatus = new Map<number, Series>();
      return (status, durationMs, requestBytes) => {
        let series = byStatus.get(status);
        if (series === undefined) {
          const buckets = BUCKETS_MS.map(() => 0);
          series = { endpoint, method, status, buckets, count: 0, seconds: 0, requestBytes: 0 };
          byStatus.set(status, series);
          all.push(series);
        }
        count(series, durationMs, requestBytes);
      };
    },
  };
}

function count(series: Series, durationMs: number, requestBytes: number): void {
  series.count++;
  series.seconds += durationMs / 1000;
  series.requestBytes += requestBytes;
  for (let n = 0; n < BUCKETS_MS.length; n++) {
    if (durationMs <= (BUCKETS_MS[n] ?? 0)) {
      series.buckets[n] = (series.buckets[n] ?? 0) + 1;
      return;
    }
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function requestText(all: readonly Series[]): string {
  const name = "typewire_http_request_duration_seconds";
  const lines = all.flatMap((series) => histogramLines(name, series));
  const bytes = all.map((series) => `${labels(series)} ${series.requestBytes}`);
  return (
    metricText(name, "Time to answer, by operation", "histogram", lines) +
    metricText(
      "typewire_http_request_bytes_total",
      "Bytes of request bodies, by operation",
      "counter",
      bytes.map((line) => `typewire_http_request_bytes_total${line}`),
    )
  );
}

function histogramLines(name: string, series: Series): string[] {
  const { endpoint, method, status } = series;
  const inner = `endpoint="${endpoint}",method="${method}",status="${status}"`;
  let upTo = 0;
  const buckets = BUCKETS_MS.map((ms, n) => {
    upTo += series.buckets[n] ?? 0;
    return `${name}_bucket{le="${ms / 1000}",${inner}} ${upTo}`;
  });
  return [
    ...buckets,
    `${name}_bucket{le="+Inf",${inner}} ${series.count}`,
    `${name}_sum{${inner}} ${series.seconds}`,
    `${name}_count{${inner}} ${series.count}`,
  ];
}

function labels({ endpoint, method, status }: Series): string {
  return `{endpoint="${endpoint}",method="${method}",status="${status}"}`;
}

/** The counters of Confluent's JMX domain, as its exporter names them. */
function confluentText(all: readonly Series[]): string {
  const failed = all.filter(({ status }) => status >= 400);
  const succeeded = all.filter(({ status }) => status < 400);
  const registered = succeeded.filter(({ endpoint }) => endpoint === routes.S6.operation);
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
        const line = `${CONFLUENT}_${name} ${sum(some, ({ count: n }) => n)}`;
        return metricText(`${CONFLUENT}_${name}`, help, "counter", [line]);
      })
      .join("") +
    byEndpoint(`${JERSEY}_request_total`, "Requests", all, ({ count: n }) => n) +
    byEndpoint(`${JERSEY}_request_error_total`, "Requests refused", failed, ({ count: n }) => n) +
    byEndpoint(`${JERSEY}_request_latency_seconds`, "Summed time to answer", all, (s) => s.seconds)
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

function metricText(name: string, help: string, type: string, lines: readonly string[]): string {
  return `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join("")}`;
}
