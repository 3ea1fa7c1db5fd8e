/**
 * The one place where answers are written. It goes past the framework's `reply.send`: the body is
 * text already, and the headers are exactly these.
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
    ...headers,
  });
  // ASCII is the same bytes in both; Node writes Latin-1 without looking for what needs more of them.
  raw.end(text, bytes === text.length ? "latin1" : "utf8");
  return bytes;
}

/** Writes a status that has no body (204, 304). */
export function writeEmpty(
  raw: ServerResponse,
  requestId: string,
  status: number,
  headers?: OutgoingHttpHeaders,
): void {
  raw.writeHead(status, { "x-request-id": requestId, ...headers });
  raw.end();
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

/** Sends an error in the API's form, whatever was asked for: a 406 has to be readable too. */
export function respondError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: Pick<HttpError, "status" | "errorCode" | "message">,
  headers?: OutgoingHttpHeaders,
): number {
  const type: MediaType = negotiate(request.headers.accept) ?? MEDIA_TYPES[0];
  return respond(reply, error.status, type, errorText(error.errorCode, error.message), headers);
}
