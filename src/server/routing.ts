/** From the route table to the framework: each route's request is read, asked, and answered. */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { QueryKind, Refusal, RouteId, RouteRow, SchemaEntity } from "../api/index.ts";
import { isRefusal, negotiate, refusalMessage, refusalRows, routes } from "../api/index.ts";
import type { ValidateBody } from "./body.ts";
import { createBodyValidators } from "./body.ts";
import type { ContentRoute } from "./content.ts";
import { contentAnswer, isContentRoute, matchesTag } from "./content.ts";
import { qualify } from "./context-prefix.ts";
import type { AnyHandler, Call } from "./handlers.ts";
import { handlers } from "./handlers.ts";
import { badRequest, HttpError, notAcceptable, notFound } from "./http-error.ts";
import { createPresenter } from "./present.ts";
import type { RawQuery } from "./query.ts";
import { readQuery } from "./query.ts";
import { respond, respondEmpty } from "./respond.ts";
import type { ServerSettings } from "./settings.ts";

/** What the URL rewriter found out about a request; `undefined` for one without a context. */
export type ContextOf = (raw: IncomingMessage) => ContextNote | undefined;
export interface ContextNote {
  /** `:.name:`, or `undefined` when the name cannot be a context's. */
  readonly qualifier: string | undefined;
}

/** A route, with what its requests need. */
interface Bound {
  readonly id: RouteId;
  readonly row: RouteRow;
  readonly handler: AnyHandler;
  readonly validate: ValidateBody | undefined;
}

/** Registers every route of the table. */
export function registerRoutes(
  app: FastifyInstance,
  settings: ServerSettings,
  contextOf: ContextOf,
): void {
  const { service, identity } = settings;
  const compile = createBodyValidators();
  const present = createPresenter(settings.sendsLevel8);
  for (const [id, row] of Object.entries<RouteRow>(routes) as [RouteId, RouteRow][]) {
    const bound: Bound = {
      id,
      row,
      handler: handlers[id] as AnyHandler,
      validate: row.body === undefined ? undefined : compile(row.body),
    };
    app.route({
      method: row.method,
      url: row.path.replace(/\{(\w+)\}/g, ":$1"),
      config: { operation: row.operation, hasBody: row.body !== undefined },
      handler: async (request, reply) => {
        const mediaType = negotiate(request.headers.accept);
        if (mediaType === undefined) throw notAcceptable();
        const call = readCall(bound, request, contextOf(request.raw));
        const outcome = await bound.handler(service, call, identity);
        if (isRefusal(outcome)) throw refusalError(outcome, settings);
        if (isContentRoute(id)) {
          sendContent(id, call, outcome as SchemaEntity, request, reply, mediaType, present.text);
        } else if (outcome === undefined) {
          respondEmpty(reply, 204);
        } else {
          respond(reply, 200, mediaType, present.answer(id, outcome, request.headers));
        }
      },
    });
  }
}

function readCall(
  { row, validate }: Bound,
  request: FastifyRequest,
  context: ContextNote | undefined,
): Call<RouteId> {
  if (context !== undefined && context.qualifier === undefined) {
    throw badRequest("The context of the path is not valid: it may not have a colon");
  }
  const qualifier = context?.qualifier;
  const path = request.params as Record<string, string>;
  for (const name in path) if (path[name] === "") throw notFound();
  if (qualifier !== undefined && path["subject"] !== undefined) {
    path["subject"] = qualify(qualifier, path["subject"]);
  }
  validate?.(request.body);
  const { "if-match": ifMatch } = request.headers;
  return {
    path,
    query: readQualifiedQuery(row.query, request.query as RawQuery, qualifier),
    body: request.body,
    scope: qualifier,
    ifMatch,
  } as Call<RouteId>;
}

/** `subject` and `subjectPrefix` mean the context even when they are absent. */
function readQualifiedQuery(
  kinds: Readonly<Record<string, QueryKind>> | undefined,
  raw: RawQuery,
  qualifier: string | undefined,
): Record<string, unknown> {
  const query = readQuery(kinds, raw);
  if (qualifier === undefined || kinds === undefined) return query;
  for (const name of ["subject", "subjectPrefix"]) {
    const value = query[name];
    if (kinds[name] === undefined) continue;
    query[name] = qualify(qualifier, typeof value === "string" ? value : "");
  }
  return query;
}

function sendContent(
  route: ContentRoute,
  call: Call<RouteId>,
  entity: SchemaEntity,
  request: FastifyRequest,
  reply: FastifyReply,
  mediaType: string,
  toText: (entity: unknown) => string,
): void {
  const { version } = call.path as { version?: string };
  const { text, etag, cacheControl } = contentAnswer(route, entity, version, call.query, toText);
  const headers = { etag, "cache-control": cacheControl, vary: "accept" };
  if (matchesTag(request.headers["if-none-match"], etag)) respondEmpty(reply, 304, headers);
  else respond(reply, 200, mediaType, text, headers);
}

function refusalError(refusal: Refusal, { incompatibleErrorCode }: ServerSettings): HttpError {
  const { status, errorCode } = refusalRows[refusal.refusal];
  const code = refusal.refusal === "INCOMPATIBLE_SCHEMA" ? incompatibleErrorCode : errorCode;
  return new HttpError(status, refusalMessage(refusal), code);
}
