/** Handlers of the routes that no other registry has; the change stream is in `changes.ts`. */
import type { BatchItemRequest, Refusal } from "../api/index.ts";
import { isRefusal, refuse } from "../api/index.ts";
import type {
  BatchItem,
  BatchResult,
  RegistrationPlan,
  RegistryService,
} from "../registry/index.ts";
import type { Handlers } from "./call.ts";
import { qualify } from "./context-prefix.ts";
import { badRequest } from "./http-error.ts";
import { LIST_LIMIT, paged } from "./paged.ts";
import { refusalBody, refusalError } from "./refusal.ts";
import type { ServerSettings } from "./settings.ts";

/** An entity that is not answered with 200. */
export class EntityWithStatus {
  readonly status: number;
  readonly entity: object;

  constructor(status: number, entity: object) {
    this.status = status;
    this.entity = entity;
  }
}

export const extraHandlers: Pick<
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
