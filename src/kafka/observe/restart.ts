/**
 * A consumer that starts again after failures that can pass.
 *
 * Invariants: only a retriable failure restarts; the pause grows from failure to failure and is short
 * again after a run that lasted; the number of restarts in a row is bounded.
 */
import { isTypewireError } from "../../base/index.ts";
import type { Clock } from "../contract/index.ts";
import { checkKafka, pause, processClock, RESTARTS } from "../contract/index.ts";

/** How to start again; times in milliseconds. */
export interface RestartOptions {
  /** The first pause. Default 1,000; it doubles, with up to a fifth of jitter. */
  readonly firstDelayMs?: number;
  /** The longest pause. Default 60,000. */
  readonly maxDelayMs?: number;
  /** Failures in a row after which it gives up. Default: never. */
  readonly maxRestarts?: number;
  /** A run of this length makes the next pause the first one again. Default 60,000. */
  readonly steadyMs?: number;
  /** Which failures restart. Default: errors that say `retriable`. */
  readonly restarts?: (error: unknown) => boolean;
  /** Told before each pause. */
  readonly onRestart?: (error: unknown, delayMs: number, restarts: number) => void;
  /** Ends the whole: no further start. The consumer's own `run` heeds it too. */
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests: from 0 to below 1. */
  readonly random?: () => number;
}

const JITTER = 0.2;

/**
 * Calls `start` (create a consumer, run it to its end) again and again until it ends without a
 * failure, fails for good, or the signal is aborted.
 *
 * @throws the failure that is not retriable, or the last one when there were too many;
 *   KAFKA_OPTION_INVALID
 *
 * @example
 * ```ts
 * import { createConsumer, withRestarts } from "typewire/kafka";
 * import { orders } from "./generated/orders.js";
 *
 * await withRestarts(async () => {
 *   const consumer = await createConsumer({
 *     brokers: ["localhost:9092"],
 *     registry: "http://localhost:8081",
 *     group: "billing",
 *     topics: [orders],
 *     from: "earliest",
 *   });
 *   await consumer.run((message) => console.log(message.value.orderId));
 * });
 * ```
 */
export async function withRestarts(
  start: () => Promise<void>,
  options: RestartOptions = {},
): Promise<void> {
  checkKafka(RESTARTS, { start, options });
  const { firstDelayMs = 1_000, maxDelayMs = 60_000, steadyMs = 60_000 } = options;
  const { signal = new AbortController().signal } = options;
  const { clock = processClock, random = Math.random } = options;
  const restarts = options.restarts ?? isRetriable;
  const most = options.maxRestarts ?? Number.POSITIVE_INFINITY;
  for (let failures = 0; !signal.aborted; ) {
    const startedAt = clock.now();
    try {
      await start();
      return;
    } catch (error) {
      if (clock.now() - startedAt >= steadyMs) failures = 0;
      if (signal.aborted || !restarts(error) || failures >= most) throw error;
      const grown = Math.min(maxDelayMs, firstDelayMs * 2 ** failures);
      const delayMs = grown * (1 - JITTER * random());
      failures++;
      options.onRestart?.(error, delayMs, failures);
      await pause(delayMs, signal, clock);
    }
  }
}

function isRetriable(error: unknown): boolean {
  return isTypewireError(error) && error.retriable;
}
