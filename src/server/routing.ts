/**
 * From the route table to the framework: each route's request is read, asked, and answered; what no
 * route takes is a 404, a 405 with the methods that would do, or the answer to `OPTIONS`.
 */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyPluginCallback } from "fastify";
import type { Operation, RouteRow } from "../api/index.ts";
import { isRefusal, negotiate, routes } from "../api/index.ts";
import { byUnits } from "../base/index.ts";
import { createUsageNotes } from "./client-usage.ts";
import type { AnyHandler, Call, EntityRoute } from "./handlers.ts";
import { handlers } from "./handlers.ts";
import { notAcceptable, refusalError } from "./http-error.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { ReadableRoute } from "./read-call.ts";
import { bodyValidator, readCall } from "./read-call.ts";
import { elapsedMs } from "./request-log.ts";
import { createPresenter, createSender } from "./respond.ts";
import type { ServerSettings } from "./settings.ts";

/** A route, with what its requests need. */
interface Bound extends ReadableRoute {
  readonly operation: EntityRoute;
  readonly handler: AnyHandler;
}

/** Every route of the table but the change stream, as a plugin. */
export function apiRoutes(settings: ServerSettings, metrics: ServerMetrics): FastifyPluginCallback {
  const { service } = settings;
  const send = createSender(createPresenter(settings.sendsLevel8));
  const usage = createUsageNotes(service);
  const addRoute = (app: FastifyInstance, bound: Bound): void => {
    const { operation, row, handler } = bound;
    const tally = metrics.tally(operation, row.method);
    app.route({
      method: row.method,
      url: urlOf(row),
      config: { tally, access: row.access },
      handler: async (request, reply) => {
        const mediaType = negotiate(request.headers.accept);
        if (mediaType === undefined) throw notAcceptable();
        const call = readCall(bound, request);
        const outcome = await handler(service, call, settings);
        if (isRefusal(outcome)) throw refusalError(outcome, settings);
        usage.answered(request.raw, { operation, call, outcome });
        metrics.deleted(softlyDeleted(operation, call, outcome));
        const { status, bytes } = send(operation, call, outcome, request, reply, mediaType);
        tally(status, elapsedMs(request.raw), contentLength(request.raw), bytes);
      },
    });
  };
  return (app, _options, done) => {
    for (const [operation, row] of Object.entries<RouteRow>(routes) as [Operation, RouteRow][]) {
      if (!isEntityRoute(operation)) continue;
      const handler = handlers[operation] as AnyHandler;
      const validate = bodyValidator(operation);
      addRoute(app, { operation, row, handler, validate });
    }
    done();
  };
}

/** How many versions a request deleted softly. */
function softlyDeleted(
  operation: EntityRoute,
  { query }: Call<Operation>,
  outcome: unknown,
): number {
  const deletes =
    operation === "subjects.delete-subject" ||
    operation === "subjects.versions.delete-schema-version";
  if (!deletes || ("permanent" in query && query.permanent)) return 0;
  return Array.isArray(outcome) ? outcome.length : 1;
}

function isEntityRoute(operation: Operation): operation is EntityRoute {
  return operation in handlers;
}

/** A row's path as the framework's router spells it. */
export function urlOf({ path }: RouteRow): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

/** Bytes of a request's body as it says, 0 when it does not. */
export function contentLength(raw: IncomingMessage): number {
  const text = raw.headers["content-length"];
  return text === undefined ? 0 : Number(text) || 0;
}

interface PathRow {
  readonly segments: readonly string[];
  readonly method: string;
}

/** Methods of the routes at a path, sorted; empty when there is no such path. */
type MethodsAt = (path: string) => readonly string[];

export function createMethodsAt(extraPaths: readonly string[]): MethodsAt {
  const rows: PathRow[] = [
    ...Object.values(routes).map((row: RouteRow) => toRow(row.path, row.method)),
    ...extraPaths.map((path) => toRow(path, "GET")),
  ];
  return (path) => {
    const segments = segmentsOf(path);
    const methods = new Set(rows.filter((row) => covers(row, segments)).map((row) => row.method));
    if (methods.size === 0) return [];
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods.add("OPTIONS")].sort(byUnits);
  };
}

function toRow(path: string, method: string): PathRow {
  return { segments: segmentsOf(path), method };
}

function segmentsOf(path: string): readonly string[] {
  return path.split("?", 1).join("").split("/").slice(1).filter(isNotTrailing);
}

/** A slash at the end does not count. */
function isNotTrailing(segment: string, index: number, all: readonly string[]): boolean {
  return segment !== "" || index < all.length - 1;
}

function covers(row: PathRow, segments: readonly string[]): boolean {
  return (
    row.segments.length === segments.length &&
    row.segments.every((name, n) =>
      name.startsWith("{") ? segments[n] !== "" : name === segments[n],
    )
  );
}
