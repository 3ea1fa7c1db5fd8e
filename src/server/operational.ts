/**
 * Health, metrics, and the API's description. None of them takes part in content negotiation.
 *
 * Invariants of the readiness probe, which asks the store for a bounded time:
 * - A store that hangs is asked once, however often the probe comes.
 * - A store that can be read and not written (a full disk) is not ready: the log says so, and finds
 *   out by itself when it is over, as nobody sends writes to a registry that is not ready.
 */
import type { FastifyPluginCallback, FastifyReply } from "fastify";
import type { QueryKind, RefusalName, RouteAccess, RouteRow } from "../api/index.ts";
import { answerSchemas, MEDIA_TYPES, refusalRows, routes } from "../api/index.ts";
import type { Log } from "../registry/index.ts";
import { storeReason } from "./http-error.ts";
import type { ServerMetrics } from "./metrics.ts";
import { respond } from "./respond.ts";
import type { ServerSettings } from "./settings.ts";

/** Whether the server is going down; then it is not ready. */
export type IsClosing = () => boolean;

/** The paths, each with what it needs; probes have no credentials. */
export const operationalAccess = {
  "/health/live": { action: "public" },
  "/health/ready": { action: "public" },
  "/health/startup": { action: "public" },
  "/metrics": { action: "read", on: "registry" },
  "/openapi.json": { action: "public" },
} as const satisfies Readonly<Record<string, RouteAccess>>;

/** The routes, as a plugin. */
export function operationalRoutes(
  settings: ServerSettings,
  metrics: ServerMetrics,
  isClosing: IsClosing,
): FastifyPluginCallback {
  const notReady = createReadinessProbe(settings.log, settings.readyWaitMs);
  let openApi: string | undefined;
  const answers: Readonly<Record<keyof typeof operationalAccess, Answer>> = {
    "/health/live": (reply) => report(reply, undefined),
    // It listens only after the store was read, so that the first answer is that it has started.
    "/health/startup": (reply) => report(reply, undefined),
    "/health/ready": async (reply) => {
      const reason = isClosing() ? "The registry is shutting down" : await notReady();
      report(reply, reason, settings.log?.engine);
    },
    "/metrics": async (reply) => {
      respond(reply, 200, metrics.contentType, await metrics.text());
    },
    "/openapi.json": (reply) => {
      openApi ??= openApiText(settings.identity.version);
      respond(reply, 200, "application/json", openApi);
    },
  };
  return (app, _options, done) => {
    for (const [url, answer] of Object.entries(answers) as [keyof typeof answers, Answer][]) {
      const config = { access: operationalAccess[url] };
      app.get(url, { config }, async (_request, reply) => answer(reply));
    }
    done();
  };
}

type Answer = (reply: FastifyReply) => void | Promise<void>;

function report(reply: FastifyReply, reason: string | undefined, store?: string): void {
  const isUp = reason === undefined;
  const body = isUp
    ? { status: "UP", ...(store !== undefined && { store }) }
    : { status: "DOWN", reason };
  respond(reply, isUp ? 200 : 503, "application/json", JSON.stringify(body), {
    "cache-control": "no-store",
  });
}

/** Why the registry is not ready; `undefined` when it is. */
type ReadinessProbe = () => Promise<string | undefined>;

/** Asks the log for everything that is committed; a server without its log is ready. */
function createReadinessProbe(log: Log | undefined, waitMs: number): ReadinessProbe {
  let asking: Promise<string | undefined> | undefined;
  const ask = async (store: Log): Promise<string | undefined> => {
    try {
      await store.barrier();
      const { failure } = store;
      return failure === undefined ? undefined : storeReason(failure);
    } catch (error) {
      return storeReason(error);
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

const ERROR_REF = { $ref: "#/components/schemas/Error" };

/** The OpenAPI 3.1 document of the registry, as text. */
function openApiText(version: string): string {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operation, row] of Object.entries<RouteRow>(routes)) {
    const item = paths[row.path] ?? {};
    item[row.method.toLowerCase()] = operationOf(operation, row);
    paths[row.path] = item;
  }
  return JSON.stringify({
    openapi: "3.1.0",
    info: {
      title: "typewire schema registry",
      version,
      description:
        "Confluent's schema registry API for Avro, and more. Every path is also there under /contexts/{context}.",
    },
    paths,
    components: {
      schemas: {
        ...answerSchemas,
        Error: {
          type: "object",
          required: ["error_code", "message"],
          additionalProperties: false,
          properties: { error_code: { type: "integer" }, message: { type: "string" } },
        },
      },
    },
  });
}

function operationOf(operationId: string, row: RouteRow): Record<string, unknown> {
  const isEmpty = row.answer === "Nothing";
  return {
    operationId,
    summary: row.summary,
    parameters: [...pathParameters(row.path), ...queryParameters(row.query ?? {})],
    ...(row.body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(row.body) } }),
    responses: {
      ...(isEmpty
        ? { 204: { description: "Done" } }
        : {
            200: {
              description: "The answer",
              content: contentOf({ $ref: `#/components/schemas/${row.answer}` }, row.produces),
            },
          }),
      ...refusalResponses(row.refusals ?? []),
      default: { description: "Any other error", content: contentOf(ERROR_REF) },
    },
  };
}

function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: name === "id" ? "integer" : "string" },
  }));
}

function queryParameters(query: Readonly<Record<string, QueryKind>>): unknown[] {
  return Object.entries(query).map(([name, kind]) => ({
    name,
    in: "query",
    schema: kind === "strings" ? { type: "array", items: { type: "string" } } : { type: kind },
  }));
}

/** Refusals by status; the description lists the codes and what each one says. */
function refusalResponses(names: readonly RefusalName[]): Record<string, unknown> {
  const byStatus = new Map<number, string[]>();
  for (const name of names) {
    const { status, errorCode, message } = refusalRows[name];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${errorCode}: ${message}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join("\n"), content: contentOf(ERROR_REF) },
    ]),
  );
}

function contentOf(schema: object, type?: string): Record<string, unknown> {
  const types = type === undefined ? MEDIA_TYPES : [type];
  return Object.fromEntries(types.map((name) => [name, { schema }]));
}
