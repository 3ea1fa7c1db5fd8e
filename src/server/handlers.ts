/** One line per route: which call of the service answers it, and with what. */
import type { Handlers } from "./call.ts";
import { extraHandlers } from "./extra-handlers.ts";
import { LIST_LIMIT, paged } from "./paged.ts";
import { readInt32 } from "./query.ts";

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
