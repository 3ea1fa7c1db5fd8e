/**
 * From an outcome to an answer: its text at the API level that the server is set to, the entity tag and
 * cache directives of a schema's content, and the one place where answers are written.
 *
 * Invariants:
 * - Writing goes past the framework's `reply.send`: the body is text already, and the headers are
 *   exactly these.
 * - An answer is on its way at the latest when the turn of the event loop ends. Those of one turn are
 *   written one after the other, so that a client which waits for many is woken once and not with each
 *   of them: waking it is most of what a write on a busy connection costs.
 * - An entity tag is the registry's own (`"<guid>"` by id and GUID, `"<version>-<guid>"` by version:
 *   what `If-Match` on register is compared with) for the plain form of a live entity, and a hash of
 *   the text for every other form.
 * - What is addressed by id, GUID or number, without a query that looks at anything else, is
 *   immutable; everything else has to be asked for again, with its tag.
 */
import { createHash, randomUUID } from "node:crypto";
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { MediaType, Operation, SchemaEntity, SchemaString } from "../api/index.ts";
import { MEDIA_TYPES, negotiate } from "../api/index.ts";
import { contentEtag, versionEtag } from "../registry/index.ts";
import type { Call, EntityRoute } from "./handlers.ts";
import { EntityWithStatus } from "./handlers.ts";
import type { HttpError } from "./http-error.ts";
import { errorText } from "./http-error.ts";

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

export function createSender(present: Presenter): Sender {
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

/** The operations that answer with content. */
const CONTENT_ROUTES = [
  "schemas.ids.get-schema",
  "schemas.ids.get-schema.only",
  "schemas.guids.get-schema",
  "subjects.versions.get-schema",
  "subjects.versions.get-schema.only",
] as const satisfies readonly Operation[];

type ContentRoute = (typeof CONTENT_ROUTES)[number];

/** Those of a version. */
const OF_VERSION: ReadonlySet<ContentRoute> = new Set<ContentRoute>([
  "subjects.versions.get-schema",
  "subjects.versions.get-schema.only",
]);

/** Those that answer with the schema's text alone. */
const OF_TEXT: ReadonlySet<ContentRoute> = new Set<ContentRoute>([
  "schemas.ids.get-schema.only",
  "subjects.versions.get-schema.only",
]);

/** A content answer, ready to send. */
interface ContentAnswer {
  readonly text: string;
  readonly etag: string;
  readonly isImmutable: boolean;
}

const IMMUTABLE = "max-age=31536000, immutable";
const REVALIDATE = "no-cache";

/** Whether an operation's answers are content. */
function isContentRoute(operation: Operation): operation is ContentRoute {
  return CONTENT.has(operation);
}

const CONTENT: ReadonlySet<Operation> = new Set(CONTENT_ROUTES);

/** Makes the answer of a content route from its entity. */
type Contents = (
  route: ContentRoute,
  call: { readonly path: object; readonly query: object },
  entity: SchemaEntity | SchemaString,
) => ContentAnswer;

function createContents(toText: (entity: unknown) => string): Contents {
  return (route, { path, query }, entity) => {
    const text = OF_TEXT.has(route) ? entity.schema : toText(entity);
    const isPlain = entity.deleted !== true && !hasMembers(query);
    const etag = (isPlain ? ownTag(route, entity) : undefined) ?? hashTag(text);
    const { version } = path as { readonly version?: string };
    return { text, etag, isImmutable: isImmutable(route, entity, version, query) };
  };
}

/** Headers of a content answer. */
export function contentHeaders(etag: string, isImmutable: boolean): OutgoingHttpHeaders {
  return { etag, "cache-control": isImmutable ? IMMUTABLE : REVALIDATE, vary: "accept" };
}

function hasMembers(query: object): boolean {
  for (const _name in query) return true;
  return false;
}

function ownTag(route: ContentRoute, entity: SchemaEntity | SchemaString): string | undefined {
  const { guid, version = 0 } = entity;
  if (guid === undefined) return undefined;
  return OF_VERSION.has(route) ? versionEtag(version, guid) : contentEtag(guid);
}

function hashTag(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}

function isImmutable(
  route: ContentRoute,
  entity: SchemaEntity | SchemaString,
  requestedVersion: string | undefined,
  query: {
    readonly subject?: unknown;
    readonly fetchMaxId?: unknown;
    readonly format?: unknown;
  },
): boolean {
  if (entity.deleted === true || query.subject !== undefined || query.fetchMaxId === true) {
    return false;
  }
  if (OF_VERSION.has(route)) return isVersionNumber(requestedVersion);
  // Each version has its own original text; by id and GUID it is that of one which may go.
  return query.format !== "original";
}

/** A version by number; `latest` and `-1` move on. */
export function isVersionNumber(version: string | undefined): boolean {
  return version !== undefined && /^\s*\+?\d+\s*$/.test(version);
}

/** Whether an `If-None-Match` header names the tag; weak comparison, as RFC 9110 (13.1.2) says. */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((tag) => {
    const name = tag.trim().replace(/^W\//, "");
    return name === "*" || name === etag;
  });
}

/** The header by which newer clients say that they take members they do not know. */
const ACCEPTS_MORE = "confluent-accept-unknown-properties";

interface Presenter {
  /** One entity. */
  text(entity: unknown): string;
  /** The answer of a route. */
  answer(route: Operation, outcome: unknown, headers: IncomingHttpHeaders): string;
}

export function createPresenter(sendsLevel8: boolean): Presenter {
  const text = sendsLevel8
    ? (entity: unknown) => JSON.stringify(entity)
    : (entity: unknown) => JSON.stringify(beforeLevel8(entity));
  return {
    text,
    answer: (route, outcome, headers) => {
      if (route === "subjects.versions.register" || route === "subjects.versions.modify-tags") {
        // Strict clients of old releases know `id` alone.
        const takesMore = headers[ACCEPTS_MORE] === "true";
        return takesMore ? text(outcome) : JSON.stringify({ id: idOf(outcome) });
      }
      return sendsLevel8 ? text(outcome) : JSON.stringify(insideBeforeLevel8(outcome));
    },
  };
}

function idOf(outcome: unknown): unknown {
  return typeof outcome === "object" && outcome !== null && "id" in outcome
    ? outcome.id
    : undefined;
}

/** Schemas in a list, in a batch and in a plan too. */
function insideBeforeLevel8(outcome: unknown): unknown {
  if (Array.isArray(outcome)) return outcome.map(beforeLevel8);
  if (typeof outcome !== "object" || outcome === null) return outcome;
  if ("items" in outcome && Array.isArray(outcome.items)) {
    return { ...outcome, items: outcome.items.map(beforeLevel8) };
  }
  if ("registered" in outcome) return { ...outcome, registered: beforeLevel8(outcome.registered) };
  return beforeLevel8(outcome);
}

/**
 * Without what Confluent added in 8.0; Avro is the type of a schema that names none. An answer by id,
 * which has no `id` itself, did not say which subject and version it was found under.
 */
function beforeLevel8(entity: unknown): unknown {
  if (typeof entity !== "object" || entity === null || !("schema" in entity)) return entity;
  const old = { schemaType: undefined, guid: undefined, ts: undefined, deleted: undefined };
  const place = "id" in entity ? {} : { subject: undefined, version: undefined };
  return { ...entity, ...old, ...place };
}

/** Writes text of any type; answers how many bytes it has. */
export function writeText(
  raw: ServerResponse,
  requestId: string,
  status: number,
  contentType: string,
  text: string,
  headers?: OutgoingHttpHeaders,
): number {
  const bytes = Buffer.byteLength(text);
  raw.writeHead(status, {
    "content-type": contentType,
    "content-length": bytes,
    "x-request-id": requestId,
    ...withVary(raw, headers),
  });
  finish({ raw, text, isAscii: bytes === text.length });
  return bytes;
}

/** Writes a status that has no body (204, 304). */
export function writeEmpty(
  raw: ServerResponse,
  requestId: string,
  status: number,
  headers?: OutgoingHttpHeaders,
): void {
  raw.writeHead(status, { "x-request-id": requestId, ...withVary(raw, headers) });
  finish({ raw, text: "", isAscii: true });
}

/** What an answer varies with is a list; setting it again would replace what is set already. */
function withVary(raw: ServerResponse, headers: OutgoingHttpHeaders | undefined) {
  const already = raw.getHeader("vary");
  if (already === undefined || headers?.["vary"] === undefined) return headers;
  return { ...headers, vary: `${String(already)}, ${String(headers["vary"])}` };
}

/** An answer whose head was given. */
interface Unfinished {
  readonly raw: ServerResponse;
  readonly text: string;
  readonly isAscii: boolean;
}

/** So many are written before the turn ends. */
const UNFINISHED_MAX = 64;
const unfinished: Unfinished[] = [];

function finish(answer: Unfinished): void {
  const count = unfinished.push(answer);
  if (count === 1) setImmediate(finishAll);
  if (count === UNFINISHED_MAX) finishAll();
}

/** ASCII is the same bytes in both encodings; Latin-1 is written without a look at each character. */
function finishAll(): void {
  for (const { raw, text, isAscii } of unfinished.splice(0)) {
    raw.end(text, isAscii ? "latin1" : "utf8");
  }
}

/** {@link writeText} as a framework's reply. */
export function respond(
  reply: FastifyReply,
  status: number,
  contentType: string,
  text: string,
  headers?: OutgoingHttpHeaders,
): number {
  reply.hijack();
  return writeText(reply.raw, reply.request.id, status, contentType, text, headers);
}

/** {@link writeEmpty} as a framework's reply. */
export function respondEmpty(
  reply: FastifyReply,
  status: number,
  headers?: OutgoingHttpHeaders,
): void {
  reply.hijack();
  writeEmpty(reply.raw, reply.request.id, status, headers);
}

const REQUEST_ID_CHARS_MAX = 200;

/** The client's request id, or one of our own. */
export function requestIdOf(raw: IncomingMessage): string {
  const given = raw.headers["x-request-id"];
  const usable = typeof given === "string" && given !== "" && given.length <= REQUEST_ID_CHARS_MAX;
  return usable ? given : randomUUID();
}

type AnsweredError = Pick<HttpError, "status" | "errorCode" | "message">;

/** Writes an error in the API's form, whatever was asked for: a 406 has to be readable too. */
export function writeError(
  request: IncomingMessage,
  raw: ServerResponse,
  requestId: string,
  { status, errorCode, message }: AnsweredError,
  headers?: OutgoingHttpHeaders,
): number {
  const type: MediaType = negotiate(request.headers.accept) ?? MEDIA_TYPES[0];
  return writeText(raw, requestId, status, type, errorText(errorCode, message), headers);
}

/** {@link writeError} as a framework's reply. */
export function respondError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: AnsweredError,
  headers?: OutgoingHttpHeaders,
): number {
  reply.hijack();
  return writeError(request.raw, reply.raw, request.id, error, headers);
}
