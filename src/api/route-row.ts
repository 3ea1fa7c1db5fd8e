/** What a route is, as a row of the table of routes. */
import type { TSchema } from "../base/index.ts";
import type { AnswerName } from "./answers.ts";
import type { RefusalName } from "./refusals.ts";

/** How a query parameter is read; `strings` may be repeated. */
export type QueryKind = "boolean" | "integer" | "string" | "strings";

/**
 * What a request may be allowed for: an action, and what it is done to.
 *
 * - `registry`: the server as a whole
 * - `context`: the path's context, or a list of contexts
 * - `subject`: the path's subject
 * - `subjects`: every subject that the answer tells of
 * - `items`: every subject that the body names
 * - `schema`: the path's id or GUID, under any subject that has it
 * - `settings`: config and mode, of the path's subject or else of the registry or a context
 */
export type RouteAccess =
  /** Nobody has to be known. */
  | { readonly action: "public" }
  | {
      /** `admin` is what puts other rules out of force, or reaches beyond what it names. */
      readonly action: "read" | "write" | "delete" | "admin";
      readonly on:
        | "registry"
        | "context"
        | "subject"
        | "subjects"
        | "items"
        | "schema"
        | "settings";
    };

export interface RouteRow {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: RouteAccess;
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
