/**
 * Bodies of the registry's HTTP API, each defined once: the JSON Schema that requests are checked
 * with, and its TypeScript type. Unknown members are ignored, as Confluent does; `null` stands for
 * "absent" in requests.
 */
import type { Static, TSchema } from "../base/index.ts";
import { Type } from "../base/index.ts";

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const strings = Type.Array(Type.String());
/** Numbers are Java's `int` on the other side. */
const int32 = (description?: string) =>
  Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1, ...(description && { description }) });
const stringMap = Type.Record(Type.String(), Type.String());

/** A reference to another registered schema. */
export const SchemaReference = Type.Object({
  name: Type.String({ description: "Full name as the referring schema uses it" }),
  subject: Type.String(),
  version: int32("-1 means the latest; stored as a number"),
});
export type SchemaReference = Static<typeof SchemaReference>;

/** Tags by path pattern, properties, and the names of sensitive properties. */
export const Metadata = Type.Object({
  tags: orNull(Type.Record(Type.String(), strings)),
  properties: orNull(stringMap),
  sensitive: orNull(strings),
});
export type Metadata = Static<typeof Metadata>;

export const Rule = Type.Object({
  name: orNull(Type.String()),
  doc: orNull(Type.String()),
  kind: orNull(Type.Union([Type.Literal("TRANSFORM"), Type.Literal("CONDITION")])),
  mode: orNull(
    Type.Union(
      (["UPGRADE", "DOWNGRADE", "UPDOWN", "WRITE", "READ", "WRITEREAD"] as const).map((mode) =>
        Type.Literal(mode),
      ),
    ),
  ),
  type: orNull(Type.String()),
  tags: orNull(strings),
  params: orNull(stringMap),
  expr: orNull(Type.String()),
  onSuccess: orNull(Type.String()),
  onFailure: orNull(Type.String()),
  disabled: orNull(Type.Boolean()),
});
export type Rule = Static<typeof Rule>;

/** The rules of a data contract, by when they are applied. */
export const RuleSet = Type.Object({
  migrationRules: orNull(Type.Array(Rule)),
  domainRules: orNull(Type.Array(Rule)),
  encodingRules: orNull(Type.Array(Rule)),
  enableAt: orNull(
    Type.Union(
      (["ALL", "CLIENT", "GATEWAY", "SERVER", "NONE"] as const).map((place) => Type.Literal(place)),
    ),
  ),
});
export type RuleSet = Static<typeof RuleSet>;

/** Tags for one record or field of a schema, which its path names. */
export const SchemaTags = Type.Object({
  schemaEntity: Type.Object({
    entityPath: Type.String(),
    entityType: Type.Union([Type.Literal("sr_record"), Type.Literal("sr_field")]),
  }),
  tags: strings,
});
export type SchemaTags = Static<typeof SchemaTags>;

/** Body of registrations, lookups and compatibility tests. */
export const RegisterSchemaRequest = Type.Object({
  schema: orNull(Type.String()),
  schemaType: orNull(Type.String()),
  references: orNull(Type.Array(SchemaReference)),
  metadata: orNull(Metadata),
  ruleSet: orNull(RuleSet),
  version: orNull(int32()),
  id: orNull(int32()),
  schemaTagsToAdd: orNull(Type.Array(SchemaTags)),
  schemaTagsToRemove: orNull(Type.Array(SchemaTags)),
  propagateSchemaTags: orNull(Type.Boolean()),
});
export type RegisterSchemaRequest = Static<typeof RegisterSchemaRequest>;

/** Body of `subjects.versions.modify-tags`. */
export const TagSchemaRequest = Type.Object({
  newVersion: orNull(int32()),
  tagsToAdd: orNull(Type.Array(SchemaTags)),
  tagsToRemove: orNull(Type.Array(SchemaTags)),
  metadata: orNull(Metadata),
  ruleSet: orNull(RuleSet),
  rulesToMerge: orNull(RuleSet),
  rulesToRemove: orNull(strings),
});
export type TagSchemaRequest = Static<typeof TagSchemaRequest>;

const configMembers = {
  alias: orNull(Type.String()),
  aliasForDeks: orNull(Type.String()),
  normalize: orNull(Type.Boolean()),
  validateFields: orNull(Type.Boolean()),
  validateNewSchemas: orNull(Type.Boolean()),
  validateRules: orNull(Type.Boolean()),
  compatibilityPolicy: orNull(Type.String()),
  compatibilityGroup: orNull(Type.String()),
  defaultMetadata: orNull(Metadata),
  overrideMetadata: orNull(Metadata),
  defaultRuleSet: orNull(RuleSet),
  overrideRuleSet: orNull(RuleSet),
};

/** Body of PUT /config (both ways): the level is called `compatibility` here. */
export const ConfigUpdateRequest = Type.Object({
  ...configMembers,
  compatibility: orNull(Type.String()),
});
export type ConfigUpdateRequest = Static<typeof ConfigUpdateRequest>;

/** Answer of GET and DELETE /config: the level is called `compatibilityLevel` here. */
export const Config = Type.Object({
  ...configMembers,
  compatibilityLevel: Type.Optional(Type.String()),
});
export type Config = Static<typeof Config>;

export const ModeUpdateRequest = Type.Object({ mode: orNull(Type.String()) });
export type ModeUpdateRequest = Static<typeof ModeUpdateRequest>;

/** The registry's modes, as Confluent spells them. */
export const MODES = ["READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD"] as const;
/** What a subject, a context or the whole registry allows. */
export type Mode = (typeof MODES)[number];

/** Reads a mode, in upper or lower case. */
export function asMode(text: unknown): Mode | undefined {
  const upper = typeof text === "string" ? text.toUpperCase() : undefined;
  return MODES.find((mode) => mode === upper);
}

/** A registered schema under a subject. */
export interface SchemaEntity {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid?: string;
  readonly schemaType?: string;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: Metadata;
  readonly ruleSet?: RuleSet;
  readonly schema: string;
  readonly schemaTags?: readonly SchemaTags[];
  readonly ts?: number;
  readonly deleted?: boolean;
}

/** An entry of `GET /schemas`. */
export interface ExtendedSchema extends SchemaEntity {
  readonly aliases?: readonly string[];
}

/** A schema by id or GUID; subject and version only when the `subject` query was given. */
export interface SchemaString {
  readonly subject?: string;
  readonly version?: number;
  readonly guid?: string;
  readonly schemaType?: string;
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: Metadata;
  readonly ruleSet?: RuleSet;
  readonly schemaTags?: readonly SchemaTags[];
  readonly maxId?: number;
  readonly ts?: number;
  readonly deleted?: boolean;
}

/** Answer of `subjects.versions.register` and `subjects.versions.modify-tags`. `id` alone on the wire unless the client asks for more. */
export interface RegisterSchemaResponse extends Omit<SchemaEntity, "subject"> {}

/** A version of a subject. */
export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
}

/** An id in a context; each context numbers its schemas for itself. */
export interface ContextId {
  readonly context: string;
  readonly id: number;
}

/** Answer of the compatibility checks; `messages` only when they were asked for (`verbose=true`). */
export interface CompatibilityCheckResponse {
  readonly is_compatible: boolean;
  readonly messages?: readonly string[];
}

export interface ErrorBody {
  readonly error_code: number;
  readonly message: string;
}
