/** One line per route: which call of the service answers it, and with what. */
import type { Handlers } from "./call.ts";
import { extraHandlers } from "./extra-handlers.ts";
import { LIST_LIMIT, paged } from "./paged.ts";
import { readInt32 } from "./query.ts";

export const handlers: Handlers = {
  S1: (service, { query }) => service.subjects(paged(query)),
  S2: (service, { path, body, query }) => service.lookup(path.subject, body, query),
  S3: (service, { path, query }) => {
    const { key = [], value = [], ...rest } = query;
    const pairs = key.slice(0, value.length).map((name, n) => [name, value[n] ?? ""] as const);
    return service.latestWithMetadata(path.subject, pairs, rest);
  },
  S4: (service, { path, query }) => service.deleteSubject(path.subject, query),
  S5: (service, { path, query }) => service.versions(path.subject, paged(query)),
  S6: (service, { path, body, query, ifMatch }) =>
    service.register(path.subject, body, {
      ...query,
      ...(ifMatch === undefined ? {} : { ifMatch }),
    }),
  S7: (service, { path, query }) => service.version(path.subject, path.version, query),
  S8: (service, { path, query }) => service.version(path.subject, path.version, query),
  S9: (service, { path, query }) => service.referencedBy(path.subject, path.version, paged(query)),
  S10: (service, { path, query }) => service.deleteVersion(path.subject, path.version, query),
  S11: (service, { path, body }) => service.tagVersion(path.subject, path.version, body),
  I1: (service, { query }) => service.schemas(paged(query, LIST_LIMIT)),
  I2: (service, { path, query }) => service.schemaById(readInt32(path.id), query),
  I3: (service, { path, query }) => service.schemaById(readInt32(path.id), query),
  I4: (service, { path, query }) => service.subjectsOfId(readInt32(path.id), paged(query)),
  I5: (service, { path, query }) => service.versionsOfId(readInt32(path.id), paged(query)),
  I6: (service, { path, query }) => service.schemaByGuid(path.guid, query),
  I7: (service, { path }) => service.idsOfGuid(path.guid),
  I8: async () => ["AVRO"],
  K1: (service, { path, body, query }) =>
    service.testCompatibility(path.subject, path.version, body, query),
  K2: (service, { path, body, query }) =>
    service.testCompatibility(path.subject, undefined, body, query),
  G1: (service, { scope, query }) => service.config(scope, query),
  G2: (service, { scope, body }) => service.updateConfig(scope, body),
  G3: (service, { scope }) => service.deleteConfig(scope),
  G4: (service, { path, query }) => service.config(path.subject, query),
  G5: (service, { path, body }) => service.updateConfig(path.subject, body),
  G6: (service, { path }) => service.deleteConfig(path.subject),
  M1: (service, { scope, query }) => service.mode(scope, query),
  M2: (service, { scope, body, query }) => service.updateMode(scope, body.mode, query),
  M3: (service, { scope, query }) => service.deleteMode(scope, query),
  M4: (service, { path, query }) => service.mode(path.subject, query),
  M5: (service, { path, body, query }) => service.updateMode(path.subject, body.mode, query),
  M6: (service, { path, query }) => service.deleteMode(path.subject, query),
  X1: (service, { query }) => service.contexts(paged(query)),
  X2: (service, { path }) => service.deleteContext(path.context),
  V1: async (_service, _call, { identity }) => ({
    scope: {
      path: [],
      clusters: {
        "kafka-cluster": identity.kafkaClusterId,
        "schema-registry-cluster": identity.groupId,
      },
    },
  }),
  V2: async (_service, _call, { identity: { version, commitId } }) => ({ version, commitId }),
  V3: async () => ({ attributes: [] }),
  V4: async () => ({}),
  V4P: async () => ({}),
  ...extraHandlers,
};
