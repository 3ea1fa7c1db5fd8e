/**
 * The framework's instance: everything of HTTP that is not a route.
 *
 * Invariants:
 * - Nothing that a client sends yields a 500.
 * - Every error has the API's form, also those of the framework and of the HTTP parser.
 */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { FastifyInstance } from "fastify";
import { fastify } from "fastify";
import type { ChangeStreams } from "./changes.ts";
import { registerChanges } from "./changes.ts";
import { splitContext } from "./context-prefix.ts";
import { createFront } from "./front.ts";
import {
  badRequest,
  HttpError,
  internalError,
  methodNotAllowed,
  notFound,
  payloadTooLarge,
  unsupportedMediaType,
} from "./http-error.ts";
import type { ServerMetrics, Tally } from "./metrics.ts";
import { elapsedMs, setNote } from "./note.ts";
import type { IsClosing } from "./operational.ts";
import { OPERATIONAL_PATHS, registerOperational } from "./operational.ts";
import { answerParserError, answerProtocol, statusError } from "./protocol-errors.ts";
import { requestIdOf, respondEmpty, respondError } from "./respond.ts";
import { contentLength, registerRoutes } from "./routing.ts";
import type { ServerSettings } from "./settings.ts";
import { isStoreError, reasonOf } from "./store-reason.ts";
import { createMethodsAt } from "./unmatched.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Counts the requests of the route's operation. */
    tally?: Tally;
  }
}

/** Node's limit on the whole header bounds a segment; the router's own limit must not be lower. */
const SEGMENT_CHARS_MAX = 1_000_000;

/** A connection may be idle for longer than load balancers keep it; a request may not dawdle. */
const SERVER_OPTIONS = {
  keepAliveTimeout: 72_000,
  requestTimeout: 60_000,
  // Asked for in `access.ts`, whose answer has a body.
  requireHostHeader: false,
};

/**
 * No route gives the framework a schema: bodies are checked in `body.ts`, answers are written in
 * `respond.ts`. Its own compilers would be loaded with each start, and take a third of the framework's time.
 */
const NO_COMPILERS = {
  buildValidator: neverCompiled("checked by the framework"),
  buildSerializer: neverCompiled("written by the framework"),
};

function neverCompiled(what: string): () => never {
  return () => assert.fail(`nothing is ${what}`);
}

/** The instance, and its streams of changes, which have to be ended before it can close. */
export interface App {
  readonly app: FastifyInstance;
  readonly streams: ChangeStreams;
}

export function buildApp(
  settings: ServerSettings,
  metrics: ServerMetrics,
  isClosing: IsClosing,
): App {
  const other = metrics.tally("other", "any");
  const app: FastifyInstance = fastify({
    serverFactory: (handler) => {
      const server = createServer(SERVER_OPTIONS);
      const front = createFront(settings, metrics, isClosing, server);
      server.on("request", (request: IncomingMessage, response: ServerResponse) => {
        if (!front.answer(request, response)) handler(request, response);
      });
      answerProtocol(server, front.refuse);
      return server;
    },
    bodyLimit: settings.bodyLimitBytes,
    return503OnClosing: false,
    forceCloseConnections: "idle",
    genReqId: requestIdOf,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: SEGMENT_CHARS_MAX },
    rewriteUrl: noteRequest,
    schemaController: { compilersFactory: NO_COMPILERS },
    frameworkErrors: (error, request, reply) => {
      answerError(request, reply, toHttpError(error, settings));
    },
    clientErrorHandler: answerParserError,
  });
  const answerError: AnswerError = (request, reply, error, headers) => {
    const bytes = respondError(request, reply, error, headers);
    const tally = request.routeOptions.config.tally ?? other;
    tally(error.status, elapsedMs(request.raw), contentLength(request.raw), bytes);
    return bytes;
  };
  readBodies(app);
  answerErrors(app, settings, answerError);
  answerUnmatched(app, answerError);
  reportRequests(app, settings);
  registerOperational(app, settings, metrics, isClosing);
  registerRoutes(app, settings, metrics);
  return { app, streams: registerChanges(app, settings, metrics) };
}

type AnswerError = typeof respondError;

/** Takes the context off the path and notes when the request came. */
function noteRequest(raw: IncomingMessage): string {
  const given = raw.url ?? "/";
  // The router would take the second of two slashes at the end as a trailing one: `//` is no `/`.
  const url = given.startsWith("//") ? `/${given}` : given;
  const startedAtMs = performance.now();
  const context = splitContext(url);
  if (context === undefined) {
    setNote(raw, { startedAtMs, inContext: false, qualifier: undefined });
    return url;
  }
  setNote(raw, { startedAtMs, inContext: true, qualifier: context.qualifier });
  return context.rest;
}

/** Bodies come as bytes, whatever they are called; the routes that take one read it. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, bytes: Buffer, done) => {
    done(null, bytes);
  });
}

function answerErrors(
  app: FastifyInstance,
  settings: ServerSettings,
  answerError: AnswerError,
): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = toHttpError(error, settings);
    if (answer.status >= 500 && !(error instanceof HttpError)) {
      const { id: requestId, method, originalUrl: url } = request;
      settings.onFailure({ requestId, method, url, error });
    }
    // What is left of a body that is too large is read and thrown away, so that the client, still
    // sending, gets to see the answer.
    if (answer.status === 413) request.raw.resume();
    answerError(request, reply, answer);
  });
}

/** What an error of any origin is to a client. */
function toHttpError(error: unknown, { bodyLimitBytes }: ServerSettings): HttpError {
  if (error instanceof HttpError) return error;
  if (isStoreError(error)) return new HttpError(500, reasonOf(error), 50001);
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) {
    return internalError();
  }
  if (statusCode === 413) return payloadTooLarge(bodyLimitBytes);
  if (statusCode === 415) return unsupportedMediaType();
  return statusCode === 400 ? badRequest(String(message)) : statusError(statusCode);
}

function answerUnmatched(app: FastifyInstance, answerError: AnswerError): void {
  const methodsAt = createMethodsAt(OPERATIONAL_PATHS);
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(request.raw.url ?? "/");
    const headers = { allow: methods.join(", ") };
    if (methods.length === 0) answerError(request, reply, notFound());
    else if (request.method === "OPTIONS") respondEmpty(reply, 204, headers);
    else answerError(request, reply, methodNotAllowed(), headers);
  });
}

function reportRequests(app: FastifyInstance, { onRequest }: ServerSettings): void {
  if (onRequest === undefined) return;
  app.addHook("onResponse", (request, reply, done) => {
    onRequest({
      id: request.id,
      method: request.method,
      url: request.originalUrl,
      status: reply.raw.statusCode,
      durationMs: elapsedMs(request.raw),
    });
    done();
  });
}
