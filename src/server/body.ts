/** Request bodies: bytes to JSON to a validated entity. */
import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import { isConsumed } from "../api/index.ts";
import type { TSchema } from "../base/index.ts";
import type { ShapeError } from "./body-shape.ts";
import { findShapeError } from "./body-shape.ts";
import { badRequest, missingBody, unsupportedMediaType } from "./http-error.ts";

/**
 * Reads a body as JSON, unless it is called something else. Empty is `undefined`.
 *
 * @throws 415, or 400 with the parser's message
 */
export function readBody(headers: IncomingHttpHeaders, bytes: unknown): unknown {
  const { "content-type": type, "content-encoding": encoding } = headers;
  if (!isConsumed(type)) throw unsupportedMediaType();
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return undefined;
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") throw unsupportedMediaType();
  if (!isUtf8(bytes)) throw badRequest("The request body is not valid UTF-8");
  try {
    const text = bytes.toString("utf8");
    // A mark of the byte order, as some editors put before a file that is sent; it is no JSON.
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

const BYTE_ORDER_MARK = "\ufeff";

/** Checks a parsed body. @throws 422 when there is none, 400 when it has another shape. */
export type ValidateBody = (body: unknown) => void;

/** The check of a body's schema. Nothing is coerced, defaulted or removed. */
export function bodyValidator(schema: TSchema): ValidateBody {
  return (body) => {
    if (body === undefined || body === null) throw missingBody();
    const error = findShapeError(schema, body);
    if (error !== undefined) throw badRequest(shapeMessage(error));
  };
}

function shapeMessage({ pointer, message }: ShapeError): string {
  const place = pointer === "" ? "" : ` at ${pointer}`;
  return `The request body${place} ${message}`;
}
