/**
 * Schemas by id and by GUID: cached, de-duplicated, with a memory for those that are not there.
 *
 * Invariants:
 * - Contexts give out the same numbers for different schemas, so an id is asked for, and remembered,
 *   with its context.
 * - A GUID means the same content everywhere, but its references may lead to others in each context:
 *   the text is remembered by GUID, what it means by GUID and context.
 */
import type { Schema } from "../avro/index.ts";
import { contextPrefix } from "../confluent/index.ts";
import { readContent, readSchema } from "./answers.ts";
import { LoadingCache, MissCache } from "./cache.ts";
import { clientErrors } from "./errors.ts";
import type { ClientSettings } from "./options.ts";
import { refusalOf } from "./refusal.ts";
import type { Resolver } from "./resolver.ts";
import type { Transport } from "./transport.ts";
import type { RegisteredSchema, RegistryClient, SchemaContent } from "./types.ts";

/**
 * Only the registry's own "no such schema" counts as a miss. Any other 404 comes from something in
 * between, and taking it for an unknown id would turn a routing fault into lost messages.
 */
const SCHEMA_NOT_FOUND = 40403;
const ID_MAX = 2 ** 31 - 1;

/** Creates the calls that read schemas by id and by GUID. */
export function createSchemasById(
  transport: Transport,
  settings: ClientSettings,
  resolver: Resolver,
): ById & ByGuid {
  return {
    ...byId(transport, settings, resolver),
    ...byGuid(transport, settings, resolver),
  };
}

type ById = Pick<RegistryClient, "schemaById" | "parsedById" | "peekParsed">;
type ByGuid = Pick<RegistryClient, "schemaByGuid" | "parsedByGuid">;

function byId({ send, url }: Transport, settings: ClientSettings, resolver: Resolver): ById {
  const { cacheEntriesMax } = settings;
  const schemas = new LoadingCache<Key, RegisteredSchema>(cacheEntriesMax);
  const parsed = new LoadingCache<Key, Schema>(cacheEntriesMax);
  const unlessMissing = rememberMisses<Key>(settings);

  const load = async (id: number, context: string): Promise<RegisteredSchema> => {
    const unknownId = (cause?: unknown) =>
      clientErrors.create("CLIENT_SCHEMA_ID_UNKNOWN", { id, url: url() }, cause);
    if (!Number.isInteger(id) || id < 0 || id > ID_MAX) throw unknownId();
    const read = (body: unknown) => readSchema(body, id);
    const query = { subject: context === "" ? undefined : context };
    const ask = () => send("GET", `/schemas/ids/${id}`, { query }, read);
    return unlessMissing(keyOf(id, context), ask, unknownId);
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

const GUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

function byGuid({ send, url }: Transport, settings: ClientSettings, resolver: Resolver): ByGuid {
  const { cacheEntriesMax } = settings;
  const schemas = new LoadingCache<string, SchemaContent>(cacheEntriesMax);
  const parsed = new LoadingCache<string, Schema>(cacheEntriesMax);
  const unlessMissing = rememberMisses<string>(settings);

  const load = async (guid: string): Promise<SchemaContent> => {
    const ask = () => send("GET", `/schemas/guids/${guid}`, {}, readContent);
    return unlessMissing(guid, ask, (cause) =>
      clientErrors.create("CLIENT_SCHEMA_GUID_UNKNOWN", { guid, url: url() }, cause),
    );
  };
  const schemaByGuid = async (guid: string) => schemas.get(guid, () => load(guid));

  return {
    schemaByGuid: async (guid) => schemaByGuid(checkedGuid(guid)),
    parsedByGuid: async (given, subject = "") => {
      const guid = checkedGuid(given);
      const context = contextPrefix(subject);
      return parsed.get(`${context}${guid}`, async () =>
        resolver.parse({ ...(await schemaByGuid(guid)), guid }, context),
      );
    },
  };
}

function checkedGuid(given: string): string {
  const guid = typeof given === "string" ? given.toLowerCase() : "";
  if (GUID.test(guid)) return guid;
  const reason = "write it as a UUID, 32 hexadecimal digits with four hyphens";
  throw clientErrors.create("CLIENT_ARGUMENT_INVALID", { argument: "guid", value: given, reason });
}

/** Asks the registry, unless it said a moment ago that it has no such schema. */
function rememberMisses<K>({ cacheEntriesMax, clock }: ClientSettings) {
  const misses = new MissCache<K>(cacheEntriesMax, clock);
  return async <T>(
    key: K,
    ask: () => Promise<T>,
    unknown: (cause?: unknown) => Error,
  ): Promise<T> => {
    if (misses.isMissing(key)) throw unknown();
    try {
      const found = await ask();
      misses.found(key);
      return found;
    } catch (error) {
      if (refusalOf(error)?.errorCode !== SCHEMA_NOT_FOUND) throw error;
      misses.miss(key);
      throw unknown(error);
    }
  };
}

/** The id itself where no context is named. */
type Key = number | string;

function keyOf(id: number, context: string): Key {
  return context === "" ? id : `${context}${id}`;
}
