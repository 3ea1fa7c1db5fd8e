/** How long the store takes: a log that measures what goes through it. */
import type { Log } from "../registry/index.ts";
import type { Histogram } from "./histogram.ts";
import { createHistogram, histogramLines, metricText, observe } from "./histogram.ts";

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
export function storeText(log: Log | undefined): string {
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
