/**
 * The one place where answers are written. It goes past the framework's `reply.send`: the body is
 * text already, and the headers are exactly these.
 */
import type { OutgoingHttpHeaders } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { MediaType } from "../api/index.ts";
import { MEDIA_TYPES, negotiate } from "../api/index.ts";
import type { HttpError } from "./http-error.ts";
import { errorText } from "./http-error.ts";

/** Sends text of any type. */
export function respond(
  reply: FastifyReply,
  status: number,
  contentType: string,
  text: string,
  headers?: OutgoingHttpHeaders,
): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(text),
    "x-request-id": reply.request.id,
    ...headers,
  });
  raw.end(text);
}

/** Sends a status that has no body (204, 304). */
export function respondEmpty(
  reply: FastifyReply,
  status: number,
  headers?: OutgoingHttpHeaders,
): void {
  reply.hijack();
  reply.raw.writeHead(status, { "x-request-id": reply.request.id, ...headers });
  reply.raw.end();
}

/** Sends an error in the API's form, whatever was asked for: a 406 has to be readable too. */
export function respondError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: Pick<HttpError, "status" | "errorCode" | "message">,
  headers?: OutgoingHttpHeaders,
): void {
  const type: MediaType = negotiate(request.headers.accept) ?? MEDIA_TYPES[0];
  respond(reply, error.status, type, errorText(error.errorCode, error.message), headers);
}
