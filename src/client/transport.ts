/**
 * HTTP and nothing else: one call with retries over several base URLs.
 *
 * Invariants:
 * - "No answer" (network, time-out, 408, 429, 5xx after the last attempt) is `CLIENT_UNREACHABLE`
 *   and retriable; a registry's "no" is `CLIENT_REFUSED`; the two are never confused, because a
 *   consumer pauses on the first and gives up on the second.
 * - A DELETE is repeated only when the connection was refused: its answer is not idempotent.
 * - Credentials never appear in an error.
 */
import { clientErrors } from "./errors.ts";
import type { ClientSettings } from "./options.ts";
import { isHeaderValue } from "./options.ts";
import type { RawRequest } from "./types.ts";

/** Turns a parsed answer into what the caller wants; `undefined` when it is something else. */
export type Read<T> = (body: unknown) => T | undefined;

export type Send = <T>(
  method: string,
  path: string,
  request: RawRequest,
  read: Read<T>,
) => Promise<T>;

export interface Transport {
  readonly send: Send;
  /** The base URL that the next request goes to first. */
  url(): string;
}

const MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
const RETRY_DELAY_MS_MAX = 5_000;
const RETRIED_STATUS = new Set([408, 429, 500, 502, 503, 504]);
/** The request never reached a server, so repeating it is safe whatever it does. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** Where a call goes; part of every error. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly init: RequestInit;
  readonly headers: Readonly<Record<string, string>>;
}

/** What one attempt came to: an answer, or a reason to try again. */
type Outcome =
  | { readonly response: Response; readonly text: string }
  | {
      readonly reason: string;
      readonly cause?: unknown;
      readonly waitMs?: number | undefined;
      /** Whether the server may have acted on it. */
      readonly sent: boolean;
    };

export function createTransport(settings: ClientSettings): Transport {
  const { urls, clock, retries, retryDelayMs } = settings;
  let current = 0;
  const baseUrl = (): string => urls[current % urls.length] ?? urls[0];

  const send: Send = async (method, path, request, read) => {
    const call = toCall(method, path + queryText(request.query), request, settings);
    for (let attempt = 1; ; attempt++) {
      const base = baseUrl();
      const outcome = await tryOnce(base, call, settings);
      if ("response" in outcome) return readAnswer(base, call, outcome, read);
      const details = {
        url: base,
        method,
        path: call.path,
        attempts: attempt,
        reason: outcome.reason,
      };
      const repeatable = method !== "DELETE" || !outcome.sent;
      if (attempt > retries || !repeatable) {
        throw clientErrors.create("CLIENT_UNREACHABLE", details, outcome.cause);
      }
      current = (urls.indexOf(base) + 1) % urls.length;
      await clock.sleep(outcome.waitMs ?? backoffMs(retryDelayMs, attempt));
    }
  };
  return { send, url: baseUrl };
}

/** Half of the doubled delay is random, so that many clients do not come back at once. */
function backoffMs(firstMs: number, attempt: number): number {
  const ms = Math.min(firstMs * 2 ** (attempt - 1), RETRY_DELAY_MS_MAX);
  return ms / 2 + (Math.random() * ms) / 2;
}

function toCall(method: string, path: string, request: RawRequest, settings: ClientSettings): Call {
  const headers: Record<string, string> = {
    Accept: `${MEDIA_TYPE}, application/json;q=0.5`,
    "Confluent-Accept-Unknown-Properties": "true",
    ...settings.headers,
    ...request.headers,
  };
  if (request.body === undefined) return { method, path, headers, init: { method } };
  headers["Content-Type"] = MEDIA_TYPE;
  return { method, path, headers, init: { method, body: JSON.stringify(request.body) } };
}

async function tryOnce(base: string, call: Call, settings: ClientSettings): Promise<Outcome> {
  const authorization = await authorizationOf(settings);
  let response: Response;
  let text: string;
  try {
    response = await settings.fetch(base + call.path, {
      ...call.init,
      headers: { ...call.headers, ...authorization },
      signal: AbortSignal.timeout(settings.timeoutMs),
    });
    text = await response.text();
  } catch (cause) {
    return {
      reason: networkReason(cause, settings.timeoutMs),
      cause,
      sent: !NOT_SENT.has(codeOf(cause)),
    };
  }
  if (RETRIED_STATUS.has(response.status)) {
    const waitMs = retryAfterMs(response.headers.get("retry-after"));
    const reason = `status ${response.status}${text === "" ? "" : `, ${text}`}`;
    return { reason, sent: true, waitMs };
  }
  return { response, text };
}

async function authorizationOf({ auth }: ClientSettings): Promise<Record<string, string>> {
  if (auth === undefined) return {};
  if ("token" in auth) {
    const token = typeof auth.token === "string" ? auth.token : await auth.token();
    if (!isHeaderValue(token)) {
      const reason = "the token has characters that can't be sent";
      throw clientErrors.create("CLIENT_ARGUMENT_INVALID", { argument: "auth", value: "", reason });
    }
    return { Authorization: `Bearer ${token}` };
  }
  const pair = Buffer.from(`${auth.username}:${auth.password}`, "utf8").toString("base64");
  return { Authorization: `Basic ${pair}` };
}

function readAnswer<T>(
  url: string,
  { method, path }: Call,
  { response, text }: { response: Response; text: string },
  read: Read<T>,
): T {
  const { status } = response;
  const body = text === "" ? null : parseJson(text);
  const value = response.ok && body !== undefined ? read(body) : undefined;
  if (value !== undefined) return value;
  const details = { url, method, path, status };
  if (!response.ok && isErrorBody(body)) {
    const { error_code: errorCode, message: reason } = body;
    throw clientErrors.create("CLIENT_REFUSED", { ...details, errorCode, reason });
  }
  if (status === 401 || status === 403) {
    const reason = "the credentials are missing or do not suffice";
    throw clientErrors.create("CLIENT_REFUSED", { ...details, errorCode: status, reason });
  }
  const reason = text === "" ? "the body is empty" : `the body starts with ${text.slice(0, 60)}`;
  throw clientErrors.create("CLIENT_ANSWER_INVALID", { ...details, reason });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isErrorBody(body: unknown): body is { error_code: number; message: string } {
  return (
    typeof body === "object" &&
    body !== null &&
    "error_code" in body &&
    typeof body.error_code === "number" &&
    "message" in body &&
    typeof body.message === "string"
  );
}

/** `Retry-After` in seconds, bounded; its date form is not used by registries. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null || !/^\d+$/.test(header)) return undefined;
  return Math.min(Number(header) * 1000, RETRY_DELAY_MS_MAX);
}

function networkReason(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer in ${timeoutMs} ms`;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = codeOf(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  return message === "" ? code : message;
}

/** The system's code of a failed fetch (`ECONNREFUSED`), or empty text. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const known = typeof cause === "object" && cause !== null && "code" in cause;
  return known && typeof cause.code === "string" ? cause.code : "";
}

function queryText(query: RawRequest["query"] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === "object" ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
