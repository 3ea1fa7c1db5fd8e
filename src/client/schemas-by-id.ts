/** Schemas by id: cached, de-duplicated, with a memory for ids that are not there. */
import type { Schema } from "../avro/index.ts";
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
  const schemas = new LoadingCache<number, RegisteredSchema>(cacheEntriesMax);
  const parsed = new LoadingCache<number, Schema>(cacheEntriesMax);
  const misses = new MissCache<number>(cacheEntriesMax, clock);

  const unknownId = (id: number, cause?: unknown) =>
    clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id, url: url() }, cause);

  const load = async (id: number): Promise<RegisteredSchema> => {
    if (!Number.isInteger(id) || id < 0 || id > ID_MAX || misses.isMissing(id)) throw unknownId(id);
    try {
      const read = (body: unknown) => readSchema(body, id);
      const schema = await send("GET", `/schemas/ids/${id}`, {}, read);
      misses.found(id);
      return schema;
    } catch (error) {
      if (refusalOf(error)?.errorCode !== SCHEMA_NOT_FOUND) throw error;
      misses.miss(id);
      throw unknownId(id, error);
    }
  };
  const schemaById = async (id: number) => schemas.get(id, () => load(id));

  return {
    schemaById,
    parsedById: async (id) => parsed.get(id, async () => resolver.parse(await schemaById(id))),
    peekParsed: (id) => parsed.peek(id),
  };
}
