/**
 * Answers that are errors: what HTTP itself refuses, what the registry refuses, and what is said of a
 * failure. Texts are those of Confluent's rest-utils where it has one.
 *
 * Invariants:
 * - The body has exactly two members: older Java clients fail on more.
 * - Of a failed store a client sees the code: the text may name files.
 * - A request that Node's parser could not read is answered in the API's form too, and its connection is
 *   closed after that: nobody knows where the next request would begin. Nothing is written into an
 *   answer that has begun.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ErrorBody, Refusal } from "../api/index.ts";
import { MEDIA_TYPES, refusalMessage, refusalRows, refuse } from "../api/index.ts";
import { isTypewireError } from "../base/index.ts";
import type { ServerSettings } from "./settings.ts";

/** An answer that is an error. */
export class HttpError extends Error {
  readonly status: number;
  readonly errorCode: number;

  constructor(status: number, message: string, errorCode: number = status) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

export const forbidden = (message: string): HttpError => new HttpError(403, message);
export const notFound = (): HttpError => new HttpError(404, "HTTP 404 Not Found");
export const methodNotAllowed = (): HttpError => new HttpError(405, "HTTP 405 Method Not Allowed");
export const notAcceptable = (): HttpError => new HttpError(406, "HTTP 406 Not Acceptable");
export const unsupportedMediaType = (): HttpError =>
  new HttpError(415, "HTTP 415 Unsupported Media Type");
export const badRequest = (message: string): HttpError => new HttpError(400, message);
export const missingBody = (): HttpError => new HttpError(422, "The request body must not be null");
export const payloadTooLarge = (limitBytes: number): HttpError =>
  new HttpError(413, `The request body is larger than ${limitBytes} bytes`);
export const internalError = (): HttpError => new HttpError(500, "Internal Server Error");

/** The error body, in Confluent's member order. */
export function errorText(errorCode: number, message: string): string {
  return JSON.stringify({ error_code: errorCode, message });
}

type CodeSetting = Pick<ServerSettings, "incompatibleErrorCode">;

/** What a client gets to see of a refusal. */
export function refusalError(refusal: Refusal, { incompatibleErrorCode }: CodeSetting): HttpError {
  const { status, errorCode } = refusalRows[refusal.refusal];
  const code = refusal.refusal === "INCOMPATIBLE_SCHEMA" ? incompatibleErrorCode : errorCode;
  return new HttpError(status, refusalMessage(refusal), code);
}

/** A refusal inside of an answer. */
export function refusalBody(refusal: Refusal, settings: CodeSetting): ErrorBody {
  const { errorCode, message } = refusalError(refusal, settings);
  return { error_code: errorCode, message };
}

/** Whether an error comes from the store. */
export function isStoreError(error: unknown): boolean {
  return isTypewireError(error) && error.code.startsWith("STORE_");
}

/** What the codes mean to somebody who does not run the registry. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["STORE_FULL", "its disk is full"],
  ["STORE_READ_ONLY", "it can't be written"],
  ["STORE_BUSY", "another process held it for too long"],
  ["STORE_DAMAGED", "it is damaged"],
  ["STORE_FILE_REPLACED", "its files were deleted, moved or replaced"],
]);

/** One sentence. */
export function storeReason(error: unknown): string {
  if (!isTypewireError(error)) return "The registry's store failed";
  const meaning = MEANINGS.get(error.code);
  const text = `The registry's store failed: ${error.code}`;
  return meaning === undefined ? text : `${text} (${meaning})`;
}

/** What an error of any origin is to a client. */
export function toHttpError(
  error: unknown,
  settings: Pick<ServerSettings, "bodyLimitBytes" | "incompatibleErrorCode">,
): HttpError {
  if (error instanceof HttpError) return error;
  if (isStoreError(error)) {
    return refusalError(refuse("STORE_ERROR", { detail: storeReason(error) }), settings);
  }
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) {
    return internalError();
  }
  if (statusCode === 413) return payloadTooLarge(settings.bodyLimitBytes);
  if (statusCode === 415) return unsupportedMediaType();
  return statusCode === 400 ? badRequest(String(message)) : statusError(statusCode);
}

/** An error that says no more than its status. */
export function statusError(status: number): HttpError {
  return new HttpError(status, `HTTP ${status} ${STATUS_CODES[status] ?? "Error"}`);
}

/** Answers what Node hands over beside requests: expectations that are not 100-continue, tunnels. */
export function answerProtocol(
  server: Server,
  refuse: (request: IncomingMessage, response: ServerResponse, error: HttpError) => void,
): void {
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader("connection", "close");
    refuse(request, response, statusError(417));
  });
  server.on("connect", (_request: IncomingMessage, socket: Socket) => {
    // Without a listener it would be reset; with one, its errors are ours.
    socket.on("error", () => socket.destroy());
    endWith(socket, methodNotAllowed());
  });
}

const PARSER_STATUS = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/** A socket, and the answer that Node is writing to it. */
interface Answering extends Socket {
  readonly _httpMessage?: ServerResponse | null;
}

/** What Node's parser could not read: no request object, so the answer goes to the socket. */
export function answerParserError(error: Error & { code?: string }, socket: Answering): void {
  // An answer that has begun: as Node's own handler asks it.
  const isAnswering = socket._httpMessage?.headersSent === true;
  if (error.code === "ECONNRESET" || !socket.writable || isAnswering) socket.destroy();
  else endWith(socket, statusError(PARSER_STATUS.get(error.code ?? "") ?? 400));
}

function endWith(socket: Socket, { status, errorCode, message }: HttpError): void {
  const body = errorText(errorCode, message);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\nContent-Type: ${MEDIA_TYPES[0]}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
