/** What a route is, as a row of the table of routes. */
import type { TSchema } from "../base/index.ts";
import type { AnswerName } from "./answers.ts";
import type { RefusalName } from "./refusals.ts";

/** How a query parameter is read; `strings` may be repeated. */
export type QueryKind = "boolean" | "integer" | "string" | "strings";

export interface RouteRow {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: `/${string}`;
  readonly summary: string;
  readonly query?: Readonly<Record<string, QueryKind>>;
  readonly body?: TSchema;
  readonly answer: AnswerName;
  /** Media type of the answer, where it is not one of the API's. */
  readonly produces?: "text/event-stream";
  readonly refusals?: readonly RefusalName[];
}

/** Query parameters of a list. */
export const paging = { offset: "integer", limit: "integer" } as const;

/** What may be said of a version in a path. */
export const versionRefusals = [
  "SUBJECT_NOT_FOUND",
  "VERSION_NOT_FOUND",
  "INVALID_VERSION",
] as const satisfies readonly RefusalName[];

/** What may be said of every write. */
export const writeRefusals = [
  "OPERATION_NOT_PERMITTED",
  "INVALID_SUBJECT",
  "STORE_ERROR",
] as const satisfies readonly RefusalName[];

/** What may be said of a registration, beyond `writeRefusals`. */
export const registerRefusals = [
  "INCOMPATIBLE_SCHEMA",
  "INVALID_SCHEMA",
  "INVALID_RULE_SET",
  "SCHEMA_TOO_LARGE",
  "NO_ID_LEFT",
  "NO_VERSION_LEFT",
] as const satisfies readonly RefusalName[];
