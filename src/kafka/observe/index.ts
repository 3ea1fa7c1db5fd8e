/** What a service sees of its clients: metrics, traces, logs, health; and how it ends. */
export type {
  HealthProblem,
  KafkaHealth,
  KafkaHealthOptions,
  KafkaHealthReport,
} from "./health.ts";
export { kafkaHealth } from "./health.ts";
export type { KafkaLogger } from "./logs.ts";
export { kafkaLogs } from "./logs.ts";
export type { KafkaMetrics, KafkaMetricsOptions, MetricsRegistry } from "./metrics.ts";
export { kafkaMetrics } from "./metrics.ts";
export type { RestartOptions } from "./restart.ts";
export { withRestarts } from "./restart.ts";
export type { Closable, Shutdown, ShutdownOptions, SignalSource } from "./shutdown.ts";
export { stopOnSignals } from "./shutdown.ts";
export type { OpenTelemetryOptions, OtelApi, OtelSpan, OtelSpanContext } from "./traces.ts";
export { openTelemetry } from "./traces.ts";
