/** A registry in one call: a log, the service over it, and the HTTP server in front. */
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { LEVELS } from "../api/index.ts";
import { reasonOf } from "../base/index.ts";
import type { Log, RegistrySettings } from "../registry/index.ts";
import { createMemoryUsage, createRegistryService } from "../registry/index.ts";
import { createMemoryLog, openSqliteLog, openSqliteUsage } from "../store/index.ts";
import { buildApp } from "./app.ts";
import { serverErrors } from "./errors.ts";
import { createMetrics, measureLog } from "./metrics.ts";
import type { RegistryHttpOptions, ServerSettings, ServiceServerOptions } from "./settings.ts";
import { invalidOption, settingsOf } from "./settings.ts";

/** Where a registry keeps its state. */
export const STORES = ["memory", "sqlite"] as const;
/** The name of a store. */
export type StoreName = (typeof STORES)[number];

/** Where a registry keeps its state, by which rules it goes, and how it is served. */
export interface RegistryServerOptions extends RegistryHttpOptions {
  /** `sqlite` (default) keeps one file under `data`; `memory` forgets. */
  readonly store?: StoreName;
  /** Folder of the store, made when it is not there. Default `.typewire`. */
  readonly data?: string;
  /** Rules of the registry that differ from the defaults. */
  readonly settings?: Partial<RegistrySettings>;
}

/** A running registry. */
export interface RegistryServer {
  /** Base URL with the real port, for example `http://127.0.0.1:8081`. */
  readonly url: string;
  readonly port: number;
  /** Whether it began with nothing: its data folder had no registry, or it keeps all in memory. */
  readonly isNew: boolean;
  /**
   * Ends the streams of changes, serves open connections for `drainMs` at most, finishes what is in
   * flight (for `closeMs` at most), closes the store. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Starts a registry: opens its store, replays it, and listens. A new one is made only in a folder that
 * has no file of a registry. `typewire serve` and `typewire/testing` start theirs with this, too.
 *
 * @throws SERVER_LISTEN_FAILED when the address cannot be used; SERVER_OPTION_INVALID; STORE errors
 *
 * @example
 * ```ts
 * import { createRegistryServer } from "typewire/registry";
 *
 * const registry = await createRegistryServer({ store: "memory", port: 0 });
 * console.log(registry.url); // http://127.0.0.1:… with a free port
 * await registry.close();
 * ```
 */
export async function createRegistryServer(
  options: RegistryServerOptions = {},
): Promise<RegistryServer> {
  const { store = "sqlite", data = ".typewire", settings = {}, ...serverOptions } = options;
  checkSettings(settings);
  const { log: opened, isNew } = openStore(store, data);
  const log = measureLog(opened);
  const usage = store === "sqlite" ? openSqliteUsage({ folder: data }) : createMemoryUsage();
  try {
    const service = await createRegistryService({ log, clock: Date.now, settings, usage, turn });
    const server = await serveService({ ...serverOptions, service, log });
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

/** A service that is served; who made its store knows whether it is new. */
export type ServiceServer = Omit<RegistryServer, "isNew">;

/**
 * Serves a registry service over HTTP; {@link createRegistryServer} without the store.
 *
 * @throws SERVER_LISTEN_FAILED when the address cannot be used; SERVER_OPTION_INVALID
 */
export async function serveService(options: ServiceServerOptions): Promise<ServiceServer> {
  const settings = settingsOf(options);
  let closing: Promise<void> | undefined;
  const metrics = createMetrics(settings);
  const app = buildApp(settings, metrics, () => closing !== undefined);
  closeGently(app, settings);
  await listen(app, settings);
  const flushUsage = createUsageFlush(settings);
  const flushing = setInterval(() => void flushUsage(), USAGE_FLUSH_MS).unref();
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${hostInUrl(settings.host)}:${port}`,
    port,
    close: () => {
      closing ??= (async () => {
        metrics.close();
        await app.close();
        clearInterval(flushing);
        await flushUsage();
        await settings.log?.close();
      })();
      return closing;
    },
  };
}

/** Connections are served a little longer after the streams have ended, and cut some time after that. */
function closeGently(app: FastifyInstance, { drainMs, closeMs }: ServerSettings): void {
  const connections = watchConnections(app.server);
  let cut: NodeJS.Timeout | undefined;
  // A plugin, so that it comes after that of the streams.
  void app.register(async (last) => {
    last.addHook("preClose", async () => {
      await connections.gone(drainMs);
      cut = setTimeout(() => app.server.closeAllConnections(), closeMs);
    });
  });
  app.addHook("onClose", async () => clearTimeout(cut));
}

/** At most so much of the counts is lost when the process is killed. */
const USAGE_FLUSH_MS = 10_000;

/** What could not be kept is handed over the next time; of failures in a row the first is told. */
export function createUsageFlush({
  service,
  onUsageFailure,
}: Pick<ServerSettings, "service" | "onUsageFailure">): () => Promise<void> {
  let hasFailed = false;
  return async () => {
    try {
      await service.usage.flush();
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) onUsageFailure(error);
      hasFailed = true;
    }
  };
}

async function listen(app: FastifyInstance, { host, port }: ServerSettings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const reason = reasonOf(cause);
    throw serverErrors.create("SERVER_LISTEN_FAILED", { host, port, reason }, cause);
  }
}

interface Connections {
  /**
   * Resolves when none is left, at the latest after the time given. Until then they are served, with
   * `Connection: close`: cutting idle ones at once would reset requests that have arrived and were not
   * read yet.
   */
  gone(waitMs: number): Promise<void>;
}

function watchConnections(server: Server): Connections {
  let open = 0;
  let onNone = (): void => undefined;
  server.on("connection", (socket: Socket) => {
    open++;
    socket.once("close", () => {
      open--;
      if (open === 0) onNone();
    });
  });
  return {
    async gone(waitMs) {
      if (open === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        onNone = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}

/** An IPv6 address in brackets; "any address" as one that can be connected to. */
function hostInUrl(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
