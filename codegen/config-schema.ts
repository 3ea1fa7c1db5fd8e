/** The definition of `typewire.json`: one, for the check and for the type. */

import type { Static } from "../src/base/index.ts";
import { Type } from "../src/base/index.ts";
import { LEVELS } from "../src/confluent/index.ts";

const closed = { additionalProperties: false };

const Compatibility = Type.Union(LEVELS.map((level) => Type.Literal(level)));

/** Settings of a topic in Kafka, such as `retention.ms`. */
const TopicSettings = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
);

const Topic = Type.Object(
  {
    /** `"string"`, `"bytes"`, `"none"`, or the path of a schema. Default `"string"`. */
    key: Type.Optional(Type.String({ minLength: 1 })),
    /** `"string"`, `"bytes"`, or the path of a schema. */
    value: Type.String({ minLength: 1 }),
    /** Number of partitions when the topic is created. Default: the cluster's. */
    partitions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    /** Number of replicas when the topic is created. Default: the cluster's. */
    replication: Type.Optional(Type.Integer({ minimum: 1, maximum: 32_767 })),
    /** Whether the topic is compacted, so that tombstones may be sent. Default false. */
    compact: Type.Optional(Type.Boolean()),
    /** Compatibility level of the topic's subjects. Default: the registry's. */
    compatibility: Type.Optional(Compatibility),
    /** Further settings of the topic by Kafka's names. Default: the cluster's. */
    config: Type.Optional(TopicSettings),
  },
  closed,
);

const Logical = Type.Union([Type.Literal("safe"), Type.Literal("raw")]);

const Mapping = Type.Object(
  {
    long: Type.Optional(Type.Union([Type.Literal("bigint"), Type.Literal("number")])),
    logical: Type.Optional(Logical),
    /** `logical` for single fields, by the full name of the record and the name of the field. */
    fields: Type.Optional(Type.Record(Type.String({ minLength: 1 }), Logical)),
  },
  closed,
);

const Codegen = Type.Object(
  {
    /** The folder that is generated. Default `src/generated`. */
    out: Type.Optional(Type.String({ minLength: 1 })),
    /** The ending of relative import specifiers. Default `.js`. */
    importExtension: Type.Optional(
      Type.Union([Type.Literal(".js"), Type.Literal(".ts"), Type.Literal("")]),
    ),
    /** Where generated code imports the runtime from. Default `typewire/schema`. */
    runtime: Type.Optional(Type.String({ minLength: 1 })),
    mapping: Type.Optional(Mapping),
  },
  closed,
);

/** The JSON Schema of `typewire.json`. */
export const ConfigSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    registry: Type.Optional(Type.Object({ url: Type.String({ pattern: "^https?://." }) }, closed)),
    kafka: Type.Optional(
      Type.Object(
        { brokers: Type.Array(Type.String({ pattern: "^.+:[0-9]+$" }), { minItems: 1 }) },
        closed,
      ),
    ),
    topics: Type.Optional(
      Type.Record(Type.String({ pattern: "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}$" }), Topic, closed),
    ),
    /** Further subjects, by name: the path of the schema. Other schemas may refer to them. */
    schemas: Type.Optional(
      Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 1 })),
    ),
    codegen: Type.Optional(Codegen),
  },
  closed,
);

/** The content of `typewire.json`. */
export type Config = Static<typeof ConfigSchema>;
/** What `typewire.json` says about one topic. */
export type TopicConfig = Static<typeof Topic>;
