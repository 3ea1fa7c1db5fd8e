/** JSON Schemas of the API's answers, for the OpenAPI document and for tests. */
import type { TSchema } from "../base/index.ts";
import { Type } from "../base/index.ts";
import {
  Config,
  ConfigUpdateRequest,
  Metadata,
  ModeUpdateRequest,
  RuleSet,
  SchemaReference,
  SchemaTags,
} from "./entities.ts";
import { extraAnswerSchemas, PlanFindingEntity, PlanLevel, UsageEntity } from "./extra-entities.ts";

const id = Type.Integer({ description: "Schema id, unique in its context" });
const version = Type.Integer({ description: "Version number in the subject, from 1" });
const strings = Type.Array(Type.String());
const integers = Type.Array(Type.Integer());

const content = {
  guid: Type.Optional(Type.String({ description: "Content-derived, the same in every registry" })),
  schemaType: Type.Optional(Type.String()),
  schema: Type.String({ description: "The schema's text" }),
  references: Type.Optional(Type.Array(SchemaReference)),
  metadata: Type.Optional(Metadata),
  ruleSet: Type.Optional(RuleSet),
  schemaTags: Type.Optional(Type.Array(SchemaTags)),
  ts: Type.Optional(Type.Integer({ description: "Milliseconds since the epoch" })),
  deleted: Type.Optional(Type.Boolean()),
};
const schema = { subject: Type.String(), version, id, ...content };
const closed = { additionalProperties: false };

const registered = {
  id,
  version: Type.Optional(version),
  ...content,
  schema: Type.Optional(content.schema),
};
const error = { error_code: Type.Integer(), message: Type.String() };

/** Answer entities by the name that the route table uses. */
export const answerSchemas = {
  Schema: Type.Object(schema, closed),
  ExtendedSchemas: Type.Array(Type.Object({ ...schema, aliases: Type.Optional(strings) }, closed)),
  SchemaString: Type.Object(
    {
      subject: Type.Optional(Type.String()),
      version: Type.Optional(version),
      ...content,
      maxId: Type.Optional(Type.Integer()),
    },
    closed,
  ),
  RegisterSchemaResponse: Type.Object(registered, closed),
  SchemaText: Type.Unknown({ description: "The schema itself" }),
  Strings: strings,
  Integers: integers,
  Integer: Type.Integer(),
  SubjectVersions: Type.Array(Type.Object({ subject: Type.String(), version }, closed)),
  ContextIds: Type.Array(Type.Object({ context: Type.String(), id }, closed)),
  Compatibility: Type.Object(
    { is_compatible: Type.Boolean(), messages: Type.Optional(strings) },
    closed,
  ),
  Config,
  ConfigUpdate: ConfigUpdateRequest,
  Mode: ModeUpdateRequest,
  Nothing: Type.Null(),
  ClusterId: Type.Object({
    scope: Type.Object({
      path: strings,
      clusters: Type.Record(Type.String(), Type.String()),
    }),
  }),
  Version: Type.Object({ version: Type.String(), commitId: Type.String() }),
  Deployment: Type.Object({ attributes: strings }),
  Empty: Type.Object({}, closed),
  Batch: Type.Object(
    {
      applied: Type.Boolean({ description: "Whether everything was written" }),
      items: Type.Array(
        Type.Union([
          Type.Object({ subject: Type.String(), ...registered }, closed),
          Type.Object({ subject: Type.String(), ...error }, closed),
        ]),
        { description: "In the order of the request" },
      ),
    },
    closed,
  ),
  Plan: Type.Object(
    {
      outcome: Type.Union([Type.Literal("exists"), Type.Literal("new"), Type.Literal("refused")]),
      registered: Type.Optional(Type.Object(registered, closed)),
      error: Type.Optional(Type.Object(error, closed)),
      level: PlanLevel,
      levels: Type.Array(PlanLevel),
      findings: Type.Array(PlanFindingEntity),
    },
    closed,
  ),
  Usage: UsageEntity,
  Usages: Type.Array(UsageEntity),
  ...extraAnswerSchemas,
} as const satisfies Record<string, TSchema>;

export type AnswerName = keyof typeof answerSchemas;
