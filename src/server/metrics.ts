/**
 * Prometheus metrics of one server.
 *
 * Names of our own begin with `typewire_`; the others are those that dashboards for Confluent's
 * registry look for. Endpoints are Confluent's operation names, so a label never holds what a client
 * made up.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { routes } from "../api/index.ts";
import type { Log } from "../registry/index.ts";

/** A finished request. */
export interface RequestSample {
  /** Operation name, or `other` for what no route took. */
  readonly endpoint: string;
  readonly method: string;
  readonly status: number;
  readonly durationSeconds: number;
  readonly requestBytes: number;
}

export interface ServerMetrics {
  record(sample: RequestSample): void;
  /** The text of `/metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const BYTES = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];
const CONFLUENT = "kafka_schema_registry";

export function createMetrics(log: Log | undefined): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const labelNames = ["endpoint", "method", "status"] as const;
  const duration = new Histogram({
    name: "typewire_http_request_duration_seconds",
    help: "Time to answer, by operation",
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const size = new Histogram({
    name: "typewire_http_request_size_bytes",
    help: "Size of request bodies, by operation",
    labelNames: ["endpoint"],
    buckets: BYTES,
    registers,
  });
  const confluent = confluentMetrics(registers);
  if (log !== undefined) {
    new Gauge({
      name: "typewire_registry_log_end",
      help: "Offset after the last applied record",
      registers,
      collect() {
        this.set(log.end);
      },
    });
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    record: (sample) => {
      const { endpoint, method, status, durationSeconds, requestBytes } = sample;
      duration.observe({ endpoint, method, status }, durationSeconds);
      if (requestBytes > 0) size.observe({ endpoint }, requestBytes);
      confluent(sample);
    },
  };
}

/** The counters of Confluent's JMX domain, as its exporter names them. */
function confluentMetrics(registers: Registry[]): (sample: RequestSample) => void {
  const counter = (name: string, help: string) =>
    new Counter({ name: `${CONFLUENT}_${name}`, help, registers });
  const byEndpoint = (name: string, help: string) =>
    new Counter({
      name: `${CONFLUENT}_jersey_metrics_${name}`,
      help,
      labelNames: ["endpoint"],
      registers,
    });
  const succeeded = counter("api_success_count", "Requests answered below 400");
  const failed = counter("api_failure_count", "Requests answered with 400 and above");
  const registered = counter("registered_count", "Successful registrations");
  const deleted = counter("deleted_count", "Successful deletions of versions and subjects");
  const requests = byEndpoint("request_total", "Requests by operation");
  const errors = byEndpoint(
    "request_error_total",
    "Requests by operation, answered with 400 and above",
  );
  const latency = byEndpoint("request_latency_seconds", "Summed time to answer, by operation");
  gauge(registers, "master_slave_role", "1: this node takes writes");
  gauge(registers, "node_count", "Nodes that this one knows of");

  return ({ endpoint, status, durationSeconds }) => {
    const labels = { endpoint };
    requests.inc(labels);
    latency.inc(labels, durationSeconds);
    if (status >= 400) {
      failed.inc();
      errors.inc(labels);
      return;
    }
    succeeded.inc();
    if (endpoint === routes.S6.operation) registered.inc();
    if (endpoint === routes.S4.operation || endpoint === routes.S10.operation) deleted.inc();
  };
}

function gauge(registers: Registry[], name: string, help: string): void {
  new Gauge({ name: `${CONFLUENT}_${name}`, help, registers }).set(1);
}
