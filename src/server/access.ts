/**
 * Who may call from where: what a browser is kept from doing for the pages of others.
 *
 * Invariants:
 * - A request for a page of another origin changes nothing and computes nothing: whatever its path,
 *   a method other than GET, HEAD and OPTIONS is refused before anything else looks at it.
 * - Such a page reads no answer: only origins that the settings name get the headers that a browser
 *   asks for. An answer that could be kept says that it depends on the origin (`Vary`).
 * - A registry that listens on loopback answers to names of loopback alone, reads included: a name that
 *   was pointed at 127.0.0.1 after its page had loaded (DNS rebinding) makes that page the same origin.
 * - Programs send neither `Origin` nor `Sec-Fetch-Site`, and are not concerned.
 *
 * Sources: the Fetch standard (`Origin`, CORS), Fetch Metadata (`Sec-Fetch-Site`), RFC 9112 (3.2).
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { isIP, isIPv4 } from "node:net";
import type { HttpError } from "./http-error.ts";
import { badRequest, forbidden } from "./http-error.ts";
import type { ServerSettings } from "./settings.ts";

/** What a request has to pass before it is answered. */
interface Access {
  /**
   * Looks at a request, and gives its answer the headers that its page may need. A target with a host
   * of its own (`GET http://host/path`) is made a path.
   *
   * @returns why it is refused
   */
  check(request: IncomingMessage, response: ServerResponse): HttpError | undefined;
  /** What a browser that asks first (a preflight) is told; `undefined` for every other request. */
  preflight(request: IncomingMessage): Readonly<Record<string, string>> | undefined;
}

type AccessSettings = Pick<ServerSettings, "host" | "allowedHosts" | "corsOrigins">;

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** Any host is taken. */
const ANY_HOST = "*";
/** Clients send few different hosts, many times. */
const HOSTS_KEPT_MAX = 100;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;
const SLASH = 0x2f;

/** @param address - The address that is listened on, when a request has come. */
export function createAccess(settings: AccessSettings, address: () => string): Access {
  const { corsOrigins } = settings;
  const takes = hostCheck(settings, address);
  return {
    check(request, response) {
      const authority = authorityOf(request);
      if (typeof authority === "object") return authority;
      const { host } = request.headers;
      const refused = [host, authority].find((name) => name !== undefined && !takes(name, request));
      if (refused !== undefined) return foreignHost(refused);
      const { headers, method = "" } = request;
      if (corsOrigins.size > 0) allowReading(headers, response, corsOrigins);
      if (SAFE.has(method)) return undefined;
      return isForeign(headers, authority ?? host, corsOrigins) ? foreignPage(headers) : undefined;
    },
    preflight({ method, headers }) {
      if (method !== "OPTIONS" || !isNamed(headers.origin, corsOrigins)) return undefined;
      const asked = headers["access-control-request-method"];
      return asked === undefined ? undefined : permissions(headers);
    },
  };
}

/**
 * Whether a request is made for a page of another origin. A page is at home where its origin's host is
 * the request's: behind a proxy that speaks TLS the schemes differ.
 */
export function isForeign(
  headers: IncomingHttpHeaders,
  host: string | undefined,
  named: ReadonlySet<string>,
): boolean {
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (origin === undefined && site === undefined) return false;
  if (isNamed(origin, named)) return false;
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return origin !== undefined && !isOrigin(origin, host);
}

function isNamed(origin: string | undefined, named: ReadonlySet<string>): boolean {
  return origin !== undefined && named.has(origin);
}

function isOrigin(origin: string, host: string | undefined): boolean {
  const scheme = /^https?:\/\//i.exec(origin)?.[0];
  const own = `${scheme ?? ""}${host ?? ""}`;
  if (scheme === undefined || !URL.canParse(origin) || !URL.canParse(own)) return false;
  // An origin and nothing else: no user, no path.
  return new URL(origin).href === `${new URL(own).origin}/`;
}

/** The host of the target, where it names one. Whatever HTTP/1.1 forbids about hosts is a 400. */
function authorityOf(request: IncomingMessage): string | HttpError | undefined {
  const { url = "/", rawHeaders, headers, httpVersion } = request;
  if (hasTwoHosts(rawHeaders)) return badRequest("The request has more than one Host header");
  if (headers.host === undefined && httpVersion >= "1.1") {
    return badRequest("The request has no Host header");
  }
  if (url.charCodeAt(0) === SLASH || url === "*") return undefined;
  const [, authority = "", rest = ""] = ABSOLUTE.exec(url) ?? [];
  request.url = rest.startsWith("/") ? rest : `/${rest}`;
  if (authority === "" || authority.includes("@")) {
    return badRequest(
      "The request's target must be a path, or an http URL without user and password",
    );
  }
  return authority;
}

function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const name = rawHeaders[n];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts > 1;
}

type HostCheck = (host: string, request: IncomingMessage) => boolean;

/** Which hosts are taken; on loopback its names without being told, elsewhere any. */
function hostCheck({ host: own, allowedHosts }: AccessSettings, address: () => string): HostCheck {
  const known = new Set<string>();
  let isOnLoopback: boolean | undefined;
  return (host, { socket }) => {
    if (allowedHosts.has(ANY_HOST) || known.has(host)) return true;
    isOnLoopback ??= isLoopback(address());
    if (!isOnLoopback && allowedHosts.size === 0) return true;
    const name = hostName(host);
    const isTaken =
      name !== undefined &&
      (isLoopback(name) || name === own.toLowerCase() || allowedHosts.has(name));
    if (isTaken && known.size < HOSTS_KEPT_MAX) known.add(host);
    // Probes ask the address itself; a page whose name was pointed there can't say so.
    return (
      isTaken ||
      (!isOnLoopback && name !== undefined && name === plainName(socket.localAddress ?? ""))
    );
  };
}

function foreignHost(host: string): HttpError {
  return forbidden(
    `This registry does not answer requests for the host ${quoted(host)}. To allow it, add it to --allowed-hosts`,
  );
}

/** What a page of another origin is told. */
export function foreignPage({ origin, "sec-fetch-site": site }: IncomingHttpHeaders): HttpError {
  const page =
    origin === undefined
      ? `of another origin (Sec-Fetch-Site: ${String(site)})`
      : `of the origin ${quoted(origin)}`;
  return forbidden(
    `A web page ${page} may not send this request. To allow it, add the origin to --cors-origins`,
  );
}

const SHOWN_CHARS_MAX = 200;

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_CHARS_MAX));
}

/** Lets a page of a named origin read the answer. */
function allowReading(
  { origin }: IncomingHttpHeaders,
  response: ServerResponse,
  named: ReadonlySet<string>,
): void {
  response.setHeader("vary", "origin");
  if (origin === undefined || !named.has(origin)) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-expose-headers", "etag, x-request-id, allow");
}

/** A named origin may send what it asks for; browsers keep that for ten minutes. */
function permissions(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const asked = headers["access-control-request-headers"] ?? "";
  return {
    "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
    ...(/^[\w!#$%&'*+.^`|~, -]+$/.test(asked) && { "access-control-allow-headers": asked }),
    "access-control-max-age": "600",
    vary: "access-control-request-headers",
  };
}

/**
 * The name in a host with or without a port: lower case, an address as browsers write it, without
 * brackets; `undefined` for what is no host.
 */
function hostName(host: string): string | undefined {
  const url = `http://${host}`;
  if (/[/@\\?#\s]/.test(host) || !URL.canParse(url)) return undefined;
  return plainName(new URL(url).hostname);
}

/** {@link hostName} of a host that has no port; an IPv6 address needs no brackets. */
export function portlessName(text: string): string | undefined {
  if (isIP(text) === 6) return hostName(`[${text}]`);
  return /:\d*$/.test(text.replace(/^\[.*\]$/, "")) ? undefined : hostName(text);
}

/** Whether a name or an address means the machine itself, wherever it is looked up. */
function isLoopback(text: string): boolean {
  const name = plainName(text);
  if (isIP(name) !== 0) return name === "::1" || (isIPv4(name) && name.startsWith("127."));
  return name === "localhost" || name.endsWith(".localhost");
}

/** Without brackets, without the dot at the end, and an IPv4 address that is written as IPv6 as itself. */
function plainName(text: string): string {
  const name = text
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
  const mapped = /^::ffff:(?:([\d.]+)|([\da-f]{1,4}):([\da-f]{1,4}))$/.exec(name);
  if (mapped === null) return name;
  const [, dotted, high = "", low = ""] = mapped;
  if (dotted !== undefined) return dotted;
  const units = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return units.flatMap((unit) => [unit >> 8, unit & 255]).join(".");
}

/**
 * What one client may hold addresses of: an IPv4 address, or the first half of an IPv6 address, which is
 * what networks give to one customer.
 */
export function networkOf(address: string): string {
  const name = plainName(address.replace(/%.*$/, ""));
  if (isIP(name) !== 6) return name;
  const [head = "", tail] = name.split("::");
  const first = head === "" ? [] : head.split(":");
  if (tail === undefined) return first.slice(0, 4).join(":");
  const last = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return [...first, ...zeros, ...last].slice(0, 4).join(":");
}
