import type { QueryKind, RouteRow } from "../../src/api/index.ts";
import { routes } from "../../src/api/index.ts";
import type { RegistrySettings } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import { serveService } from "../../src/server/index.ts";
import { requestHead, sendRaw } from "../server/raw-http.ts";
import type { TableAnswer, TableDriver, TableRequest } from "./driver.ts";
import type { Storage } from "./service-driver.ts";

/** Plays tables over HTTP, on a log of some kind; every row is a request and its answer. */
export function httpDriver(
  name: string,
  storageOf: () => Promise<Storage>,
  settings: Partial<RegistrySettings> = {},
): TableDriver {
  return {
    name,
    start: async () => {
      const storage = await storageOf();
      let now = 0;
      const open = async () => {
        const log = await storage.open();
        const service = await createRegistryService({ log, clock: () => ++now, settings });
        return serveService({ service, log, port: 0, drainMs: 0 });
      };
      let server = await open();
      return {
        call: async (request) => send(server.url, request),
        restart: async () => {
          await server.close();
          server = await open();
        },
        stop: async () => {
          await server.close();
          await storage.dispose();
        },
      };
    },
  };
}

async function send(url: string, request: TableRequest): Promise<TableAnswer> {
  const row: RouteRow = routes[request.route];
  const path = row.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(request.path[name] ?? ""),
  );
  const { body, ifMatch } = request;
  const target = `${path}?${queryText(row.query ?? {}, request.query)}`;
  const json = body === undefined ? "" : JSON.stringify(body);
  const head = requestHead(row.method, target, {
    "Confluent-Accept-Unknown-Properties": "true",
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(json)),
    ...(ifMatch === undefined ? {} : { "If-Match": ifMatch }),
  });
  const answer = await sendRaw(url, head, json);
  const value: unknown = answer.body === "" ? null : JSON.parse(answer.body);
  if (answer.status < 300) return { value };
  const { error_code: errorCode, message } = value as { error_code: number; message: string };
  return { status: answer.status, errorCode, message };
}

/** A list is written with commas in a table, and repeated in a URL. */
function queryText(
  kinds: Readonly<Record<string, QueryKind>>,
  query: Readonly<Record<string, string>>,
): string {
  const search = new URLSearchParams();
  for (const [name, text] of Object.entries(query)) {
    const values = kinds[name] === "strings" ? text.split(",") : [text];
    for (const value of values) search.append(name, value);
  }
  return search.toString();
}
