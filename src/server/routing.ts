/** From the route table to the framework: each route's request is read, asked, and answered. */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Operation, QueryKind, RouteRow, SchemaEntity } from "../api/index.ts";
import { isRefusal, negotiate, routes } from "../api/index.ts";
import type { ValidateBody } from "./body.ts";
import { bodyValidator, readBody } from "./body.ts";
import type { AnyHandler, Call, EntityRoute } from "./call.ts";
import { createUsageNotes } from "./client-usage.ts";
import type { ContentAnswer } from "./content.ts";
import { contentHeaders, createContents, isContentRoute, matchesTag } from "./content.ts";
import { qualify } from "./context-prefix.ts";
import { EntityWithStatus } from "./extra-handlers.ts";
import { handlers } from "./handlers.ts";
import { badRequest, notAcceptable, notFound } from "./http-error.ts";
import type { ServerMetrics } from "./metrics.ts";
import { elapsedMs, noteOf } from "./note.ts";
import type { Presenter } from "./present.ts";
import { createPresenter } from "./present.ts";
import type { RawQuery } from "./query.ts";
import { readQuery } from "./query.ts";
import { refusalError } from "./refusal.ts";
import { respond, respondEmpty } from "./respond.ts";
import type { ServerSettings } from "./settings.ts";

/** A route, with what its requests need. */
interface Bound {
  readonly operation: EntityRoute;
  readonly row: RouteRow;
  readonly handler: AnyHandler;
  readonly validate: ValidateBody | undefined;
}

/** Registers every route of the table; those that answer with a stream are the caller's. */
export function registerRoutes(
  app: FastifyInstance,
  settings: ServerSettings,
  metrics: ServerMetrics,
): void {
  const { service } = settings;
  const send = createSender(createPresenter(settings.sendsLevel8));
  const usage = createUsageNotes(service);
  for (const [operation, row] of Object.entries<RouteRow>(routes) as [Operation, RouteRow][]) {
    if (!isEntityRoute(operation)) continue;
    const bound: Bound = {
      operation,
      row,
      handler: handlers[operation] as AnyHandler,
      validate: row.body === undefined ? undefined : bodyValidator(row.body),
    };
    const tally = metrics.tally(operation, row.method);
    app.route({
      method: row.method,
      url: urlOf(row),
      config: { tally },
      handler: async (request, reply) => {
        const mediaType = negotiate(request.headers.accept);
        if (mediaType === undefined) throw notAcceptable();
        const call = readCall(bound, request);
        const outcome = await bound.handler(service, call, settings);
        if (isRefusal(outcome)) throw refusalError(outcome, settings);
        usage.answered(request.raw, { operation, call, outcome });
        metrics.deleted(softlyDeleted(operation, call, outcome));
        const { status, bytes } = send(operation, call, outcome, request, reply, mediaType);
        tally(status, elapsedMs(request.raw), contentLength(request.raw), bytes);
      },
    });
  }
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

/** What was sent. */
interface Sent {
  readonly status: number;
  readonly bytes: number;
}

type Sender = (
  operation: EntityRoute,
  call: Call<Operation>,
  outcome: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  mediaType: string,
) => Sent;

function createSender(present: Presenter): Sender {
  const contents = createContents(present.text);
  return (operation, call, outcome, request, reply, mediaType) => {
    if (isContentRoute(operation)) {
      return sendContent(
        contents(operation, call, outcome as SchemaEntity),
        request,
        reply,
        mediaType,
      );
    }
    if (outcome === undefined) {
      respondEmpty(reply, 204);
      return { status: 204, bytes: 0 };
    }
    const { status, entity } =
      outcome instanceof EntityWithStatus ? outcome : { status: 200, entity: outcome };
    const text = present.answer(operation, entity, request.headers);
    return { status, bytes: respond(reply, status, mediaType, text) };
  };
}

/** Bytes of a request's body as it says, 0 when it does not. */
export function contentLength(raw: IncomingMessage): number {
  const text = raw.headers["content-length"];
  return text === undefined ? 0 : Number(text) || 0;
}

/** A request, read and checked. @throws 400, 404, 415, 422 */
export function readCall(
  { row, validate }: Pick<Bound, "row" | "validate">,
  request: FastifyRequest,
): Call<Operation> {
  const note = noteOf(request.raw);
  const qualifier = note?.qualifier;
  if (note?.inContext === true && qualifier === undefined) {
    throw badRequest(
      "The context of the path is not valid: it is UTF-8, percent-encoded, without a colon",
    );
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
  } as Call<Operation>;
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

/** Sends content, or says that the client has it already. */
function sendContent(
  { text, etag, isImmutable }: ContentAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
  mediaType: string,
): Sent {
  const headers = contentHeaders(etag, isImmutable);
  if (matchesTag(request.headers["if-none-match"], etag)) {
    respondEmpty(reply, 304, headers);
    return { status: 304, bytes: 0 };
  }
  return { status: 200, bytes: respond(reply, 200, mediaType, text, headers) };
}
