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

/**
 * Every route of the API, by the name of its operation: Confluent's, as its metrics spell it, or one
 * of our own in the same form. Metrics and OpenAPI have it, too.
 */
export const routes = {
  "subjects.list": {
    method: "GET",
    path: "/subjects",
    summary: "Lists subjects, sorted.",
    access: { action: "read", on: "subjects" },
    query: { subjectPrefix: "string", deleted: "boolean", deletedOnly: "boolean", ...paging },
    answer: "Strings",
  },
  "subjects.get-schema": {
    method: "POST",
    path: "/subjects/{subject}",
    summary: "Finds a schema under a subject.",
    access: { action: "read", on: "subject" },
    query: { normalize: "boolean", format: "string", deleted: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Schema",
    refusals: ["SUBJECT_NOT_FOUND", "SCHEMA_NOT_FOUND", "INVALID_SCHEMA"],
  },
  "subjects.get-latest-with-metadata": {
    method: "GET",
    path: "/subjects/{subject}/metadata",
    summary: "The newest version whose metadata has all the given properties.",
    access: { action: "read", on: "subject" },
    query: { key: "strings", value: "strings", format: "string", deleted: "boolean" },
    answer: "Schema",
    refusals: ["SUBJECT_NOT_FOUND", "SCHEMA_NOT_FOUND"],
  },
  "subjects.delete-subject": {
    method: "DELETE",
    path: "/subjects/{subject}",
    summary: "Deletes a subject; answers the versions that this call deleted.",
    access: { action: "delete", on: "subject" },
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
  "subjects.versions.list": {
    method: "GET",
    path: "/subjects/{subject}/versions",
    summary: "Lists a subject's version numbers.",
    access: { action: "read", on: "subject" },
    query: {
      deleted: "boolean",
      deletedOnly: "boolean",
      deletedAsNegative: "boolean",
      ...paging,
    },
    answer: "Integers",
    refusals: ["SUBJECT_NOT_FOUND"],
  },
  "subjects.versions.register": {
    method: "POST",
    path: "/subjects/{subject}/versions",
    summary: "Registers a schema; the same content yields the same id.",
    access: { action: "write", on: "subject" },
    query: { normalize: "boolean", format: "string", force: "boolean" },
    body: RegisterSchemaRequest,
    answer: "RegisterSchemaResponse",
    refusals: [
      "INCOMPATIBLE_SCHEMA",
      "PRECONDITION_FAILED",
      "INVALID_SCHEMA",
      "INVALID_RULE_SET",
      "SCHEMA_TOO_LARGE",
      "NO_ID_LEFT",
      "NO_VERSION_LEFT",
      ...writeRefusals,
    ],
  },
  "subjects.versions.get-schema": {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}",
    summary: "A version of a subject.",
    access: { action: "read", on: "subject" },
    query: {
      format: "string",
      referenceFormat: "string",
      deleted: "boolean",
      findTags: "strings",
    },
    answer: "Schema",
    refusals: versionRefusals,
  },
  "subjects.versions.get-schema.only": {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}/schema",
    summary: "The text of a version's schema.",
    access: { action: "read", on: "subject" },
    query: { format: "string", deleted: "boolean" },
    answer: "SchemaText",
    refusals: versionRefusals,
  },
  "subjects.versions.get-referenced-by": {
    method: "GET",
    path: "/subjects/{subject}/versions/{version}/referencedby",
    summary: "Ids of the schemas that refer to a version.",
    access: { action: "read", on: "subject" },
    query: { deleted: "boolean", ...paging },
    answer: "Integers",
    refusals: versionRefusals,
  },
  "subjects.versions.delete-schema-version": {
    method: "DELETE",
    path: "/subjects/{subject}/versions/{version}",
    summary: "Deletes a version; answers its number.",
    access: { action: "delete", on: "subject" },
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
  "subjects.versions.modify-tags": {
    method: "POST",
    path: "/subjects/{subject}/versions/{version}/tags",
    summary: "Registers a copy of a version with other tags, metadata or rules.",
    access: { action: "write", on: "subject" },
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
  "schemas.get-schemas": {
    method: "GET",
    path: "/schemas",
    summary: "Lists schemas, sorted by subject and version.",
    access: { action: "read", on: "subjects" },
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
  "schemas.ids.get-schema": {
    method: "GET",
    path: "/schemas/ids/{id}",
    summary: "A schema by id.",
    access: { action: "read", on: "schema" },
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
  "schemas.ids.get-schema.only": {
    method: "GET",
    path: "/schemas/ids/{id}/schema",
    summary: "The text of a schema by id.",
    access: { action: "read", on: "schema" },
    query: { subject: "string", format: "string" },
    answer: "SchemaText",
    refusals: ["SCHEMA_ID_NOT_FOUND"],
  },
  "schemas.ids.get-subjects": {
    method: "GET",
    path: "/schemas/ids/{id}/subjects",
    summary: "The subjects that have a schema id.",
    access: { action: "read", on: "schema" },
    query: { subject: "string", deleted: "boolean", ...paging },
    answer: "Strings",
    refusals: ["SCHEMA_NOT_FOUND"],
  },
  "schemas.ids.get-versions": {
    method: "GET",
    path: "/schemas/ids/{id}/versions",
    summary: "The subjects and versions that have a schema id.",
    access: { action: "read", on: "schema" },
    query: { subject: "string", deleted: "boolean", ...paging },
    answer: "SubjectVersions",
    refusals: ["SCHEMA_NOT_FOUND"],
  },
  "schemas.guids.get-schema": {
    method: "GET",
    path: "/schemas/guids/{guid}",
    summary: "A schema by GUID.",
    access: { action: "read", on: "schema" },
    query: { format: "string" },
    answer: "SchemaString",
    refusals: ["SCHEMA_ID_NOT_FOUND"],
  },
  "schemas.guids.get-ids": {
    method: "GET",
    path: "/schemas/guids/{guid}/ids",
    summary: "The ids that a GUID has, by context.",
    access: { action: "read", on: "schema" },
    answer: "ContextIds",
    refusals: ["SCHEMA_ID_NOT_FOUND"],
  },
  "schemas.get-types": {
    method: "GET",
    path: "/schemas/types",
    summary: "The schema types that can be registered.",
    access: { action: "public" },
    answer: "Strings",
  },
  "compatibility.subjects.versions.verify": {
    method: "POST",
    path: "/compatibility/subjects/{subject}/versions/{version}",
    summary: "Tests a schema against one version.",
    access: { action: "read", on: "subject" },
    query: { verbose: "boolean", normalize: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Compatibility",
    refusals: ["VERSION_NOT_FOUND", "INVALID_SCHEMA", "INVALID_VERSION", "REQUEST_TOO_COSTLY"],
  },
  "compatibility.subjects.versions.verify-all": {
    method: "POST",
    path: "/compatibility/subjects/{subject}/versions",
    summary: "Tests a schema against the versions that the level asks for.",
    access: { action: "read", on: "subject" },
    query: { verbose: "boolean", normalize: "boolean" },
    body: RegisterSchemaRequest,
    answer: "Compatibility",
    refusals: ["INVALID_SCHEMA", "REQUEST_TOO_COSTLY"],
  },
  "config.get-global": {
    method: "GET",
    path: "/config",
    summary: "The configuration of the registry, or of a context.",
    access: { action: "read", on: "settings" },
    query: { defaultToGlobal: "boolean" },
    answer: "Config",
  },
  "config.update-global": {
    method: "PUT",
    path: "/config",
    summary: "Changes the members given; null resets one.",
    access: { action: "write", on: "settings" },
    body: ConfigUpdateRequest,
    answer: "ConfigUpdate",
    refusals: levelUpdate,
  },
  "config.delete-global": {
    method: "DELETE",
    path: "/config",
    summary: "Back to the defaults; answers what was in force.",
    access: { action: "write", on: "settings" },
    answer: "Config",
    refusals: writeRefusals,
  },
  "config.get-subject": {
    method: "GET",
    path: "/config/{subject}",
    summary: "A subject's own configuration, or (defaultToGlobal) the one in force.",
    access: { action: "read", on: "settings" },
    query: { defaultToGlobal: "boolean" },
    answer: "Config",
    refusals: ["LEVEL_NOT_CONFIGURED"],
  },
  "config.update-subject": {
    method: "PUT",
    path: "/config/{subject}",
    summary: "Changes the members given; null resets one. The subject need not exist.",
    access: { action: "write", on: "settings" },
    body: ConfigUpdateRequest,
    answer: "ConfigUpdate",
    refusals: levelUpdate,
  },
  "config.delete-subject": {
    method: "DELETE",
    path: "/config/{subject}",
    summary: "Removes a subject's configuration and answers it.",
    access: { action: "write", on: "settings" },
    answer: "Config",
    refusals: ["SUBJECT_NOT_FOUND", ...writeRefusals],
  },
  "mode.get-global": {
    method: "GET",
    path: "/mode",
    summary: "The mode of the registry, or of a context.",
    access: { action: "read", on: "settings" },
    query: { defaultToGlobal: "boolean" },
    answer: "Mode",
  },
  "mode.update-global": {
    method: "PUT",
    path: "/mode",
    summary: "Sets the mode.",
    access: { action: "admin", on: "settings" },
    query: { force: "boolean" },
    body: ModeUpdateRequest,
    answer: "Mode",
    refusals: modeUpdate,
  },
  "mode.delete-global": {
    method: "DELETE",
    path: "/mode",
    summary: "Back to the default; answers the mode before.",
    access: { action: "admin", on: "settings" },
    query: { recursive: "boolean" },
    answer: "Mode",
    refusals: writeRefusals,
  },
  "mode.get-subject": {
    method: "GET",
    path: "/mode/{subject}",
    summary: "A subject's own mode, or (defaultToGlobal) the one in force.",
    access: { action: "read", on: "settings" },
    query: { defaultToGlobal: "boolean" },
    answer: "Mode",
    refusals: ["MODE_NOT_CONFIGURED"],
  },
  "mode.update-subject": {
    method: "PUT",
    path: "/mode/{subject}",
    summary: "Sets a subject's mode.",
    access: { action: "admin", on: "settings" },
    query: { force: "boolean" },
    body: ModeUpdateRequest,
    answer: "Mode",
    refusals: modeUpdate,
  },
  "mode.delete-subject": {
    method: "DELETE",
    path: "/mode/{subject}",
    summary: "Removes a subject's mode and answers it.",
    access: { action: "admin", on: "settings" },
    query: { recursive: "boolean" },
    answer: "Mode",
    refusals: ["SUBJECT_NOT_FOUND", ...writeRefusals],
  },
  "contexts.list": {
    method: "GET",
    path: "/contexts",
    summary: "Lists contexts; the default one is `.`.",
    access: { action: "read", on: "context" },
    query: { contextPrefix: "string", ...paging },
    answer: "Strings",
  },
  "contexts.delete": {
    method: "DELETE",
    path: "/contexts/{context}",
    summary: "Deletes an empty context; its level, its mode and the ids it gave out stay known.",
    access: { action: "admin", on: "context" },
    answer: "Nothing",
    refusals: ["CONTEXT_NOT_EMPTY", "INVALID_CONTEXT", "STORE_ERROR"],
  },
  "metadata.get-id": {
    method: "GET",
    path: "/v1/metadata/id",
    summary: "The ids of the registry and of its Kafka cluster.",
    access: { action: "read", on: "registry" },
    answer: "ClusterId",
  },
  "metadata.get-version": {
    method: "GET",
    path: "/v1/metadata/version",
    summary: "The version of the server.",
    access: { action: "read", on: "registry" },
    answer: "Version",
  },
  "metadata.get-deployment": {
    method: "GET",
    path: "/v1/metadata/deployment",
    summary: "Attributes of the deployment.",
    access: { action: "read", on: "registry" },
    answer: "Deployment",
  },
  "root.get": {
    method: "GET",
    path: "/",
    summary: "Says that the server is there.",
    access: { action: "public" },
    answer: "Empty",
  },
  "root.post": {
    method: "POST",
    path: "/",
    summary: "Says that the server is there.",
    access: { action: "public" },
    answer: "Empty",
  },
  ...extraRoutes,
} as const satisfies Record<string, RouteRow>;

/** Name of an operation, such as `subjects.versions.register`. */
export type Operation = keyof typeof routes;

type Row<Name extends Operation> = (typeof routes)[Name];

interface QueryTypes {
  readonly boolean: boolean;
  readonly integer: number;
  readonly string: string;
  readonly strings: readonly string[];
}

/** The query of a route, parsed; only members that the request had. */
export type QueryOf<Name extends Operation> =
  Row<Name> extends { readonly query: infer Query }
    ? {
        readonly [Parameter in keyof Query]?: Query[Parameter] extends QueryKind
          ? QueryTypes[Query[Parameter]]
          : never;
      }
    : Readonly<Record<never, never>>;

/** The body of a route, validated. */
export type BodyOf<Name extends Operation> =
  Row<Name> extends { readonly body: infer Body extends TSchema } ? Static<Body> : undefined;

type Segments<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Segments<Rest>
  : never;

/** The decoded path segments of a route. */
export type PathOf<Name extends Operation> = Readonly<Record<Segments<Row<Name>["path"]>, string>>;
