/**
 * What a handler of a route is given and what it answers, and the handlers themselves, one line per
 * route: which call of the service answers it, and with what. The change stream is in `changes.ts`.
 */
import type {
  BatchItemRequest,
  BodyOf,
  Operation,
  PathOf,
  QueryOf,
  Refusal,
} from "../api/index.ts";
import { isRefusal, refuse } from "../api/index.ts";
import type {
  BatchItem,
  BatchResult,
  RegistrationPlan,
  RegistryService,
} from "../registry/index.ts";
import type { Principal } from "./authenticate.ts";
import { badRequest, refusalBody, refusalError } from "./http-error.ts";
import { LIST_LIMIT, paged, qualify, readInt32 } from "./read-call.ts";
import type { ServerSettings } from "./settings.ts";

/** A request as its handler sees it: parsed, validated, subjects in their context. */
export interface Call<Name extends Operation> {
  readonly path: PathOf<Name>;
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  /** The context of the prefix as `:.name:`, or `undefined` for the registry as a whole. */
  readonly scope: string | undefined;
  readonly ifMatch: string | undefined;
  readonly principal: Principal;
}

/** The entity, or why not. */
export type Outcome = Promise<unknown>;

/** Operations that answer with one entity; `changes.stream` answers with a stream. */
export type EntityRoute = Exclude<Operation, "changes.stream">;

type Handlers = {
  readonly [Name in EntityRoute]: (
    service: RegistryService,
    call: Call<Name>,
    settings: ServerSettings,
  ) => Outcome;
};

/** The calls as the app makes them, the route known only at run time. */
export type AnyHandler = (
  service: RegistryService,
  call: Call<Operation>,
  settings: ServerSettings,
) => Promise<unknown | Refusal>;

/** An entity that is not answered with 200. */
export class EntityWithStatus {
  readonly status: number;
  readonly entity: object;

  constructor(status: number, entity: object) {
    this.status = status;
    this.entity = entity;
  }
}

/** Routes that no other registry has. */
const extraHandlers: Pick<
  Handlers,
  | "subjects.undelete"
  | "subjects.versions.undelete"
  | "subjects.plan"
  | "batch.register"
  | "search.find"
  | "usage.list"
  | "subjects.versions.usage"
> = {
  "subjects.undelete": (service, { path }) => service.undeleteSubject(path.subject),
  "subjects.versions.undelete": (service, { path }) =>
    service.undeleteVersion(path.subject, path.version),
  "subjects.plan": async (service, { path, body, query }, settings) => {
    const plan = await service.plan(path.subject, body, query);
    return isRefusal(plan) ? plan : planEntity(plan, settings);
  },
  "batch.register": async (service, { body, query, scope }, settings) => {
    // Whoever says it in either place wants nothing written.
    const dryRun = query.dryRun === true || body.dryRun === true;
    const items = body.items.map((item) => batchItem(item, scope));
    const result = await service.batch(items, { dryRun });
    return isRefusal(result) ? result : batchEntity(items, result, dryRun, settings);
  },
  "search.find": async (service, { query }) => {
    const { field, type, doc } = query;
    if (!field && !type && !doc)
      throw badRequest("Give at least one of the query parameters field, type and doc");
    return service.search(paged(query, LIST_LIMIT));
  },
  "usage.list": (service, { query }) => service.usage.report(paged(query, LIST_LIMIT)),
  "subjects.versions.usage": (service, { path }) =>
    versionUsage(service, path.subject, path.version),
};

export const handlers: Handlers = {
  "subjects.list": (service, { query }) => service.subjects(paged(query)),
  "subjects.get-schema": (service, { path, body, query }) =>
    service.lookup(path.subject, body, query),
  "subjects.get-latest-with-metadata": (service, { path, query }) => {
    const { key = [], value = [], ...rest } = query;
    const pairs = key.slice(0, value.length).map((name, n) => [name, value[n] ?? ""] as const);
    return service.latestWithMetadata(path.subject, pairs, rest);
  },
  "subjects.delete-subject": (service, { path, query }) =>
    service.deleteSubject(path.subject, query),
  "subjects.versions.list": (service, { path, query }) =>
    service.versions(path.subject, paged(query)),
  "subjects.versions.register": (service, { path, body, query, ifMatch }) =>
    service.register(path.subject, body, {
      ...query,
      ...(ifMatch === undefined ? {} : { ifMatch }),
    }),
  "subjects.versions.get-schema": (service, { path, query }) =>
    service.version(path.subject, path.version, query),
  "subjects.versions.get-schema.only": (service, { path, query }) =>
    service.version(path.subject, path.version, query),
  "subjects.versions.get-referenced-by": (service, { path, query }) =>
    service.referencedBy(path.subject, path.version, paged(query)),
  "subjects.versions.delete-schema-version": (service, { path, query }) =>
    service.deleteVersion(path.subject, path.version, query),
  "subjects.versions.modify-tags": (service, { path, body }) =>
    service.tagVersion(path.subject, path.version, body),
  "schemas.get-schemas": (service, { query }) => service.schemas(paged(query, LIST_LIMIT)),
  "schemas.ids.get-schema": (service, { path, query }) =>
    service.schemaById(readInt32(path.id), query),
  "schemas.ids.get-schema.only": (service, { path, query }) =>
    service.schemaById(readInt32(path.id), query),
  "schemas.ids.get-subjects": (service, { path, query }) =>
    service.subjectsOfId(readInt32(path.id), paged(query)),
  "schemas.ids.get-versions": (service, { path, query }) =>
    service.versionsOfId(readInt32(path.id), paged(query)),
  "schemas.guids.get-schema": (service, { path, query }) => service.schemaByGuid(path.guid, query),
  "schemas.guids.get-ids": (service, { path }) => service.idsOfGuid(path.guid),
  "schemas.get-types": async () => ["AVRO"],
  "compatibility.subjects.versions.verify": (service, { path, body, query }) =>
    service.testCompatibility(path.subject, path.version, body, query),
  "compatibility.subjects.versions.verify-all": (service, { path, body, query }) =>
    service.testCompatibility(path.subject, undefined, body, query),
  "config.get-global": (service, { scope, query }) => service.config(scope, query),
  "config.update-global": (service, { scope, body }) => service.updateConfig(scope, body),
  "config.delete-global": (service, { scope }) => service.deleteConfig(scope),
  "config.get-subject": (service, { path, query }) => service.config(path.subject, query),
  "config.update-subject": (service, { path, body }) => service.updateConfig(path.subject, body),
  "config.delete-subject": (service, { path }) => service.deleteConfig(path.subject),
  "mode.get-global": (service, { scope, query }) => service.mode(scope, query),
  "mode.update-global": (service, { scope, body, query }) =>
    service.updateMode(scope, body.mode, query),
  "mode.delete-global": (service, { scope, query }) => service.deleteMode(scope, query),
  "mode.get-subject": (service, { path, query }) => service.mode(path.subject, query),
  "mode.update-subject": (service, { path, body, query }) =>
    service.updateMode(path.subject, body.mode, query),
  "mode.delete-subject": (service, { path, query }) => service.deleteMode(path.subject, query),
  "contexts.list": (service, { query }) => service.contexts(paged(query)),
  "contexts.delete": (service, { path }) => service.deleteContext(path.context),
  "metadata.get-id": async (_service, _call, { identity }) => ({
    scope: {
      path: [],
      clusters: {
        "kafka-cluster": identity.kafkaClusterId,
        "schema-registry-cluster": identity.groupId,
      },
    },
  }),
  "metadata.get-version": async (_service, _call, { identity: { version, commitId } }) => ({
    version,
    commitId,
  }),
  "metadata.get-deployment": async () => ({ attributes: [] }),
  "root.get": async () => ({}),
  "root.post": async () => ({}),
  ...extraHandlers,
};

function batchItem(
  { subject, normalize, force, ...body }: BatchItemRequest,
  scope: string | undefined,
): BatchItem {
  return {
    subject: qualify(scope, subject),
    body,
    normalize: normalize === true,
    force: force === true,
  };
}

/** Nothing was written unless `applied`; a batch that was to be written says so with its status. */
function batchEntity(
  items: readonly BatchItem[],
  { isApplied, items: results }: BatchResult,
  dryRun: boolean,
  settings: ServerSettings,
): object {
  const answers = results.map((result, n) => {
    const subject = items[n]?.subject;
    return { subject, ...(isRefusal(result) ? refusalBody(result, settings) : result) };
  });
  const batch = { applied: isApplied, items: answers };
  const first = results.findIndex((result) => isRefusal(result));
  if (first < 0 || dryRun) return batch;
  const { status, errorCode, message } = refusalError(results[first] as Refusal, settings);
  const error = { error_code: errorCode, message: `items/${first}: ${message}` };
  return new EntityWithStatus(status, { ...error, ...batch });
}

function planEntity({ refusal, ...plan }: RegistrationPlan, settings: ServerSettings): object {
  if (refusal === undefined) return plan;
  const { outcome, ...assessment } = plan;
  return { outcome, error: refusalBody(refusal, settings), ...assessment };
}

async function versionUsage(
  service: RegistryService,
  subject: string,
  version: string,
): Promise<unknown> {
  const found = await service.version(subject, version, {});
  if (isRefusal(found)) return found;
  const usages = await service.usage.report({ subject });
  if (isRefusal(usages)) return usages;
  const own = usages.find((usage) => usage.version === found.version);
  return own ?? refuse("VERSION_NOT_FOUND", { version });
}
