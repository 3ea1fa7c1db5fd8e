/**
 * Whether the registry can be used: the store is asked, for a bounded time.
 *
 * Invariants:
 * - A store that hangs is asked once, however often the probe comes.
 * - A store that can be read and not written (a full disk) is not ready: the log says so, and finds
 *   out by itself when it is over, as nobody sends writes to a registry that is not ready.
 */
import type { Log } from "../registry/index.ts";
import { reasonOf } from "./store-reason.ts";

/** Why the registry is not ready; `undefined` when it is. */
export type ReadinessProbe = () => Promise<string | undefined>;

/** Asks the log for everything that is committed; a server without its log is ready. */
export function createReadinessProbe(log: Log | undefined, waitMs: number): ReadinessProbe {
  let asking: Promise<string | undefined> | undefined;
  const ask = async (store: Log): Promise<string | undefined> => {
    try {
      await store.barrier();
      const { failure } = store;
      return failure === undefined ? undefined : reasonOf(failure);
    } catch (error) {
      return reasonOf(error);
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    if (log === undefined) return undefined;
    asking ??= ask(log);
    return within(asking, waitMs, `The store has not answered within ${waitMs} ms`);
  };
}

async function within<T>(answer: Promise<T>, waitMs: number, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, waitMs, otherwise);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
