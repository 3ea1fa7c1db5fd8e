/**
 * What HTTP/1.1 itself refuses: requests that Node's parser could not read, or that it would answer
 * without a body.
 *
 * Invariants:
 * - The answer has the API's form, and the connection is closed after it: nobody knows where the next
 *   request would begin.
 * - Nothing is written into an answer that has begun.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { MEDIA_TYPES } from "../api/index.ts";
import { errorText, HttpError, methodNotAllowed } from "./http-error.ts";

/** Answers a request that is refused before the framework sees it. */
export type Refuse = (request: IncomingMessage, response: ServerResponse, error: HttpError) => void;

/** An error that says no more than its status. */
export function statusError(status: number): HttpError {
  return new HttpError(status, `HTTP ${status} ${STATUS_CODES[status] ?? "Error"}`);
}

/** Answers what Node hands over beside requests: expectations that are not 100-continue, tunnels. */
export function answerProtocol(server: Server, refuse: Refuse): void {
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
