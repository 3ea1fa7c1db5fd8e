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
import type { SchemaEntity, SchemaString } from "../api/index.ts";

/** The routes that answer with content. */
export type ContentRoute = "I2" | "I3" | "I6" | "S7" | "S8";

/** A content answer, ready to send. */
export interface ContentAnswer {
  readonly text: string;
  readonly etag: string;
  readonly cacheControl: string;
}

const IMMUTABLE = "max-age=31536000, immutable";
const REVALIDATE = "no-cache";

/** Whether a route's answers are content. */
export function isContentRoute(id: string): id is ContentRoute {
  return id === "I2" || id === "I3" || id === "I6" || id === "S7" || id === "S8";
}

/** Makes the answer of a content route from its entity. */
export type Contents = (
  route: ContentRoute,
  call: { readonly path: object; readonly query: object },
  entity: SchemaEntity | SchemaString,
) => ContentAnswer;

/** Texts kept, and how long one may be: a guard for memory. */
const TEXTS_MAX = 10_000;
const TEXT_CHARS_MAX = 65_536;

/** Content by id and by GUID is made into text once. */
export function createContents(toText: (entity: unknown) => string): Contents {
  const texts = new Map<string, string>();

  const textOf = (route: ContentRoute, entity: SchemaEntity | SchemaString, isPlain: boolean) => {
    if (route === "I3" || route === "S8") return entity.schema;
    const { guid } = entity;
    if (route === "S7" || !isPlain || guid === undefined) return toText(entity);
    const known = texts.get(guid);
    if (known !== undefined) return known;
    const text = toText(entity);
    if (texts.size >= TEXTS_MAX) texts.clear();
    if (text.length <= TEXT_CHARS_MAX) texts.set(guid, text);
    return text;
  };

  return (route, { path, query }, entity) => {
    const isPlain = entity.deleted !== true && !hasMembers(query);
    const text = textOf(route, entity, isPlain);
    const etag = (isPlain ? ownTag(route, entity) : undefined) ?? hashTag(text);
    const { version } = path as { readonly version?: string };
    return { text, etag, cacheControl: cacheControlOf(route, entity, version, query) };
  };
}

function hasMembers(query: object): boolean {
  for (const _name in query) return true;
  return false;
}

function ownTag(route: ContentRoute, entity: SchemaEntity | SchemaString): string | undefined {
  if (entity.guid === undefined) return undefined;
  const isVersion = route === "S7" || route === "S8";
  return isVersion ? `"${entity.version}-${entity.guid}"` : `"${entity.guid}"`;
}

function hashTag(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}

function cacheControlOf(
  route: ContentRoute,
  entity: SchemaEntity | SchemaString,
  requestedVersion: string | undefined,
  query: { readonly subject?: unknown; readonly fetchMaxId?: unknown },
): string {
  if (entity.deleted === true || query.subject !== undefined) return REVALIDATE;
  if (query.fetchMaxId === true) return REVALIDATE;
  const isVersion = route === "S7" || route === "S8";
  return isVersion && !isNumber(requestedVersion) ? REVALIDATE : IMMUTABLE;
}

/** A version by number; `latest` and `-1` move on. */
function isNumber(version: string | undefined): boolean {
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
