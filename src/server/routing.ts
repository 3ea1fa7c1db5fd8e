/** From the route table to the framework: each route's request is read, asked, and answered. */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { QueryKind, Refusal, RouteId, RouteRow, SchemaEntity } from "../api/index.ts";
import { isRefusal, negotiate, refusalMessage, refusalRows, routes } from "../api/index.ts";
import type { ValidateBody } from "./body.ts";
import { bodyValidator, readBody } from "./body.ts";
import type { ContentAnswer } from "./content.ts";
import { contentHeaders, createContents, isContentRoute, matchesTag } from "./content.ts";
import { qualify } from "./context-prefix.ts";
import type { AnyHandler, Call } from "./handlers.ts";
import { handlers } from "./handlers.ts";
import { badRequest, HttpError, notAcceptable, notFound } from "./http-error.ts";
import type { ServerMetrics } from "./metrics.ts";
import { elapsedMs, noteOf } from "./note.ts";
import { createPresenter } from "./present.ts";
import type { RawQuery } from "./query.ts";
import { readQuery } from "./query.ts";
import { respond, respondEmpty } from "./respond.ts";
import type { ServerSettings } from "./settings.ts";

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
  metrics: ServerMetrics,
): void {
  const { service, identity } = settings;
  const present = createPresenter(settings.sendsLevel8);
  const contents = createContents(present.text);
  for (const [id, row] of Object.entries<RouteRow>(routes) as [RouteId, RouteRow][]) {
    const bound: Bound = {
      id,
      row,
      handler: handlers[id] as AnyHandler,
      validate: row.body === undefined ? undefined : bodyValidator(row.body),
    };
    const tally = metrics.tally(row.operation, row.method);
    app.route({
      method: row.method,
      url: row.path.replace(/\{(\w+)\}/g, ":$1"),
      config: { tally },
      handler: async (request, reply) => {
        const { headers, raw } = request;
        const mediaType = negotiate(headers.accept);
        if (mediaType === undefined) throw notAcceptable();
        const call = readCall(bound, request);
        const outcome = await bound.handler(service, call, identity);
        if (isRefusal(outcome)) throw refusalError(outcome, settings);
        let status = 200;
        if (isContentRoute(id)) {
          status = sendContent(
            contents(id, call, outcome as SchemaEntity),
            request,
            reply,
            mediaType,
          );
        } else if (outcome === undefined) {
          status = 204;
          respondEmpty(reply, status);
        } else {
          respond(reply, status, mediaType, present.answer(id, outcome, headers));
        }
        tally(status, elapsedMs(raw), contentLength(raw));
      },
    });
  }
}

/** Bytes of a request's body as it says, 0 when it does not. */
export function contentLength(raw: IncomingMessage): number {
  const text = raw.headers["content-length"];
  return text === undefined ? 0 : Number(text) || 0;
}

function readCall({ row, validate }: Bound, request: FastifyRequest): Call<RouteId> {
  const note = noteOf(request.raw);
  const qualifier = note?.qualifier;
  if (note?.inContext === true && qualifier === undefined) {
    throw badRequest("The context of the path is not valid: it may not have a colon");
  }
  const path = request.params as Record<string, string>;
  for (const name in path) if (path[name] === "") throw notFound();
  if (qualifier !== undefined && path["subject"] !== undefined) {
    path["subject"] = qualify(qualifier, path["subject"]);
  }
  const { headers } = request;
  const body = validate === undefined ? undefined : readBody(headers, request.body);
  validate?.(body);
  return {
    path,
    query: readQualifiedQuery(row.query, request.query as RawQuery, qualifier),
    body,
    scope: qualifier,
    ifMatch: headers["if-match"],
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

/** Sends content, or says that the client has it already; answers the status. */
function sendContent(
  { text, etag, isImmutable }: ContentAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
  mediaType: string,
): number {
  const headers = contentHeaders(etag, isImmutable);
  if (matchesTag(request.headers["if-none-match"], etag)) {
    respondEmpty(reply, 304, headers);
    return 304;
  }
  respond(reply, 200, mediaType, text, headers);
  return 200;
}

function refusalError(refusal: Refusal, { incompatibleErrorCode }: ServerSettings): HttpError {
  const { status, errorCode } = refusalRows[refusal.refusal];
  const code = refusal.refusal === "INCOMPATIBLE_SCHEMA" ? incompatibleErrorCode : errorCode;
  return new HttpError(status, refusalMessage(refusal), code);
}
