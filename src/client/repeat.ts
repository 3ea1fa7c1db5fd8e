/**
 * Which calls may be sent again when nobody knows whether the registry carried out the first
 * attempt (the connection broke, no answer came in time, 5xx).
 *
 * Invariant: a call that is not listed here is sent again only when the first attempt never reached
 * a server.
 */
import { isObject } from "../base/index.ts";
import type { RawRequest } from "./types.ts";

/** `always`: twice does what once does. `unsent`: only when no server got the first attempt. */
export type Repeat = "always" | "unsent";

/** Reads that are written as a POST: a lookup, a compatibility check, a plan. */
const READING_POSTS = [
  /^\/subjects\/[^/]+$/,
  /^\/compatibility\/subjects\/[^/]+\/versions(\/[^/]+)?$/,
  /^\/subjects\/[^/]+\/plan$/,
  /^\/$/,
];
const REGISTRATION = /^\/subjects\/[^/]+\/versions$/;
const CONTEXT_PREFIX = /^\/contexts\/[^/]+(?=\/)/;

/** How often a call may be sent. */
export function repeatOf(method: string, path: string, request: RawRequest): Repeat {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return "always";
  const route = path.replace(CONTEXT_PREFIX, "").replace(/\?.*$/s, "");
  if (method === "PUT") return isSetting(route) ? "always" : "unsent";
  if (method !== "POST") return "unsent";
  if (READING_POSTS.some((pattern) => pattern.test(route))) return "always";
  return REGISTRATION.test(route) && isPlainRegistration(request) ? "always" : "unsent";
}

function isSetting(route: string): boolean {
  return /^\/(config|mode)(\/[^/]+)?$/.test(route);
}

/** Whether a registration of what is registered already answers as the first one did. */
function isPlainRegistration({ headers = {}, body }: RawRequest): boolean {
  if (Object.keys(headers).some((name) => name.toLowerCase() === "if-match")) return false;
  if (!isObject(body)) return false;
  const { version, id, schemaTagsToAdd, schemaTagsToRemove } = body;
  // Tags make a new version each time; a version's number is free once, unless its id comes along.
  if (schemaTagsToAdd || schemaTagsToRemove) return false;
  return !isGiven(version) || isGiven(id);
}

function isGiven(number: unknown): boolean {
  return typeof number === "number" && number > 0;
}
