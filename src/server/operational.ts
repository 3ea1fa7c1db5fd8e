/** Health, metrics, and the API's description. None of them takes part in content negotiation. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { createReadinessProbe } from "./health.ts";
import type { ServerMetrics } from "./metrics.ts";
import { openApiText } from "./openapi.ts";
import { respond } from "./respond.ts";
import type { ServerSettings } from "./settings.ts";

/** Whether the server is going down; then it is not ready. */
export type IsClosing = () => boolean;

export const OPERATIONAL_PATHS = [
  "/health/live",
  "/health/ready",
  "/health/startup",
  "/metrics",
  "/openapi.json",
];

export function registerOperational(
  app: FastifyInstance,
  settings: ServerSettings,
  metrics: ServerMetrics,
  isClosing: IsClosing,
): void {
  const notReady = createReadinessProbe(settings.log, settings.readyWaitMs);
  app.get("/health/live", async (_request, reply) => {
    report(reply, undefined);
  });
  // It listens only after the store was read, so that the first answer is that it has started.
  app.get("/health/startup", async (_request, reply) => {
    report(reply, undefined);
  });
  app.get("/health/ready", async (_request, reply) => {
    const reason = isClosing() ? "The registry is shutting down" : await notReady();
    report(reply, reason, settings.log?.engine);
  });
  app.get("/metrics", async (_request, reply) => {
    respond(reply, 200, metrics.contentType, await metrics.text());
  });
  let openApi: string | undefined;
  app.get("/openapi.json", async (_request, reply) => {
    openApi ??= openApiText(settings.identity.version);
    respond(reply, 200, "application/json", openApi);
  });
}

function report(reply: FastifyReply, reason: string | undefined, store?: string): void {
  const isUp = reason === undefined;
  const body = isUp
    ? { status: "UP", ...(store !== undefined && { store }) }
    : { status: "DOWN", reason };
  respond(reply, isUp ? 200 : 503, "application/json", JSON.stringify(body), {
    "cache-control": "no-store",
  });
}
