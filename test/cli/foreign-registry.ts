/**
 * A registry as Confluent's answers, small and in memory, that a quirk may answer for: what other
 * products, proxies and attackers do.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ForeignVersion {
  readonly version: number;
  readonly id: number;
  readonly schema: string;
  readonly references?: readonly unknown[];
  readonly deleted?: boolean;
}

/** What the registry holds. */
export interface Foreign {
  readonly subjects: Readonly<Record<string, readonly ForeignVersion[]>>;
  readonly level: string;
  readonly levels: Readonly<Record<string, string>>;
  readonly modes: Readonly<Record<string, string>>;
}

/** Status, body (text as it is, else as JSON), headers. */
export type Reply = readonly [status: number, body: unknown, headers?: Record<string, string>];

/** What a quirk is told, and the answer that a registry without it would give. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly usual: Reply;
  /** How often this path and query were asked for, this time included. */
  readonly times: number;
}

/** Another answer; `undefined` for the usual one, `cut` for none at all. */
export type Quirk = (asked: Asked) => Reply | "cut" | undefined;

const record = (name: string, type: unknown = "string") =>
  JSON.stringify({ type: "record", name, fields: [{ name: "f", type }] });

/** Two subjects, a reference, a soft-deleted version, a gap, a level of its own. */
export const SAMPLE: Foreign = {
  subjects: {
    base: [{ version: 1, id: 1, schema: record("Base") }],
    order: [
      { version: 1, id: 2, schema: record("Old"), deleted: true },
      {
        version: 3,
        id: 5,
        schema: record("Order", "Base"),
        references: [{ name: "Base", subject: "base", version: 1 }],
      },
    ],
  },
  level: "FORWARD",
  levels: { order: "FULL" },
  modes: {},
};

const NOT_FOUND: Reply = [404, { error_code: 404, message: "HTTP 404 Not Found" }];

function usualReply(held: Foreign, path: string, query: URLSearchParams): Reply {
  const parts = path.replace(/\/$/, "").split("/").map(decodeURIComponent);
  const [, top, name = "", , number] = parts;
  const withDeleted = query.get("deleted") === "true";
  const shown = (subject: string) =>
    (held.subjects[subject] ?? []).filter(({ deleted }) => withDeleted || !deleted);
  const entity = (subject: string, { deleted: _, ...rest }: ForeignVersion) => ({
    subject,
    ...rest,
  });
  const names = Object.keys(held.subjects).filter((subject) => shown(subject).length > 0);
  if (top === "contexts") return parts.length === 2 ? [200, ["."]] : NOT_FOUND;
  if (top === "config" || top === "mode") return settingReply(held, top, name, query);
  if (top === "schemas") {
    const all = names.flatMap((subject) => shown(subject).map((each) => entity(subject, each)));
    const start = Number(query.get("offset") ?? 0);
    return [200, all.slice(start, start + Number(query.get("limit") ?? 1000))];
  }
  if (top !== "subjects") return NOT_FOUND;
  if (parts.length === 2) return [200, names.slice(Number(query.get("offset") ?? 0))];
  if (shown(name).length === 0) {
    return [404, { error_code: 40401, message: `Subject '${name}' not found.` }];
  }
  if (number === undefined) {
    const numbers = shown(name).map(({ version }) => version);
    return [200, numbers.slice(Number(query.get("offset") ?? 0))];
  }
  const found = shown(name).find(({ version }) => String(version) === number);
  return found === undefined
    ? [404, { error_code: 40402, message: "Version not found." }]
    : [200, entity(name, found)];
}

function settingReply(
  { level, levels, modes }: Foreign,
  kind: "config" | "mode",
  name: string,
  query: URLSearchParams,
): Reply {
  const isConfig = kind === "config";
  const root = isConfig ? level : "READWRITE";
  const all = isConfig ? levels : modes;
  const own = Object.hasOwn(all, name) ? all[name] : undefined;
  const value = name === "" || query.get("defaultToGlobal") === "true" ? (own ?? root) : own;
  if (value === undefined) {
    return [404, { error_code: isConfig ? 40408 : 40409, message: "none of its own" }];
  }
  return [200, isConfig ? { compatibilityLevel: value } : { mode: value }];
}

/** Starts one; `closing` receives how to stop it. */
export async function foreignRegistry(
  quirk: Quirk,
  closing: (() => Promise<void>)[],
  held: Foreign = SAMPLE,
): Promise<string> {
  const times = new Map<string, number>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://x");
    times.set(request.url ?? "", (times.get(request.url ?? "") ?? 0) + 1);
    const usual = usualReply(held, path, query);
    const asked = { path, query, request, usual, times: times.get(request.url ?? "") ?? 0 };
    const reply = quirk(asked) ?? usual;
    if (reply === "cut") {
      request.socket.destroy();
      return;
    }
    const [status, body, headers = {}] = reply;
    const isRaw = typeof body === "string" || Buffer.isBuffer(body);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(isRaw ? body : JSON.stringify(body));
  };
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
