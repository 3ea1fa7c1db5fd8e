/** A registry in one call: a log, the service over it, and the server in front. */

import { LEVELS } from "../api/index.ts";
import type { Log, RegistrySettings } from "../registry/index.ts";
import { createMemoryUsage, createRegistryService } from "../registry/index.ts";
import { createMemoryLog, openSqliteLog, openSqliteUsage } from "../store/index.ts";
import type { RegistryServer } from "./server.ts";
import { createRegistryServer } from "./server.ts";
import type { RegistryServerOptions } from "./settings.ts";
import { invalidOption } from "./settings.ts";
import { measureLog } from "./store-timings.ts";

/** Where a registry keeps its state. */
export const STORES = ["memory", "sqlite"] as const;
/** The name of a store. */
export type StoreName = (typeof STORES)[number];

/** The settings of {@link startRegistry}: those of the server, the store, and the rules. */
export interface StartRegistryOptions extends Omit<RegistryServerOptions, "service" | "log"> {
  /** `sqlite` (default) keeps one file under `data`; `memory` forgets. */
  readonly store?: StoreName;
  /** Folder of the store, made when it is not there. Default `.typewire`. */
  readonly data?: string;
  /** Rules of the registry that differ from the defaults. */
  readonly settings?: Partial<RegistrySettings>;
}

/** A registry that was started with its store. */
export interface StartedRegistry extends RegistryServer {
  /** Whether it began with nothing: its data folder had no registry, or it keeps all in memory. */
  readonly isNew: boolean;
}

/**
 * Starts a registry: opens its store, replays it, and listens. A new one is made only in a folder that
 * has no file of a registry.
 *
 * @throws SERVER_LISTEN_FAILED, SERVER_OPTION_INVALID; STORE errors
 *
 * @example
 * ```ts
 * import { startRegistry } from "typewire/registry";
 *
 * const registry = await startRegistry({ store: "memory", port: 0 });
 * console.log(registry.url);
 * await registry.close();
 * ```
 */
export async function startRegistry(options: StartRegistryOptions = {}): Promise<StartedRegistry> {
  const { store = "sqlite", data = ".typewire", settings = {}, ...serverOptions } = options;
  checkSettings(settings);
  const { log: opened, isNew } = openStore(store, data);
  const log = measureLog(opened);
  const usage = store === "sqlite" ? openSqliteUsage({ folder: data }) : createMemoryUsage();
  try {
    const service = await createRegistryService({ log, clock: Date.now, settings, usage, turn });
    const server = await createRegistryServer({ ...serverOptions, service, log });
    return { ...server, isNew, close: () => server.close().finally(() => usage.close()) };
  } catch (error) {
    usage.close();
    await log.close();
    throw error;
  }
}

/** What types do not hold when it comes from a command line. */
function checkSettings({
  level,
  recordBytesMax = 1,
  compatibilityStepsMax = 1,
}: Partial<RegistrySettings>): void {
  if (level !== undefined && !LEVELS.includes(level)) {
    throw invalidOption("settings.level", level, `use one of ${LEVELS.join(", ")}`);
  }
  if (!Number.isSafeInteger(recordBytesMax) || recordBytesMax < 1) {
    throw invalidOption("settings.recordBytesMax", recordBytesMax, "use a whole number from 1");
  }
  if (!Number.isSafeInteger(compatibilityStepsMax) || compatibilityStepsMax < 1) {
    const use = "use a whole number from 1";
    throw invalidOption("settings.compatibilityStepsMax", compatibilityStepsMax, use);
  }
}

/** A turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openStore(
  store: StoreName,
  folder: string,
): { readonly log: Log; readonly isNew: boolean } {
  switch (store) {
    case "memory":
      return { log: createMemoryLog(), isNew: true };
    case "sqlite": {
      const log = openSqliteLog({ folder });
      return { log, isNew: log.isNew };
    }
    default:
      throw invalidOption("store", store, `use one of ${STORES.join(", ")}`);
  }
}
