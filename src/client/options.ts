/** Checks the client's options once, so that a mistake shows at start and not at the first call. */
import { setTimeout as sleep } from "node:timers/promises";
import type { OptionRules } from "../base/index.ts";
import {
  callback,
  hidden,
  isObject,
  listOf,
  milliseconds,
  objectWith,
  optional,
  problemOf,
  recordOf,
  redactUrl,
  rule,
  text,
  wholeNumber,
} from "../base/index.ts";
import { clientErrors } from "./errors.ts";
import type { ClientClock, RegistryAuth, RegistryClientOptions } from "./types.ts";

/** Options with every default filled in. */
export interface ClientSettings {
  /** Base URLs without credentials and without a slash at the end; at least one. */
  readonly urls: readonly [string, ...string[]];
  readonly auth: RegistryAuth | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly cacheEntriesMax: number;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: ClientClock;
}

const systemClock: ClientClock = {
  now: () => performance.now(),
  sleep: (ms) => sleep(ms),
};

const auth = rule((value) => {
  if (!isObject(value)) return false;
  const { username, password, token } = value;
  if (token !== undefined) return typeof token === "string" || typeof token === "function";
  return typeof username === "string" && typeof password === "string";
}, "give { username, password } or { token }");

const OPTIONS: OptionRules = {
  url: (value, option) => (typeof value === "string" ? undefined : listOf(text, 1)(value, option)),
  auth: optional(hidden(auth)),
  headers: optional(recordOf(hidden(text))),
  timeoutMs: optional(milliseconds(1)),
  retries: optional(wholeNumber(0)),
  retryDelayMs: optional(wholeNumber(0)),
  cacheEntriesMax: optional(wholeNumber(1)),
  fetch: optional(callback),
  clock: optional(objectWith({ now: callback, sleep: callback })),
};

/** The options with their defaults. @throws CLIENT_ARGUMENT_INVALID for the first that cannot work */
export function settingsOf(options: RegistryClientOptions): ClientSettings {
  const problem = problemOf(OPTIONS, options);
  if (problem !== undefined) throw invalid(problem.option, problem.value, problem.reason);
  const bases = (typeof options.url === "string" ? [options.url] : options.url).map(parseBase);
  const [first, ...others] = bases;
  if (first === undefined) throw invalid("url", options.url, "give at least one");
  return {
    urls: [first.url, ...others.map((base) => base.url)],
    auth: options.auth ?? first.auth,
    headers: checkHeaders(options.headers ?? {}),
    timeoutMs: options.timeoutMs ?? 10_000,
    retries: options.retries ?? 3,
    retryDelayMs: options.retryDelayMs ?? 100,
    cacheEntriesMax: options.cacheEntriesMax ?? 10_000,
    // Looked up at each call: instrumentation and tests replace the global one after start.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock: options.clock ?? systemClock,
  };
}

function parseBase(text: string): { url: string; auth: RegistryAuth | undefined } {
  const refuse = (reason: string) => invalid("url", redactUrl(text), reason);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refuse("write it as http://host:port");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw refuse("only http and https are spoken here");
  }
  if (url.search !== "" || url.hash !== "") {
    throw refuse("a base URL has no query and no fragment");
  }
  // `http://me:12/34@host` is host `me`, port 12: its password would be a path, and be printed.
  if (url.pathname.includes("@")) {
    throw refuse("write @ in a path, and / in a password, percent-encoded");
  }
  const auth =
    url.username === "" && url.password === ""
      ? undefined
      : { username: decoded(url.username), password: decoded(url.password) };
  return { url: withoutCredentials(url).replace(/\/+$/, ""), auth };
}

function withoutCredentials(url: URL): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}

/** Percent-decoded where that is possible, else as written. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An error of `fetch` would repeat the value, which may be a secret. */
function checkHeaders(headers: Readonly<Record<string, string>>): typeof headers {
  for (const [name, value] of Object.entries(headers)) {
    if (isHeaderValue(value)) continue;
    throw invalid("headers", name, "the value of this header has characters that can't be sent");
  }
  return headers;
}

/** Whether text can be sent as a header's value. Source: the Fetch standard. */
export function isHeaderValue(text: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(text);
}

function invalid(argument: string, value: unknown, reason: string) {
  return clientErrors.create("CLIENT_ARGUMENT_INVALID", { argument, value, reason });
}
