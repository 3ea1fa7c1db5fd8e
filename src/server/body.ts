/** Request bodies: bytes to JSON to a validated entity. */

import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import { isConsumed } from "../api/index.ts";
import type { TSchema } from "../base/index.ts";
import { reasonOf } from "../base/index.ts";
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
    throw badRequest(reasonOf(error));
  }
}

const BYTE_ORDER_MARK = "\ufeff";

/** Checks a parsed body. @throws 422 when there is none, 400 when it has another shape. */
export type ValidateBody = (body: unknown) => void;

/**
 * Nothing is coerced, defaulted or removed. The schemas are our own constants: compiling the schema of
 * schemas to check them would take longer than all else that the first write of a process does.
 */
const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, meta: false });
/**
 * Compiling takes far longer than checking, and schemas are constants: once per process, when the
 * first body comes, so that a start does not wait for routes that nobody asks.
 */
const validators = new WeakMap<TSchema, ValidateBody>();

/** The check of a body's schema. */
export function bodyValidator(schema: TSchema): ValidateBody {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  let validate: ValidateFunction | undefined;
  const check: ValidateBody = (body) => {
    if (body === undefined || body === null) throw missingBody();
    validate ??= ajv.compile(sharing(schema));
    if (!validate(body)) throw badRequest(shapeMessage(validate.errors?.[0]));
  };
  validators.set(schema, check);
  return check;
}

/** Ids of the object schemas that are parts of others. */
const parts = new Map<TSchema, string>();

/**
 * The same schema, with its parts that are objects by reference: those that come several times (rules
 * are in every list of a rule set, and rule sets in every config) are compiled once.
 */
function sharing(schema: TSchema): TSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, sharedPart(value)]),
  );
}

function sharedPart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sharedPart);
  if (typeof value !== "object" || value === null) return value;
  const schema = value as TSchema;
  if (schema["type"] !== "object" || schema["properties"] === undefined) return sharing(schema);
  let id = parts.get(schema);
  if (id === undefined) {
    id = `part-${parts.size}`;
    parts.set(schema, id);
    ajv.addSchema({ ...sharing(schema), $id: id });
  }
  return { $ref: id };
}

function shapeMessage(error: ErrorObject | undefined): string {
  const place = error?.instancePath === "" ? "" : ` at ${error?.instancePath ?? ""}`;
  return `The request body${place} ${error?.message ?? "is not valid"}`;
}
