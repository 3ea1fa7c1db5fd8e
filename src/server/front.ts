/**
 * What is in front of the framework, for every request: who may call at all, what browsers ask first,
 * who the caller is, and the hottest reads.
 *
 * Invariant: a request is authenticated exactly once, and nobody is answered by the hot path or by the
 * framework before that.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createAccess } from "./access.ts";
import type { Principal } from "./authenticate.ts";
import { createHotPath } from "./hot-path.ts";
import { HttpError, toHttpError } from "./http-error.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { IsClosing } from "./operational.ts";
import { setNote } from "./request-log.ts";
import { requestIdOf, writeEmpty, writeError } from "./respond.ts";
import { contentLength } from "./routing.ts";
import type { ServerSettings } from "./settings.ts";

/** Answers a request that is refused before the framework sees it. */
export type Refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  error: HttpError,
  requestId?: string,
) => void;

interface Front {
  /** Answers a request, or gives it to the framework. */
  readonly serve: RequestListener;
  readonly refuse: Refuse;
}

/** @param framework - Gets what is not answered here, with a note of when it came and from whom */
export function createFront(
  settings: ServerSettings,
  metrics: ServerMetrics,
  isClosing: IsClosing,
  server: Server,
  framework: RequestListener,
): Front {
  // What the registry keeps ready is at the newest level.
  const hot = settings.sendsLevel8 ? createHotPath(settings, metrics) : undefined;
  const refuse = createRefuse(settings, metrics);
  const isAnswered = createGate(settings, metrics, refuse, server);
  const enter = (
    request: IncomingMessage,
    response: ServerResponse,
    startedAtMs: number,
    principal: Principal,
  ): void => {
    try {
      if (!isClosing() && hot?.(request, response, startedAtMs, principal) === true) return;
    } catch (error) {
      if (response.headersSent) response.destroy();
      else fail(request, response, error);
      return;
    }
    setNote(request, { startedAtMs, principal });
    framework(request, response);
  };
  const fail = (request: IncomingMessage, response: ServerResponse, error: unknown): void => {
    const requestId = requestIdOf(request);
    const { method = "", url = "" } = request;
    if (!(error instanceof HttpError)) settings.onFailure({ requestId, method, url, error });
    refuse(request, response, toHttpError(error, settings), requestId);
  };
  return {
    refuse,
    serve(request, response) {
      if (isClosing()) response.setHeader("connection", "close");
      if (isAnswered(request, response)) return;
      const startedAtMs = performance.now();
      let principal: Principal | Promise<Principal>;
      try {
        principal = settings.authenticate(request);
      } catch (error) {
        fail(request, response, error);
        return;
      }
      if (principal instanceof Promise) {
        void principal.then(
          (known) => enter(request, response, startedAtMs, known),
          (error: unknown) => fail(request, response, error),
        );
      } else enter(request, response, startedAtMs, principal);
    },
  };
}

/** Writes a refusal, counts and reports it. */
function createRefuse(settings: ServerSettings, metrics: ServerMetrics): Refuse {
  const report = createReport(settings, metrics);
  return (request, response, error, requestId = requestIdOf(request)) => {
    // What is malformed may be followed by anything.
    if (error.status === 400) response.setHeader("connection", "close");
    report(request, requestId, error.status, writeError(request, response, requestId, error));
  };
}

/** Answers what is refused to everybody, and preflights; says whether it did. */
function createGate(
  settings: ServerSettings,
  metrics: ServerMetrics,
  refuse: Refuse,
  server: Server,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const access = createAccess(settings, () => addressOf(server));
  const report = createReport(settings, metrics);
  return (request, response) => {
    const refused = access.check(request, response);
    if (refused !== undefined) {
      refuse(request, response, refused);
      return true;
    }
    const permissions = access.preflight(request);
    if (permissions === undefined) return false;
    const id = requestIdOf(request);
    writeEmpty(response, id, 204, permissions);
    report(request, id, 204, 0);
    return true;
  };
}

/** Counts a request that is answered without a principal, and reports it. */
function createReport({ onRequest }: ServerSettings, metrics: ServerMetrics) {
  const other = metrics.tally("other", "any");
  return (request: IncomingMessage, id: string, status: number, bytes: number): void => {
    const { method = "", url = "" } = request;
    other(status, 0, contentLength(request), bytes);
    onRequest?.({ id, method, url, status, durationMs: 0 });
  };
}

function addressOf(server: Server): string {
  return (server.address() as AddressInfo | null)?.address ?? "";
}
