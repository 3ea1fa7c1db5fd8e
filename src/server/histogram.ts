/** Counts of durations by bucket, in the text format of Prometheus. */

/** Durations that were seen. */
export interface Histogram {
  /** How many took at most as long as the bucket of the same place, and no longer than the one before. */
  readonly buckets: number[];
  count: number;
  seconds: number;
}

const BUCKETS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

export function createHistogram(): Histogram {
  return { buckets: BUCKETS_MS.map(() => 0), count: 0, seconds: 0 };
}

export function observe(histogram: Histogram, durationMs: number): void {
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
export function histogramLines(name: string, labels: string, histogram: Histogram): string[] {
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
export function metricText(
  name: string,
  help: string,
  type: "counter" | "gauge" | "histogram",
  lines: readonly string[],
): string {
  return `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join("")}`;
}
