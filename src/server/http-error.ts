/**
 * What HTTP itself refuses, before the registry is asked. Texts are those of Confluent's rest-utils
 * where it has one. The body has exactly two members: older Java clients fail on more.
 */

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
