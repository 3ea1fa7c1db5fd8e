/**
 * The registry's routes as data: what the server registers, what `/openapi.json` and
 * `docs/registry.md` say, and what the tests go through are all this one table.
 *
 * Invariants:
 * - Every `{name}` in a path is one percent-decoded segment.
 * - Each route is also there under `/contexts/{context}/…`, with its subject in that context.
 * - `refusals` lists what the registry itself may say; what HTTP says (400, 404, 405, 406, 413, 415,
 *   422 for a missing body) is the same for all.
 */
import type { Static, TSchema } from "../base/index.ts";
import {
  ConfigUpdateRequest,
  ModeUpdateRequest,
  RegisterSchemaRequest,
  TagSchemaRequest,
} from "./entities.ts";
import { extraRoutes } from "./extra-routes.ts";
import type { QueryKind, RouteRow } from "./route-row.ts";
import { paging, versionRefusals, writeRefusals } from "./route-row.ts";

const levelUpdate = [
  "INVALID_LEVEL",
  "UNSUPPORTED_POLICY",
  "INVALID_RULE_SET",
  ...writeRefusals,
] as const;
const modeUpdate = [
  "INVALID_MODE",
  "FORWARD_NOT_GLOBAL",
  "REFERENCE_EXISTS",
  ...writeRefusals,
] as const;

/** Every route of the API, by the number that the specification gives it; `E…` are our own. */
export const routes = {
  S1: {
    method: "GET",
    path: "/subjects",
    operation: "subjects.list",
    summary: "Lists subjects, sorted.",
    query: { subjectPrefix: "string", deleted: "boolean", deletedOnly: "boolean", ...paging },
    answer: "Strings",
  },
  S2: {
    method: "POST",
    path: "/subjects/{subject}",
    operation: "subjects.get-schema",
    summary: "Finds a schema under a subject.",
    query: { normalize: "boolean", format: "string", deleted: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Schema",
    refusals: ["SUBJECT_NOT_FOUND", "SCHEMA_NOT_FOUND", "INVALID_SCHEMA"],
  },
  S3: {
    method: "GET",
    path: "/subjects/{subject}/metadata",
    operation: "subjects.get-latest-with-metadata",
    summary: "The newest version whose metadata has all the given properties.",
    query: { key: "strings", value: "strings", format: "string", deleted: "boolean" },
    answer: "Schema",
    refusals: ["SUBJECT_NOT_FOUND", "SCHEMA_NOT_FOUND"],
  },
  S4: {
    method: "DELETE",
    path: "/subjects/{subject}",
    operation: "subjects.delete-subject",
    summary: "Deletes a subject; answers the versions that this call deleted.",
    query: { permanent: "boolean" },
    answer: "Integers",
    refusals: [
      "SUBJECT_NOT_FOUND",
      "SUBJECT_SOFT_DELETED",
      "SUBJECT_NOT_SOFT_DELETED",
      "REFERENCE_EXISTS",
      ...writeRefusals,
    ],
  },
  S5: {
    method: "GET",
    path: "/subjects/{subject}/versions",
    operation: "subjects.versions.list",
    summary: "Lists a subject's version numbers.",
    query: {
      deleted: "boolean",
      deletedOnly: "boolean",
      deletedAsNegative: "boolean",
      ...paging,
    },
    answer: "Integers",
    refusals: ["SUBJECT_NOT_FOUND"],
  },
  S6: {
    method: "POST",
    path: "/subjects/{subject}/versions",
    operation: "subjects.versions.register",
    summary: "Registers a schema; the same content yields the same id.",
    query: { normalize: "boolean", format: "string", force: "boolean" },
    body: RegisterSchemaRequest,
    answer: "RegisterSchemaResponse",
    refusals: [
      "INCOMPATIBLE_SCHEMA",
      "PRECONDITION_FAILED",
      "INVALID_SCHEMA",
      "INVALID_RULE_SET",
      "ID_DOES_NOT_MATCH",
      "SCHEMA_TOO_LARGE",
      "NO_ID_LEFT",
      "NO_VERSION_LEFT",
      ...writeRefusals,
    ],
  },
  S7: {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}",
    operation: "subjects.versions.get-schema",
    summary: "A version of a subject.",
    query: {
      format: "string",
      referenceFormat: "string",
      deleted: "boolean",
      findTags: "strings",
    },
    answer: "Schema",
    refusals: versionRefusals,
  },
  S8: {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}/schema",
    operation: "subjects.versions.get-schema.only",
    summary: "The text of a version's schema.",
    query: { format: "string", deleted: "boolean" },
    answer: "SchemaText",
    refusals: versionRefusals,
  },
  S9: {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}/referencedby",
    operation: "subjects.versions.get-referenced-by",
    summary: "Ids of the schemas that refer to a version.",
    query: { deleted: "boolean", ...paging },
    answer: "Integers",
    refusals: versionRefusals,
  },
  S10: {
    method: "DELETE",
    path: "/subjects/{subject}/versions/{version}",
    operation: "subjects.versions.delete-schema-version",
    summary: "Deletes a version; answers its number.",
    query: { permanent: "boolean" },
    answer: "Integer",
    refusals: [
      ...versionRefusals,
      "VERSION_SOFT_DELETED",
      "VERSION_NOT_SOFT_DELETED",
      "REFERENCE_EXISTS",
      ...writeRefusals,
    ],
  },
  S11: {
    method: "POST",
    path: "/subjects/{subject}/versions/{version}/tags",
    operation: "subjects.versions.modify-tags",
    summary: "Registers a copy of a version with other tags, metadata or rules.",
    body: TagSchemaRequest,
    answer: "RegisterSchemaResponse",
    refusals: [
      ...versionRefusals,
      "INCOMPATIBLE_SCHEMA",
      "INVALID_SCHEMA",
      "INVALID_RULE_SET",
      "NO_ID_LEFT",
      "NO_VERSION_LEFT",
      "REQUEST_TOO_COSTLY",
      ...writeRefusals,
    ],
  },
  I1: {
    method: "GET",
    path: "/schemas",
    operation: "schemas.get-schemas",
    summary: "Lists schemas, sorted by subject and version.",
    query: {
      subjectPrefix: "string",
      aliases: "boolean",
      deleted: "boolean",
      latestOnly: "boolean",
      ruleType: "string",
      ...paging,
    },
    answer: "ExtendedSchemas",
  },
  I2: {
    method: "GET",
    path: "/schemas/ids/{id}",
    operation: "schemas.ids.get-schema",
    summary: "A schema by id.",
    query: {
      subject: "string",
      format: "string",
      referenceFormat: "string",
      findTags: "strings",
      fetchMaxId: "boolean",
    },
    answer: "SchemaString",
    refusals: ["SCHEMA_ID_NOT_FOUND"],
  },
  I3: {
    method: "GET",
    path: "/schemas/ids/{id}/schema",
    operation: "schemas.ids.get-schema.only",
    summary: "The text of a schema by id.",
    query: { subject: "string", format: "string" },
    answer: "SchemaText",
    refusals: ["SCHEMA_ID_NOT_FOUND"],
  },
  I4: {
    method: "GET",
    path: "/schemas/ids/{id}/subjects",
    operation: "schemas.ids.get-subjects",
    summary: "The subjects that have a schema id.",
    query: { subject: "string", deleted: "boolean", ...paging },
    answer: "Strings",
    refusals: ["SCHEMA_NOT_FOUND"],
  },
  I5: {
    method: "GET",
    path: "/schemas/ids/{id}/versions",
    operation: "schemas.ids.get-versions",
    summary: "The subjects and versions that have a schema id.",
    query: { subject: "string", deleted: "boolean", ...paging },
    answer: "SubjectVersions",
    refusals: ["SCHEMA_NOT_FOUND"],
  },
  I6: {
    method: "GET",
    path: "/schemas/guids/{guid}",
    operation: "schemas.guids.get-schema",
    summary: "A schema by GUID.",
    query: { format: "string" },
    answer: "SchemaString",
    refusals: ["SCHEMA_ID_NOT_FOUND"],
  },
  I7: {
    method: "GET",
    path: "/schemas/guids/{guid}/ids",
    operation: "schemas.guids.get-ids",
    summary: "The ids that a GUID has, by context.",
    answer: "ContextIds",
    refusals: ["SCHEMA_ID_NOT_FOUND"],
  },
  I8: {
    method: "GET",
    path: "/schemas/types",
    operation: "schemas.get-types",
    summary: "The schema types that can be registered.",
    answer: "Strings",
  },
  K1: {
    method: "POST",
    path: "/compatibility/subjects/{subject}/versions/{version}",
    operation: "compatibility.subjects.versions.verify",
    summary: "Tests a schema against one version.",
    query: { verbose: "boolean", normalize: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Compatibility",
    refusals: ["VERSION_NOT_FOUND", "INVALID_SCHEMA", "INVALID_VERSION", "REQUEST_TOO_COSTLY"],
  },
  K2: {
    method: "POST",
    path: "/compatibility/subjects/{subject}/versions",
    operation: "compatibility.subjects.versions.verify-all",
    summary: "Tests a schema against the versions that the level asks for.",
    query: { verbose: "boolean", normalize: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Compatibility",
    refusals: ["INVALID_SCHEMA", "REQUEST_TOO_COSTLY"],
  },
  G1: {
    method: "GET",
    path: "/config",
    operation: "config.get-global",
    summary: "The configuration of the registry, or of a context.",
    query: { defaultToGlobal: "boolean" },
    answer: "Config",
  },
  G2: {
    method: "PUT",
    path: "/config",
    operation: "config.update-global",
    summary: "Changes the members given; null resets one.",
    body: ConfigUpdateRequest,
    answer: "ConfigUpdate",
    refusals: levelUpdate,
  },
  G3: {
    method: "DELETE",
    path: "/config",
    operation: "config.delete-global",
    summary: "Back to the defaults; answers what was in force.",
    answer: "Config",
    refusals: writeRefusals,
  },
  G4: {
    method: "GET",
    path: "/config/{subject}",
    operation: "config.get-subject",
    summary: "A subject's own configuration, or (defaultToGlobal) the one in force.",
    query: { defaultToGlobal: "boolean" },
    answer: "Config",
    refusals: ["LEVEL_NOT_CONFIGURED"],
  },
  G5: {
    method: "PUT",
    path: "/config/{subject}",
    operation: "config.update-subject",
    summary: "Changes the members given; null resets one. The subject need not exist.",
    body: ConfigUpdateRequest,
    answer: "ConfigUpdate",
    refusals: levelUpdate,
  },
  G6: {
    method: "DELETE",
    path: "/config/{subject}",
    operation: "config.delete-subject",
    summary: "Removes a subject's configuration and answers it.",
    answer: "Config",
    refusals: ["SUBJECT_NOT_FOUND", ...writeRefusals],
  },
  M1: {
    method: "GET",
    path: "/mode",
    operation: "mode.get-global",
    summary: "The mode of the registry, or of a context.",
    query: { defaultToGlobal: "boolean" },
    answer: "Mode",
  },
  M2: {
    method: "PUT",
    path: "/mode",
    operation: "mode.update-global",
    summary: "Sets the mode.",
    query: { force: "boolean" },
    body: ModeUpdateRequest,
    answer: "Mode",
    refusals: modeUpdate,
  },
  M3: {
    method: "DELETE",
    path: "/mode",
    operation: "mode.delete-global",
    summary: "Back to the default; answers the mode before.",
    query: { recursive: "boolean" },
    answer: "Mode",
    refusals: writeRefusals,
  },
  M4: {
    method: "GET",
    path: "/mode/{subject}",
    operation: "mode.get-subject",
    summary: "A subject's own mode, or (defaultToGlobal) the one in force.",
    query: { defaultToGlobal: "boolean" },
    answer: "Mode",
    refusals: ["MODE_NOT_CONFIGURED"],
  },
  M5: {
    method: "PUT",
    path: "/mode/{subject}",
    operation: "mode.update-subject",
    summary: "Sets a subject's mode.",
    query: { force: "boolean" },
    body: ModeUpdateRequest,
    answer: "Mode",
    refusals: modeUpdate,
  },
  M6: {
    method: "DELETE",
    path: "/mode/{subject}",
    operation: "mode.delete-subject",
    summary: "Removes a subject's mode and answers it.",
    query: { recursive: "boolean" },
    answer: "Mode",
    refusals: ["SUBJECT_NOT_FOUND", ...writeRefusals],
  },
  X1: {
    method: "GET",
    path: "/contexts",
    operation: "contexts.list",
    summary: "Lists contexts; the default one is `.`.",
    query: { contextPrefix: "string", ...paging },
    answer: "Strings",
  },
  X2: {
    method: "DELETE",
    path: "/contexts/{context}",
    operation: "contexts.delete",
    summary: "Deletes an empty context; its level, its mode and the ids it gave out stay known.",
    answer: "Nothing",
    refusals: ["CONTEXT_NOT_EMPTY", "INVALID_CONTEXT", "STORE_ERROR"],
  },
  V1: {
    method: "GET",
    path: "/v1/metadata/id",
    operation: "metadata.get-id",
    summary: "The ids of the registry and of its Kafka cluster.",
    answer: "ClusterId",
  },
  V2: {
    method: "GET",
    path: "/v1/metadata/version",
    operation: "metadata.get-version",
    summary: "The version of the server.",
    answer: "Version",
  },
  V3: {
    method: "GET",
    path: "/v1/metadata/deployment",
    operation: "metadata.get-deployment",
    summary: "Attributes of the deployment.",
    answer: "Deployment",
  },
  V4: {
    method: "GET",
    path: "/",
    operation: "root.get",
    summary: "Says that the server is there.",
    answer: "Empty",
  },
  V4P: {
    method: "POST",
    path: "/",
    operation: "root.post",
    summary: "Says that the server is there.",
    answer: "Empty",
  },
  ...extraRoutes,
} as const satisfies Record<string, RouteRow>;

export type RouteId = keyof typeof routes;

type Row<Id extends RouteId> = (typeof routes)[Id];

interface QueryTypes {
  readonly boolean: boolean;
  readonly integer: number;
  readonly string: string;
  readonly strings: readonly string[];
}

/** The query of a route, parsed; only members that the request had. */
export type QueryOf<Id extends RouteId> =
  Row<Id> extends { readonly query: infer Query }
    ? {
        readonly [Name in keyof Query]?: Query[Name] extends QueryKind
          ? QueryTypes[Query[Name]]
          : never;
      }
    : Readonly<Record<never, never>>;

/** The body of a route, validated. */
export type BodyOf<Id extends RouteId> =
  Row<Id> extends { readonly body: infer Body extends TSchema } ? Static<Body> : undefined;

type Segments<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Segments<Rest>
  : never;

/** The decoded path segments of a route. */
export type PathOf<Id extends RouteId> = Readonly<Record<Segments<Row<Id>["path"]>, string>>;
