/** Request bodies: bytes to JSON to a validated entity. */
import { isUtf8 } from "node:buffer";
import type { TSchema } from "@sinclair/typebox";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import { badRequest, missingBody } from "./http-error.ts";

/** Parses a body. Empty is `undefined`. @throws 400 with the parser's message. */
export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw badRequest("The request body is not valid UTF-8");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

/** Checks a parsed body. @throws 422 when there is none, 400 when it has another shape. */
export type ValidateBody = (body: unknown) => void;

/** Compiles the validators of bodies; nothing is coerced, defaulted or removed. */
export function createBodyValidators(): (schema: TSchema) => ValidateBody {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  return (schema) => {
    const validate: ValidateFunction = ajv.compile(schema);
    return (body) => {
      if (body === undefined || body === null) throw missingBody();
      if (!validate(body)) throw badRequest(shapeMessage(validate.errors?.[0]));
    };
  };
}

function shapeMessage(error: ErrorObject | undefined): string {
  const place = error?.instancePath === "" ? "" : ` at ${error?.instancePath ?? ""}`;
  return `The request body${place} ${error?.message ?? "is not valid"}`;
}
