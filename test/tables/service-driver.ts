import type { Operation, RouteRow } from "../../src/api/index.ts";
import { isRefusal, refusalMessage, refusalRows, routes } from "../../src/api/index.ts";
import type { Log, RegistryService } from "../../src/registry/index.ts";
import { createRegistryService } from "../../src/registry/index.ts";
import type { TableAnswer, TableDriver, TableRegistry, TableRequest } from "./driver.ts";

/** A storage that can be opened again. */
export interface Storage {
  open(): Promise<Log>;
  dispose(): Promise<void>;
}

/** Plays tables through the service, on a log of some kind. */
export function serviceDriver(
  name: string,
  storageOf: () => Promise<Storage>,
  onRefusal: (refusal: string) => void = () => undefined,
): TableDriver {
  return {
    name,
    start: async () => {
      const storage = await storageOf();
      let now = 0;
      const open = async () => {
        const log = await storage.open();
        return { log, service: await createRegistryService({ log, clock: () => ++now }) };
      };
      let current = await open();
      const registry: TableRegistry = {
        call: async (request) => {
          const answer: unknown = await callService(current.service, request);
          if (isRefusal(answer)) onRefusal(answer.refusal);
          return asAnswer(answer);
        },
        restart: async () => {
          await current.log.close();
          current = await open();
        },
        stop: async () => {
          await current.log.close();
          await storage.dispose();
        },
      };
      return registry;
    },
  };
}

function asAnswer(answer: unknown): TableAnswer {
  if (!isRefusal(answer)) return { value: JSON.parse(JSON.stringify(answer ?? null)) };
  const { status, errorCode } = refusalRows[answer.refusal];
  return { status, errorCode, message: refusalMessage(answer) };
}

/** Query values as their route's row reads them. */
function queryOf({ route, query }: TableRequest): Record<string, never> {
  const row: RouteRow = routes[route];
  const kinds = row.query ?? {};
  const read = (name: string, text: string): unknown => {
    if (kinds[name] === "boolean") return text === "true";
    if (kinds[name] === "integer") return Number(text);
    return kinds[name] === "strings" ? text.split(",") : text;
  };
  const entries = Object.entries(query).map(([name, text]) => [name, read(name, text)]);
  return Object.fromEntries(entries) as Record<string, never>;
}

type Call = (
  service: RegistryService,
  path: Readonly<Record<string, string>>,
  query: Record<string, never>,
  body: never,
) => Promise<unknown>;

const calls: Partial<Record<Operation, Call>> = {
  "subjects.list": (service, _, query) => service.subjects(query),
  "subjects.get-schema": (service, path, query, body) =>
    service.lookup(text(path, "subject"), body, query),
  "subjects.get-latest-with-metadata": (service, path, { key, value, ...query }) =>
    service.latestWithMetadata(text(path, "subject"), zip(key, value), query),
  "subjects.delete-subject": (service, path, query) =>
    service.deleteSubject(text(path, "subject"), query),
  "subjects.versions.list": (service, path, query) =>
    service.versions(text(path, "subject"), query),
  "subjects.versions.register": (service, path, query, body) =>
    service.register(text(path, "subject"), body, query),
  "subjects.versions.get-schema": (service, path, query) =>
    service.version(text(path, "subject"), text(path, "version"), query),
  "subjects.versions.get-referenced-by": (service, path, query) =>
    service.referencedBy(text(path, "subject"), text(path, "version"), query),
  "subjects.versions.delete-schema-version": (service, path, query) =>
    service.deleteVersion(text(path, "subject"), text(path, "version"), query),
  "subjects.versions.modify-tags": (service, path, _, body) =>
    service.tagVersion(text(path, "subject"), text(path, "version"), body),
  "schemas.get-schemas": (service, _, query) => service.schemas(query),
  "schemas.ids.get-schema": (service, path, query) => service.schemaById(Number(path["id"]), query),
  "schemas.ids.get-subjects": (service, path, query) =>
    service.subjectsOfId(Number(path["id"]), query),
  "schemas.ids.get-versions": (service, path, query) =>
    service.versionsOfId(Number(path["id"]), query),
  "schemas.guids.get-schema": (service, path, query) =>
    service.schemaByGuid(text(path, "guid"), query),
  "schemas.guids.get-ids": (service, path) => service.idsOfGuid(text(path, "guid")),
  "compatibility.subjects.versions.verify": (service, path, query, body) =>
    service.testCompatibility(text(path, "subject"), path["version"], body, query),
  "compatibility.subjects.versions.verify-all": (service, path, query, body) =>
    service.testCompatibility(text(path, "subject"), undefined, body, query),
  "config.get-global": (service, _, query) => service.config(undefined, query),
  "config.update-global": (service, _, __, body) => service.updateConfig(undefined, body),
  "config.delete-global": (service) => service.deleteConfig(undefined),
  "config.get-subject": (service, path, query) => service.config(path["subject"], query),
  "config.update-subject": (service, path, _, body) => service.updateConfig(path["subject"], body),
  "config.delete-subject": (service, path) => service.deleteConfig(path["subject"]),
  "mode.get-global": (service, _, query) => service.mode(undefined, query),
  "mode.update-global": (service, _, query, body) =>
    service.updateMode(undefined, modeOf(body), query),
  "mode.delete-global": (service, _, query) => service.deleteMode(undefined, query),
  "mode.get-subject": (service, path, query) => service.mode(path["subject"], query),
  "mode.update-subject": (service, path, query, body) =>
    service.updateMode(path["subject"], modeOf(body), query),
  "mode.delete-subject": (service, path, query) => service.deleteMode(path["subject"], query),
  "contexts.list": (service, _, query) => service.contexts(query),
  "contexts.delete": (service, path) => service.deleteContext(text(path, "context")),
  "subjects.undelete": (service, path) => service.undeleteSubject(text(path, "subject")),
  "subjects.versions.undelete": (service, path) =>
    service.undeleteVersion(text(path, "subject"), text(path, "version")),
  "search.find": (service, _, query) => service.search(query),
};

async function callService(service: RegistryService, request: TableRequest): Promise<unknown> {
  const call = calls[request.route];
  if (call === undefined) throw new Error(`no call for ${request.route}`);
  const { path, body, ifMatch } = request;
  const query: Record<string, unknown> = queryOf(request);
  if (ifMatch !== undefined) query["ifMatch"] = ifMatch;
  return call(service, path, query as Record<string, never>, body as never);
}

function text(path: Readonly<Record<string, string>>, name: string): string {
  return path[name] ?? "";
}

function modeOf(body: { readonly mode?: string | null }): string | null | undefined {
  return body.mode;
}

function zip(keys: readonly string[] = [], values: readonly string[] = []) {
  return keys.slice(0, values.length).map((key, index) => [key, values[index] ?? ""] as const);
}
