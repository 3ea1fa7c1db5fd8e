/**
 * The two hottest reads, answered before the framework sees them: a schema by id, and a version of a
 * subject, without a query and without a context. Text and tag were made once, in the registry.
 *
 * Invariant: an answer is the one that the ordinary route gives, byte for byte; whatever is in any
 * way unusual goes to the ordinary route, a caller without a permit too.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Operation, RouteAccess } from "../api/index.ts";
import { negotiate, routes } from "../api/index.ts";
import type { HotAnswer } from "../registry/index.ts";
import type { Principal } from "./authenticate.ts";
import { createUsageNotes } from "./client-usage.ts";
import type { ServerMetrics, Tally } from "./metrics.ts";
import { sentBy } from "./request-log.ts";
import {
  contentHeaders,
  isVersionNumber,
  matchesTag,
  requestIdOf,
  writeEmpty,
  writeText,
} from "./respond.ts";
import type { ServerSettings } from "./settings.ts";

/** Answers a request if it is a hot one; says whether it did. */
type HotPath = (
  request: IncomingMessage,
  response: ServerResponse,
  startedAtMs: number,
  principal: Principal,
) => boolean;

const BY_ID = "/schemas/ids/";
const SUBJECTS = "/subjects/";
const VERSIONS = "/versions/";
const ID_DIGITS_MAX = 9;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

interface Found {
  readonly answer: HotAnswer;
  readonly id: number;
  readonly isImmutable: boolean;
  readonly tally: Tally;
  readonly access: RouteAccess;
  readonly subject: string | undefined;
}

export function createHotPath(
  { service, onRequest }: ServerSettings,
  metrics: ServerMetrics,
): HotPath {
  const usage = createUsageNotes(service);
  const tallyOf = (operation: Operation) => metrics.tally(operation, routes[operation].method);
  const idTally = tallyOf("schemas.ids.get-schema");
  const versionTally = tallyOf("subjects.versions.get-schema");

  const { access: idAccess } = routes["schemas.ids.get-schema"];
  const { access: versionAccess } = routes["subjects.versions.get-schema"];

  const find = (url: string): Found | undefined => {
    if (url.startsWith(BY_ID)) {
      const id = idIn(url);
      const answer = id === undefined ? undefined : service.hot.schemaById(id);
      return id === undefined || answer === undefined
        ? undefined
        : { answer, id, isImmutable: true, tally: idTally, access: idAccess, subject: undefined };
    }
    if (!url.startsWith(SUBJECTS)) return undefined;
    const end = url.indexOf("/", SUBJECTS.length);
    if (end <= SUBJECTS.length || !url.startsWith(VERSIONS, end)) return undefined;
    const version = url.slice(end + VERSIONS.length);
    const subject = url.slice(SUBJECTS.length, end);
    if (!/^\w+$/.test(version) || !/^[\w.-]+$/.test(subject)) return undefined;
    const answer = service.hot.version(subject, version);
    return (
      answer && {
        answer,
        id: answer.id,
        isImmutable: isVersionNumber(version),
        tally: versionTally,
        access: versionAccess,
        subject,
      }
    );
  };

  return (request, response, startedAtMs, principal) => {
    const { method, url = "", headers } = request;
    if (method !== "GET") return false;
    const found = find(url);
    if (found === undefined || principal.permits(found.access, found.subject) !== true)
      return false;
    const mediaType = negotiate(headers.accept);
    if (mediaType === undefined) return false;
    const { answer, isImmutable, tally } = found;
    const id = requestIdOf(request);
    usage.read(request, principal, found.id);
    const extra = contentHeaders(answer.etag, isImmutable);
    const isKnown = matchesTag(headers["if-none-match"], answer.etag);
    const status = isKnown ? 304 : 200;
    let bytes = 0;
    if (isKnown) writeEmpty(response, id, status, extra);
    else bytes = writeText(response, id, status, mediaType, answer.body, extra);
    const durationMs = performance.now() - startedAtMs;
    tally(status, durationMs, 0, bytes);
    onRequest?.({ id, method, url, status, durationMs, ...sentBy(principal) });
    return true;
  };
}

function idIn(url: string): number | undefined {
  const digits = url.length - BY_ID.length;
  if (digits < 1 || digits > ID_DIGITS_MAX) return undefined;
  let id = 0;
  for (let n = BY_ID.length; n < url.length; n++) {
    const unit = url.charCodeAt(n);
    if (unit < DIGIT_0 || unit > DIGIT_9) return undefined;
    id = id * 10 + (unit - DIGIT_0);
  }
  return id;
}
