/** Waiting that can be cut short. */
import type { Clock } from "./deadline.ts";
import { processClock } from "./deadline.ts";

/** Resolves after so many milliseconds, or when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal, clock: Clock = processClock): Promise<void> {
  let cancel = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  return untilAborted(over, signal).finally(cancel);
}

/** Resolves with the promise, or when the signal is aborted. */
export function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = (): void => {
      signal.removeEventListener("abort", end);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
    promise.then(end, (error: unknown) => {
      signal.removeEventListener("abort", end);
      reject(error);
    });
  });
}
