/** The registry over HTTP: a service in, a URL out. */

import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { reasonOf } from "../base/index.ts";
import { buildApp } from "./app.ts";
import { serverErrors } from "./errors.ts";
import { createMetrics } from "./metrics.ts";
import type { RegistryServerOptions, ServerSettings } from "./settings.ts";
import { settingsOf } from "./settings.ts";

/** A running registry. */
export interface RegistryServer {
  /** Base URL with the real port, for example `http://127.0.0.1:8081`. */
  readonly url: string;
  readonly port: number;
  /**
   * Ends the streams of changes, serves open connections for `drainMs` at most, finishes what is in
   * flight (for `closeMs` at most), closes the log. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Serves a registry service over HTTP.
 *
 * @throws SERVER_LISTEN_FAILED when the address cannot be used; SERVER_OPTION_INVALID
 */
export async function createRegistryServer(
  options: RegistryServerOptions,
): Promise<RegistryServer> {
  const settings = settingsOf(options);
  let closing: Promise<void> | undefined;
  const metrics = createMetrics(settings);
  const { app, streams } = buildApp(settings, metrics, () => closing !== undefined);
  const connections = watchConnections(app.server);
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
        streams.close();
        await connections.gone(settings.drainMs);
        const cut = setTimeout(() => app.server.closeAllConnections(), settings.closeMs);
        await app.close();
        clearTimeout(cut);
        clearInterval(flushing);
        await flushUsage();
        await settings.log?.close();
      })();
      return closing;
    },
  };
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
