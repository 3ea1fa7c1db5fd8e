/**
 * The framework's instance: everything of HTTP that is not a route.
 *
 * Invariants:
 * - Nothing that a client sends yields a 500.
 * - Every error has the API's form, also those of the framework and of the HTTP parser.
 */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { FastifyInstance } from "fastify";
import { fastify } from "fastify";
import type { RouteAccess } from "../api/index.ts";
import { authorize } from "./authenticate.ts";
import { changeRoute } from "./changes.ts";
import { createFront } from "./front.ts";
import {
  answerParserError,
  answerProtocol,
  HttpError,
  methodNotAllowed,
  notFound,
  toHttpError,
} from "./http-error.ts";
import type { ServerMetrics, Tally } from "./metrics.ts";
import type { IsClosing } from "./operational.ts";
import { operationalAccess, operationalRoutes } from "./operational.ts";
import { qualify, splitContext } from "./read-call.ts";
import { elapsedMs, failureOf, noteOf, sentBy } from "./request-log.ts";
import { requestIdOf, respondEmpty, respondError } from "./respond.ts";
import { apiRoutes, contentLength, createMethodsAt } from "./routing.ts";
import type { ServerSettings } from "./settings.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route's requests have to be permitted; every route has it, what no route takes does not. */
    access?: RouteAccess;
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
 * No route gives the framework a schema: bodies are checked in `read-call.ts`, answers are written in
 * `respond.ts`. Its own compilers would be loaded with each start, and take a third of the framework's time.
 */
const NO_COMPILERS = {
  buildValidator: neverCompiled("checked by the framework"),
  buildSerializer: neverCompiled("written by the framework"),
};

function neverCompiled(what: string): () => never {
  return () => assert.fail(`nothing is ${what}`);
}

/** @param isClosing - Whether the server is going down; from then on it takes no more streams */
export function buildApp(
  settings: ServerSettings,
  metrics: ServerMetrics,
  isClosing: IsClosing,
): FastifyInstance {
  const other = metrics.tally("other", "any");
  const app: FastifyInstance = fastify({
    serverFactory: (handler) => {
      const server = createServer(SERVER_OPTIONS);
      const front = createFront(settings, metrics, isClosing, server, handler);
      server.on("request", front.serve);
      answerProtocol(server, front.refuse);
      return server;
    },
    bodyLimit: settings.bodyLimitBytes,
    return503OnClosing: false,
    forceCloseConnections: "idle",
    genReqId: requestIdOf,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: SEGMENT_CHARS_MAX },
    rewriteUrl: takeContext,
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
  askForPermits(app);
  void app.register(operationalRoutes(settings, metrics, isClosing));
  void app.register(apiRoutes(settings, metrics));
  void app.register(changeRoute(settings, metrics, isClosing));
  return app;
}

type AnswerError = typeof respondError;

/** Takes the context off the path. */
function takeContext(raw: IncomingMessage): string {
  const given = raw.url ?? "/";
  // The router would take the second of two slashes at the end as a trailing one: `//` is no `/`.
  const url = given.startsWith("//") ? `/${given}` : given;
  const context = splitContext(url);
  noteOf(raw).context = context;
  return context?.rest ?? url;
}

/** Gives each route a hook that asks for its permit, before its body is read; one without a row does not start. */
export function askForPermits(app: FastifyInstance): void {
  app.addHook("onRoute", (route) => {
    const access = route.config?.access;
    if (access === undefined)
      throw new Error(`${String(route.method)} ${route.url} has no access row`);
    route.onRequest = (request, _reply, done) => {
      const { principal, context } = noteOf(request.raw);
      const { subject } = request.params as { readonly subject?: string };
      const inContext = subject === undefined ? subject : qualify(context?.qualifier, subject);
      authorize(principal, access, inContext);
      done();
    };
  });
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
      settings.onFailure(failureOf(request, error));
    }
    // What is left of a body that is too large is read and thrown away, so that the client, still
    // sending, gets to see the answer.
    if (answer.status === 413) request.raw.resume();
    answerError(request, reply, answer);
  });
}

function answerUnmatched(app: FastifyInstance, answerError: AnswerError): void {
  const methodsAt = createMethodsAt(Object.keys(operationalAccess));
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
    const { principal } = noteOf(request.raw);
    onRequest({
      id: request.id,
      method: request.method,
      url: request.originalUrl,
      status: reply.raw.statusCode,
      durationMs: elapsedMs(request.raw),
      ...sentBy(principal),
    });
    done();
  });
}
