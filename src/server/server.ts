/** The registry over HTTP: a service in, a URL out. */
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
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
  /** Takes no new connections, finishes what is in flight, closes the log. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves a registry service over HTTP.
 *
 * @throws `SERVER_LISTEN_FAILED` when the address cannot be used
 * @throws `SERVER_OPTION_INVALID`
 */
export async function createRegistryServer(
  options: RegistryServerOptions,
): Promise<RegistryServer> {
  const settings = settingsOf(options);
  let closing: Promise<void> | undefined;
  const metrics = createMetrics(() => settings.service.stats());
  const app = buildApp(settings, metrics, () => closing !== undefined);
  await listen(app, settings);
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${hostInUrl(settings.host)}:${port}`,
    port,
    close: () => {
      closing ??= close(app, settings);
      return closing;
    },
  };
}

async function listen(app: FastifyInstance, { host, port }: ServerSettings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw serverErrors.create("SERVER_LISTEN_FAILED", { host, port, reason }, cause);
  }
}

/**
 * How long open connections are served with `Connection: close` before the idle ones are cut. Cutting
 * at once would reset requests that have arrived and were not read yet.
 */
const DRAIN_MS = 50;

async function close(app: FastifyInstance, { log }: ServerSettings): Promise<void> {
  if ((await openConnections(app)) > 0) await sleep(DRAIN_MS);
  await app.close();
  await log?.close();
}

function openConnections({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

/** An IPv6 address in brackets; "any address" as one that can be connected to. */
function hostInUrl(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
