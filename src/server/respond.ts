/**
 * The one place where answers are written. It goes past the framework's `reply.send`: the body is
 * text already, and the headers are exactly these.
 *
 * Invariant: an answer is on its way at the latest when the turn of the event loop ends. Those of one
 * turn are written one after the other, so that a client which waits for many is woken once and not
 * with each of them: waking it is most of what a write on a busy connection costs.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { MediaType } from "../api/index.ts";
import { MEDIA_TYPES, negotiate } from "../api/index.ts";
import type { HttpError } from "./http-error.ts";
import { errorText } from "./http-error.ts";

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
