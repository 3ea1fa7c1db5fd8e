/**
 * What is in front of the framework: who may call at all, what browsers ask first, and the hottest
 * reads.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createAccess } from "./access.ts";
import { createHotPath } from "./hot-path.ts";
import type { Refuse } from "./http-error.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { IsClosing } from "./operational.ts";
import { requestIdOf, writeEmpty, writeError } from "./respond.ts";
import { contentLength } from "./routing.ts";
import type { ServerSettings } from "./settings.ts";

/** Answers before the framework sees a request. */
interface Front {
  /** Answers a request that is not the framework's; says whether it did. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  readonly refuse: Refuse;
}

export function createFront(
  settings: ServerSettings,
  metrics: ServerMetrics,
  isClosing: IsClosing,
  server: Server,
): Front {
  // What the registry keeps ready is at the newest level.
  const hot = settings.sendsLevel8 ? createHotPath(settings, metrics) : undefined;
  const access = createAccess(settings, () => addressOf(server));
  const other = metrics.tally("other", "any");
  const report = (request: IncomingMessage, id: string, status: number, bytes: number): void => {
    const { method = "", url = "" } = request;
    other(status, 0, contentLength(request), bytes);
    settings.onRequest?.({ id, method, url, status, durationMs: 0 });
  };
  const refuse: Refuse = (request, response, error) => {
    const id = requestIdOf(request);
    // What is malformed may be followed by anything.
    if (error.status === 400) response.setHeader("connection", "close");
    report(request, id, error.status, writeError(request, response, id, error));
  };
  return {
    refuse,
    answer(request, response) {
      if (isClosing()) response.setHeader("connection", "close");
      const refused = access.check(request, response);
      if (refused !== undefined) {
        refuse(request, response, refused);
        return true;
      }
      const permissions = access.preflight(request);
      if (permissions !== undefined) {
        const id = requestIdOf(request);
        writeEmpty(response, id, 204, permissions);
        report(request, id, 204, 0);
        return true;
      }
      return !isClosing() && hot?.(request, response) === true;
    },
  };
}

function addressOf(server: Server): string {
  return (server.address() as AddressInfo | null)?.address ?? "";
}
