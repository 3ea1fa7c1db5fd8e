/**
 * References, resolved through the registry.
 *
 * Invariants:
 * - A referenced version is fetched and parsed once per schema, so that a type which is reached by
 *   two ways is one node.
 * - A reference without a context means the referrer's.
 * - What a registry holds is parsed leniently: it was accepted once, and data was written with it.
 */
import type { NamedSchema, Schema } from "../avro/index.ts";
import { namedTypes, parseSchema, printSchema } from "../avro/index.ts";
import { clientErrors } from "./errors.ts";
import type { RegisteredSchema, RegistryClient, SubjectSchema } from "./types.ts";

export interface Resolver {
  /** Parses a schema with all that it refers to. */
  parse(schema: RegisteredSchema): Promise<Schema>;
  /** The text of a schema with all that it refers to written out. */
  closedText(schema: SubjectSchema): Promise<string>;
}

/** A guard against a registry that answers ever new references. */
const REFERENCES_MAX = 1_000;

type Types = ReadonlyMap<string, NamedSchema>;
/** The types of each referenced version, by subject and version. */
type Seen = Map<string, Types | "in progress">;

export function createResolver(fetchVersion: RegistryClient["version"]): Resolver {
  const parse = async (schema: RegisteredSchema, context = ""): Promise<Schema> => {
    if (schema.schemaType !== "AVRO") {
      const { id, schemaType } = schema;
      throw clientErrors.create("CLIENT_SCHEMA_TYPE_UNSUPPORTED", { id, schemaType });
    }
    if (schema.references.length === 0) return parseText(schema, new Map());
    return parseText(schema, await referencedTypes(schema, context, new Map()));
  };

  const referencedTypes = async (
    schema: RegisteredSchema,
    context: string,
    seen: Seen,
  ): Promise<Types> => {
    const types = new Map<string, NamedSchema>();
    for (const { subject, version } of schema.references) {
      const target = inContext(subject, context);
      const key = JSON.stringify([target, version]);
      const known = seen.get(key);
      if (known === "in progress") throw unresolved(schema, `${key} refers to itself`);
      if (seen.size >= REFERENCES_MAX) throw unresolved(schema, `more than ${REFERENCES_MAX}`);
      if (known === undefined) seen.set(key, "in progress");
      const found = known ?? (await load(target, version, seen));
      seen.set(key, found);
      for (const [name, type] of found) types.set(name, type);
    }
    return types;
  };

  const load = async (subject: string, version: number, seen: Seen): Promise<Types> => {
    const name = version === -1 ? "latest" : version;
    const target = await fetchVersion(subject, name, { deleted: true });
    const types = await referencedTypes(target, contextOf(target.subject), seen);
    return namedTypes(parseText(target, types));
  };

  return {
    parse: async (schema) => parse(schema),
    closedText: async (schema) => {
      if (schema.references.length === 0) return schema.schema;
      return printSchema(await parse(schema, contextOf(schema.subject)));
    },
  };
}

function parseText(schema: RegisteredSchema, types: Types): Schema {
  try {
    return parseSchema(schema.schema, { mode: "stored", types });
  } catch (cause) {
    if (schema.references.length === 0) throw cause;
    throw unresolved(schema, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unresolved(schema: RegisteredSchema, reason: string, cause?: unknown) {
  const details = { schema: `schema id ${schema.id}`, reason };
  return clientErrors.create("CLIENT_REFERENCES_UNRESOLVED", details, cause);
}

/** `:.ctx:` of a qualified subject, else empty text. */
function contextOf(subject: string): string {
  return /^:\.[^:]*:/.exec(subject)?.[0] ?? "";
}

function inContext(subject: string, context: string): string {
  return subject.startsWith(":") ? subject : context + subject;
}
