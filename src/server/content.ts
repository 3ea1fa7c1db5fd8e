/**
 * Answers with a schema's content: their text, entity tag and cache directives.
 *
 * Invariants:
 * - An entity tag is the registry's own (`"<guid>"` by id and GUID, `"<version>-<guid>"` by version:
 *   what `If-Match` on register is compared with) for the plain form of a live entity, and a hash of
 *   the text for every other form.
 * - What is addressed by id, GUID or number, without a query that looks at anything else, is
 *   immutable; everything else has to be asked for again, with its tag.
 */
import { createHash } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";
import type { Operation, SchemaEntity, SchemaString } from "../api/index.ts";
import { contentEtag, versionEtag } from "../registry/index.ts";

/** The operations that answer with content. */
const CONTENT_ROUTES = [
  "schemas.ids.get-schema",
  "schemas.ids.get-schema.only",
  "schemas.guids.get-schema",
  "subjects.versions.get-schema",
  "subjects.versions.get-schema.only",
] as const satisfies readonly Operation[];

export type ContentRoute = (typeof CONTENT_ROUTES)[number];

/** Those of a version. */
const OF_VERSION: ReadonlySet<ContentRoute> = new Set<ContentRoute>([
  "subjects.versions.get-schema",
  "subjects.versions.get-schema.only",
]);

/** Those that answer with the schema's text alone. */
const OF_TEXT: ReadonlySet<ContentRoute> = new Set<ContentRoute>([
  "schemas.ids.get-schema.only",
  "subjects.versions.get-schema.only",
]);

/** A content answer, ready to send. */
export interface ContentAnswer {
  readonly text: string;
  readonly etag: string;
  readonly isImmutable: boolean;
}

const IMMUTABLE = "max-age=31536000, immutable";
const REVALIDATE = "no-cache";

/** Whether an operation's answers are content. */
export function isContentRoute(operation: Operation): operation is ContentRoute {
  return CONTENT.has(operation);
}

const CONTENT: ReadonlySet<Operation> = new Set(CONTENT_ROUTES);

/** Makes the answer of a content route from its entity. */
export type Contents = (
  route: ContentRoute,
  call: { readonly path: object; readonly query: object },
  entity: SchemaEntity | SchemaString,
) => ContentAnswer;

export function createContents(toText: (entity: unknown) => string): Contents {
  return (route, { path, query }, entity) => {
    const text = OF_TEXT.has(route) ? entity.schema : toText(entity);
    const isPlain = entity.deleted !== true && !hasMembers(query);
    const etag = (isPlain ? ownTag(route, entity) : undefined) ?? hashTag(text);
    const { version } = path as { readonly version?: string };
    return { text, etag, isImmutable: isImmutable(route, entity, version, query) };
  };
}

/** Headers of a content answer. */
export function contentHeaders(etag: string, isImmutable: boolean): OutgoingHttpHeaders {
  return { etag, "cache-control": isImmutable ? IMMUTABLE : REVALIDATE, vary: "accept" };
}

function hasMembers(query: object): boolean {
  for (const _name in query) return true;
  return false;
}

function ownTag(route: ContentRoute, entity: SchemaEntity | SchemaString): string | undefined {
  const { guid, version = 0 } = entity;
  if (guid === undefined) return undefined;
  return OF_VERSION.has(route) ? versionEtag(version, guid) : contentEtag(guid);
}

function hashTag(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}

function isImmutable(
  route: ContentRoute,
  entity: SchemaEntity | SchemaString,
  requestedVersion: string | undefined,
  query: {
    readonly subject?: unknown;
    readonly fetchMaxId?: unknown;
    readonly format?: unknown;
  },
): boolean {
  if (entity.deleted === true || query.subject !== undefined || query.fetchMaxId === true) {
    return false;
  }
  if (OF_VERSION.has(route)) return isVersionNumber(requestedVersion);
  // Each version has its own original text; by id and GUID it is that of one which may go.
  return query.format !== "original";
}

/** A version by number; `latest` and `-1` move on. */
export function isVersionNumber(version: string | undefined): boolean {
  return version !== undefined && /^\s*\+?\d+\s*$/.test(version);
}

/** Whether an `If-None-Match` header names the tag; weak comparison, as RFC 9110 (13.1.2) says. */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((tag) => {
    const name = tag.trim().replace(/^W\//, "");
    return name === "*" || name === etag;
  });
}
