/** Refusals of the registry as errors of the API. */
import type { ErrorBody, Refusal } from "../api/index.ts";
import { refusalMessage, refusalRows } from "../api/index.ts";
import { HttpError } from "./http-error.ts";
import type { ServerSettings } from "./settings.ts";

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
