/**
 * From a request to the call that a handler is given: context, path, query and body, read and checked.
 *
 * Invariants:
 * - Query parameters and numeric path segments are read as JAX-RS does: a boolean is true only when it
 *   says so in any case; a number that is none is a 404; of a repeated parameter the first counts; an
 *   empty number is an absent one.
 * - `/contexts/{context}/…` is every route again, with its subject in that context: the path's subject
 *   and the queries `subject` and `subjectPrefix` are qualified, unless they already are; `config` and
 *   `mode` without a subject act on the context itself (Confluent's `ContextFilter`).
 * - Bodies are bytes, then JSON, then a validated entity: nothing is coerced, defaulted or removed.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import type { BodyOf, Operation, QueryKind, RouteRow } from "../api/index.ts";
import { isConsumed } from "../api/index.ts";
import { reasonOf } from "../base/index.ts";
import { ALL_CONTEXTS, contextKey, contextNamed, prefixSubject } from "../confluent/index.ts";
import { checks } from "./generated/body-checks.js";
import type { Call } from "./handlers.ts";
import { badRequest, missingBody, notFound, unsupportedMediaType } from "./http-error.ts";
import { noteOf } from "./request-log.ts";

/** What reading a route's requests takes. */
export interface ReadableRoute {
  readonly row: RouteRow;
  readonly validate: ValidateBody | undefined;
}

/** A request, read and checked. @throws 400, 404, 415, 422 */
export function readCall(
  { row, validate }: ReadableRoute,
  request: FastifyRequest,
): Call<Operation> {
  const { context, principal } = noteOf(request.raw);
  const qualifier = context?.qualifier;
  if (context !== undefined && qualifier === undefined) {
    throw badRequest(
      "The context of the path is not valid: it is UTF-8, percent-encoded, without a colon",
    );
  }
  const path = request.params as Record<string, string>;
  for (const name in path) if (path[name] === "") throw notFound();
  if (qualifier !== undefined && path["subject"] !== undefined) {
    path["subject"] = qualify(qualifier, path["subject"]);
  }
  const { headers } = request;
  const body = validate === undefined ? undefined : readBody(headers, request.body);
  validate?.(body);
  return {
    path,
    query: readQualifiedQuery(row.query, request.query as RawQuery, qualifier),
    body,
    scope: qualifier,
    principal,
    ifMatch: headers["if-match"],
  } as Call<Operation>;
}

/** `subject` and `subjectPrefix` mean the context even when they are absent. */
function readQualifiedQuery(
  kinds: Readonly<Record<string, QueryKind>> | undefined,
  raw: RawQuery,
  qualifier: string | undefined,
): Record<string, unknown> {
  const query = readQuery(kinds, raw);
  if (qualifier === undefined || kinds === undefined) return query;
  for (const name of ["subject", "subjectPrefix"]) {
    const value = query[name];
    if (kinds[name] === undefined) continue;
    query[name] = qualify(qualifier, typeof value === "string" ? value : "");
  }
  return query;
}

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

/** Raw parameters as the framework splits them. */
type RawQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The parameters of a route that the request has, by their kinds. */
function readQuery(
  kinds: Readonly<Record<string, QueryKind>> | undefined,
  raw: RawQuery,
): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  if (kinds === undefined || !hasMembers(raw)) return query;
  for (const name of Object.keys(kinds)) {
    const value = raw[name];
    const kind = kinds[name];
    if (value === undefined || kind === undefined) continue;
    const parsed = readValue(kind, value);
    if (parsed !== undefined) query[name] = parsed;
  }
  return query;
}

function hasMembers(raw: RawQuery): boolean {
  for (const _name in raw) return true;
  return false;
}

function readValue(kind: QueryKind, value: string | readonly string[]): unknown {
  if (kind === "strings") return typeof value === "string" ? [value] : value;
  const first = typeof value === "string" ? value : (value[0] ?? "");
  switch (kind) {
    case "string":
      return first;
    case "boolean":
      return first.toLowerCase() === "true";
    case "integer":
      return first.trim() === "" ? undefined : readInt32(first);
  }
}

/** A 32-bit signed decimal. @throws 404 for anything else. */
export function readInt32(text: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= INT32_MIN && value <= INT32_MAX) return value;
  throw notFound();
}

/** Entries of a list that names no maximum of its own, when `limit` is absent or above this. */
export const LIST_LIMIT = 1000;

/**
 * A limit that is absent, not positive, or above the maximum is the default, which is the maximum
 * (Confluent); a negative offset is none.
 */
export function paged<Query extends { readonly offset?: number; readonly limit?: number }>(
  query: Query,
  limitMax?: number,
): Query {
  const { offset = 0, limit, ...rest } = query;
  const usable = limit !== undefined && limit > 0 && (limitMax === undefined || limit <= limitMax);
  const effective = usable ? limit : limitMax;
  return {
    ...rest,
    ...(offset > 0 ? { offset } : {}),
    ...(effective === undefined ? {} : { limit: effective }),
  } as Query;
}

const PREFIX = "/contexts/";

/** A path under a context, taken apart. */
export interface ContextPath {
  /** The context as its qualifier, `:.name:`; `undefined` when its name cannot be one. */
  readonly qualifier: string | undefined;
  /** The path (and query) that is left. */
  readonly rest: string;
}

/** Takes the prefix off a URL; `undefined` when there is none, or when the context itself is meant. */
export function splitContext(url: string): ContextPath | undefined {
  if (!url.startsWith(PREFIX)) return undefined;
  const end = url.indexOf("/", PREFIX.length);
  const query = url.indexOf("?");
  const isContextItself = end === -1 || (query !== -1 && query < end) || end === PREFIX.length;
  if (isContextItself || end === url.length - 1 || url.charCodeAt(end + 1) === QUESTION_MARK) {
    return undefined;
  }
  return { qualifier: qualifierOf(url.slice(PREFIX.length, end)), rest: url.slice(end) };
}

const QUESTION_MARK = 0x3f;

function qualifierOf(segment: string): string | undefined {
  let name: string | undefined;
  try {
    name = contextNamed(decodeURIComponent(segment));
  } catch {
    return undefined;
  }
  return name === undefined ? undefined : contextKey(name);
}

/** A subject in a context; one that names its context itself keeps it. */
export function qualify(qualifier: string | undefined, subject: string): string {
  const isAsItIs = qualifier === undefined || subject.startsWith(ALL_CONTEXTS);
  return isAsItIs ? subject : prefixSubject(qualifier, subject);
}

/**
 * Reads a body as JSON, unless it is called something else. Empty is `undefined`.
 *
 * @throws 415, or 400 with the parser's message
 */
function readBody(headers: IncomingHttpHeaders, bytes: unknown): unknown {
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
type ValidateBody = (body: unknown) => void;

/** What is wrong with a body, and where: a JSON pointer, empty for the body itself. */
interface ShapeError {
  readonly instancePath: string;
  readonly message: string;
}

/** A check as ajv writes it: what it finds wrong is in its `errors` until its next call. */
interface ShapeCheck {
  (body: unknown): boolean;
  readonly errors?: readonly ShapeError[] | null;
}

type WithBody = { [O in Operation]: BodyOf<O> extends undefined ? never : O }[Operation];

/** An operation that takes a body and has no check does not compile. */
const shapeChecks: Readonly<Record<WithBody, ShapeCheck>> = checks;

/** A check always tells; this is for the compiler only. */
const NOT_TOLD: ShapeError = { instancePath: "", message: "has another shape" };

/** The check of an operation's body, if it takes one. Nothing is coerced, defaulted or removed. */
export function bodyValidator(operation: Operation): ValidateBody | undefined {
  const check = (shapeChecks as Partial<Record<Operation, ShapeCheck>>)[operation];
  if (check === undefined) return undefined;
  return (body) => {
    if (body === undefined || body === null) throw missingBody();
    if (check(body)) return;
    const [{ instancePath, message } = NOT_TOLD] = check.errors ?? [];
    throw badRequest(`The request body${instancePath && ` at ${instancePath}`} ${message}`);
  };
}
