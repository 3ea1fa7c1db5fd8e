/**
 * Schemas by id: cached, de-duplicated, with a memory for ids that are not there.
 *
 * Invariant: contexts give out the same numbers for different schemas, so an id is asked for, and
 * remembered, with its context.
 */
import type { Schema } from "../avro/index.ts";
import { contextPrefix } from "../confluent/index.ts";
import { readSchema } from "./answers.ts";
import { LoadingCache, MissCache } from "./cache.ts";
import { clientErrors } from "./errors.ts";
import type { ClientSettings } from "./options.ts";
import { refusalOf } from "./refusal.ts";
import type { Resolver } from "./resolver.ts";
import type { Transport } from "./transport.ts";
import type { RegisteredSchema, RegistryClient } from "./types.ts";

/**
 * Only the registry's own "no such schema" counts as a miss. Any other 404 comes from something in
 * between, and taking it for an unknown id would turn a routing fault into lost messages.
 */
const SCHEMA_NOT_FOUND = 40403;
const ID_MAX = 2 ** 31 - 1;

export function createSchemasById(
  { send, url }: Transport,
  { cacheEntriesMax, clock }: ClientSettings,
  resolver: Resolver,
): Pick<RegistryClient, "schemaById" | "parsedById" | "peekParsed"> {
  const schemas = new LoadingCache<Key, RegisteredSchema>(cacheEntriesMax);
  const parsed = new LoadingCache<Key, Schema>(cacheEntriesMax);
  const misses = new MissCache<Key>(cacheEntriesMax, clock);

  const unknownId = (id: number, cause?: unknown) =>
    clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id, url: url() }, cause);

  const load = async (id: number, context: string): Promise<RegisteredSchema> => {
    const key = keyOf(id, context);
    if (!Number.isInteger(id) || id < 0 || id > ID_MAX || misses.isMissing(key)) {
      throw unknownId(id);
    }
    try {
      const read = (body: unknown) => readSchema(body, id);
      const query = { subject: context === "" ? undefined : context };
      const schema = await send("GET", `/schemas/ids/${id}`, { query }, read);
      misses.found(key);
      return schema;
    } catch (error) {
      if (refusalOf(error)?.errorCode !== SCHEMA_NOT_FOUND) throw error;
      misses.miss(key);
      throw unknownId(id, error);
    }
  };
  const schemaById = async (id: number, context: string) =>
    schemas.get(keyOf(id, context), () => load(id, context));

  return {
    schemaById: async (id, subject = "") => schemaById(id, contextPrefix(subject)),
    parsedById: async (id, subject = "") => {
      const context = contextPrefix(subject);
      return parsed.get(keyOf(id, context), async () =>
        resolver.parse(await schemaById(id, context), context),
      );
    },
    peekParsed: (id, subject = "") => parsed.peek(keyOf(id, contextPrefix(subject))),
  };
}

/** The id itself where no context is named. */
type Key = number | string;

function keyOf(id: number, context: string): Key {
  return context === "" ? id : `${context}${id}`;
}
