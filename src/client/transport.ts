/**
 * HTTP and nothing else: one call with retries over several base URLs.
 *
 * Invariants:
 * - "No answer" (network, time-out, 408, 429, 5xx after the last attempt) is `CLIENT_UNREACHABLE`
 *   and retriable; a registry's "no" is `CLIENT_REFUSED`; the two are never confused, because a
 *   consumer pauses on the first and gives up on the second.
 * - A call that is not idempotent (`repeat.ts`) is repeated only when no server got it, or when its
 *   effect can be looked up afterwards: a refusal of the second attempt says nothing about the first.
 * - One attempt is bounded in time, in bytes of its answer and in redirects.
 * - Credentials never appear in an error, and go to no other host than that of the URL.
 */

import type { DetailsOf, TypewireError } from "../base/index.ts";
import { isObject, reasonOf } from "../base/index.ts";
import {
  ANSWER_BYTES_MAX,
  isRedirect,
  REDIRECTS_MAX,
  readText,
  redirectOf,
} from "./answer-body.ts";
import { clientErrors } from "./errors.ts";
import type { ClientSettings } from "./options.ts";
import { isHeaderValue } from "./options.ts";
import type { RegistryRefusal } from "./refusal.ts";
import { refusalOf } from "./refusal.ts";
import { repeatOf } from "./repeat.ts";
import type { RawRequest } from "./types.ts";

/** Turns a parsed answer into what the caller wants; `undefined` when it is something else. */
export type Read<T> = (body: unknown) => T | undefined;

/**
 * How to go on when the registry refuses an attempt after the answer of an earlier one was lost: the
 * refusal may be about the earlier one's own effect.
 */
export interface Settle<T> {
  /** Whether that refusal can come from the call having been carried out already. */
  isEcho(refusal: RegistryRefusal): boolean;
  /** The lost answer, when the registry shows the call's effect. */
  find(): Promise<T | undefined>;
}

export type Send = <T>(
  method: string,
  path: string,
  request: RawRequest,
  read: Read<T>,
  settle?: Settle<T>,
) => Promise<T>;

export interface Transport {
  readonly send: Send;
  /** The base URL that the next request goes to first. */
  url(): string;
}

const MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
const RETRY_DELAY_MS_MAX = 5_000;
/** How much of a failed answer's text goes into the error. */
const SHOWN_CHARS_MAX = 300;
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
type Outcome = Answer | NoAnswer;

interface Answer {
  readonly response: Response;
  /** `undefined` when it was too much, or was not read because of a redirect. */
  readonly text: string | undefined;
  /** Why the answer can't be used. */
  readonly invalid?: string;
}

interface NoAnswer {
  readonly reason: string;
  readonly cause?: unknown;
  readonly waitMs?: number | undefined;
  /** The status, when there was one. */
  readonly status?: number;
  /** Whether the server may have acted on it. */
  readonly sent: boolean;
}

export function createTransport(settings: ClientSettings): Transport {
  const { urls, clock, retries, retryDelayMs } = settings;
  let current = 0;
  const baseUrl = (): string => urls[current % urls.length] ?? urls[0];

  const send: Send = async (method, path, request, read, settle) => {
    const call = toCall(method, path + queryText(request.query), request, settings);
    const repeat = settle === undefined ? repeatOf(method, path, request) : "always";
    let lost: Unreachable | undefined;
    for (let attempt = 1; ; attempt++) {
      const base = baseUrl();
      const outcome = await tryOnce(base, call, settings);
      if ("response" in outcome) {
        const answer = () => readAnswer(base, call, outcome, read);
        return lost === undefined || settle === undefined
          ? answer()
          : settled(answer, lost, settle);
      }
      const failure = unreachable(base, call, attempt, outcome, lost !== undefined);
      if (outcome.sent) lost = failure;
      if (attempt > retries || (repeat === "unsent" && outcome.sent)) throw failure;
      current = (urls.indexOf(base) + 1) % urls.length;
      await clock.sleep(outcome.waitMs ?? backoffMs(retryDelayMs, attempt));
    }
  };
  return { send, url: baseUrl };
}

/** An answer that came after one was lost; an echo without an effect leaves the call's fate open. */
async function settled<T>(answer: () => T, lost: Unreachable, settle: Settle<T>): Promise<T> {
  try {
    return answer();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined || !settle.isEcho(refusal)) throw error;
    const found = await settle.find();
    if (found !== undefined) return found;
    throw clientErrors.create("CLIENT_UNREACHABLE", lost.details, error);
  }
}

type Unreachable = TypewireError<
  "CLIENT_UNREACHABLE",
  DetailsOf<(typeof clientErrors.rows)["CLIENT_UNREACHABLE"]>
>;

function unreachable(
  url: string,
  { method, path }: Call,
  attempts: number,
  { reason, cause, status, sent, waitMs }: NoAnswer,
  sentBefore: boolean,
): Unreachable {
  const mayBeDone = (sent || sentBefore) && method !== "GET";
  const details = {
    url,
    method,
    path,
    attempts,
    reason: mayBeDone ? `${reason}; it may have been carried out` : reason,
    mayBeDone,
    ...(status !== undefined && { status }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  };
  return clientErrors.create("CLIENT_UNREACHABLE", details, cause);
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
  const init = {
    ...call.init,
    headers: { ...call.headers, ...authorization },
    signal: AbortSignal.timeout(settings.timeoutMs),
    redirect: "manual" as const,
  };
  let answer: Answer;
  try {
    answer = await follow(base + call.path, init, call.method, settings);
  } catch (cause) {
    return {
      reason: networkReason(cause, settings.timeoutMs),
      cause,
      sent: !NOT_SENT.has(codeOf(cause)),
    };
  }
  const { status, headers } = answer.response;
  if (!RETRIED_STATUS.has(status)) return answer;
  const said = answer.text ? `, ${answer.text.slice(0, SHOWN_CHARS_MAX)}` : "";
  return {
    reason: `status ${status}${said}`,
    // Who is told to come back later was not let in.
    sent: status !== 429,
    status,
    waitMs: retryAfterMs(headers.get("retry-after"), Date.now()),
  };
}

/** One attempt, with its redirects. */
async function follow(
  start: string,
  init: RequestInit,
  method: string,
  { fetch }: ClientSettings,
): Promise<Answer> {
  let url = start;
  for (let hops = 0; ; hops++) {
    const response = await fetch(url, init);
    if (!isRedirect(response)) {
      const text = await readText(response);
      const invalid = `the body is larger than ${ANSWER_BYTES_MAX} bytes`;
      return text === undefined ? { response, text, invalid } : { response, text };
    }
    await response.body?.cancel();
    const next = redirectOf(method, url, response);
    if ("reason" in next) return { response, text: undefined, invalid: next.reason };
    if (hops === REDIRECTS_MAX) {
      return { response, text: undefined, invalid: `it redirects more than ${hops} times` };
    }
    url = next.url;
  }
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
  { response, text, invalid }: Answer,
  read: Read<T>,
): T {
  const { status } = response;
  const details = { url, method, path, status };
  if (text === undefined) {
    throw clientErrors.create("CLIENT_ANSWER_INVALID", {
      ...details,
      reason: invalid ?? "the body can't be read",
    });
  }
  const body = text === "" ? null : parseJson(text);
  const value = response.ok && body !== undefined ? read(body) : undefined;
  if (value !== undefined) return value;
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
    isObject(body) && typeof body["error_code"] === "number" && typeof body["message"] === "string"
  );
}

/** `Retry-After` as seconds or as a date, bounded. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_DELAY_MS_MAX);
}

function networkReason(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer in ${timeoutMs} ms`;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = codeOf(error);
  const message = reasonOf(cause);
  return message === "" ? code : message;
}

/** The system's code of a failed fetch (`ECONNREFUSED`), or empty text. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return isObject(cause) && typeof cause["code"] === "string" ? cause["code"] : "";
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
