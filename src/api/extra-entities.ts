/** Bodies and answers of the routes that no other registry has. */
import type { Static } from "../base/index.ts";
import { Type } from "../base/index.ts";
import { LEVELS } from "../confluent/index.ts";
import { RegisterSchemaRequest } from "./entities.ts";

/** Bounds how long one batch holds the registry. */
const BATCH_ITEMS_MAX = 1000;

const orNull = <T extends ReturnType<typeof Type.Boolean>>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** One registration of a batch: the body of register, with its subject and its query. */
export const BatchItemRequest = Type.Object({
  ...RegisterSchemaRequest.properties,
  subject: Type.String(),
  normalize: orNull(Type.Boolean()),
  force: orNull(Type.Boolean()),
});
export type BatchItemRequest = Static<typeof BatchItemRequest>;

/** Body of `POST /batch`. */
export const BatchRequest = Type.Object({
  items: Type.Array(BatchItemRequest, { minItems: 1, maxItems: BATCH_ITEMS_MAX }),
  dryRun: orNull(Type.Boolean()),
});
export type BatchRequest = Static<typeof BatchRequest>;

const closed = { additionalProperties: false };
const text = (description: string) => Type.String({ description });
const count = (description: string) => Type.Integer({ description });
const subject = Type.String();
const version = Type.Integer();
const id = Type.Integer();
const milliseconds = "Milliseconds since the epoch";

/** Schemas of the answers, but for those that hold a registered schema. */
export const extraAnswerSchemas = {
  SearchHits: Type.Array(
    Type.Object(
      {
        subject,
        version,
        id,
        matches: Type.Array(text("Full name of the type, with `.field` for fields")),
      },
      closed,
    ),
  ),
  Changes: Type.String({
    description:
      "Events whose `id` is an offset and whose `data` is an object with `offset`, `timestamp`, `kind` and, by kind, `subject`, `version`, `id`, `context`.",
  }),
} as const;

/** A finding of a plan. */
export const PlanFindingEntity = Type.Object(
  {
    version,
    direction: Type.Union([Type.Literal("backward"), Type.Literal("forward")]),
    rule: text("The rule, as Avro names it"),
    path: text("JSON pointer into the schema that reads"),
    message: Type.String(),
    fix: text("The smallest edit of the new schema that ends this finding"),
  },
  closed,
);

/** The level in force and those that would accept the schema. */
export const PlanLevel = Type.Union(LEVELS.map((level) => Type.Literal(level)));

/** A version and its clients. */
export const UsageEntity = Type.Object(
  {
    subject,
    version,
    id,
    clients: Type.Array(
      Type.Object(
        {
          client: text("X-Client-Id, else the user name, else address and User-Agent"),
          reads: count("Since the start"),
          registrations: count("Since the start"),
          lastReadAt: Type.Optional(count(milliseconds)),
          lastRegisteredAt: Type.Optional(count(milliseconds)),
        },
        closed,
      ),
      { description: "Most recent first" },
    ),
  },
  closed,
);
