/**
 * References, resolved through the registry.
 *
 * Invariants:
 * - What a schema means is its closure (`confluent/closure.ts`), as the registry and the code generator
 *   have it.
 * - A referenced version is fetched once per schema, however many references lead to it, and several
 *   at the same time.
 * - A reference without a context means the referrer's, and a subject itself, never what an alias of
 *   that name stands for (`own-version.ts`).
 * - What a registry holds is parsed leniently: it was accepted once, and data was written with it.
 */
import type { SchemaReference } from "../api/index.ts";
import type { Schema } from "../avro/index.ts";
import { printSchema } from "../avro/index.ts";
import { isTypewireError, reasonOf } from "../base/index.ts";
import type { ClosureFailure, ClosureReference } from "../confluent/index.ts";
import {
  CLOSURE_LIMITS,
  closeReferences,
  contextPrefix,
  prefixSubject,
  readClosure,
} from "../confluent/index.ts";
import { clientErrors } from "./errors.ts";
import type { RegisteredSchema, SchemaContent, SubjectSchema, VersionName } from "./types.ts";

export interface Resolver {
  /** Parses a schema with all that it refers to; `context` (`:.ctx:`) is the one that it is in. */
  parse(schema: Parsable, context?: string): Promise<Schema>;
  /** The text of a schema with all that it refers to written out. */
  closedText(schema: SubjectSchema): Promise<string>;
}

/** A schema, by id or by GUID. */
type Parsable = RegisteredSchema | (SchemaContent & { readonly guid: string });

/** A referenced version, with what else leads there; as text of a closure. */
interface Target {
  readonly subject: string;
  readonly version: number;
  readonly text: string;
  readonly references: readonly ClosureReference<Fetched>[];
}

/** What became of a reference; an error counts only if the closure needs it. */
interface Fetched {
  target?: Target;
  error?: unknown;
}

/** Finds a subject's own version, deleted or not. */
type FetchVersion = (subject: string, name: VersionName) => Promise<SubjectSchema>;

export function createResolver(fetchVersion: FetchVersion): Resolver {
  const parse = async (schema: Parsable, context = ""): Promise<Schema> => {
    if (schema.schemaType !== "AVRO") {
      const id = "id" in schema ? { id: schema.id } : {};
      const details = { schema: idOf(schema), schemaType: schema.schemaType, ...id };
      throw clientErrors.create("CLIENT_SCHEMA_TYPE_UNSUPPORTED", details);
    }
    return readWhole(schema, await fetchGraph(fetchVersion, schema, context));
  };
  return {
    parse,
    closedText: async (schema) => {
      if (schema.references.length === 0) return schema.schema;
      return printSchema(await parse(schema, contextPrefix(schema.subject)));
    },
  };
}

/** As many versions are fetched at the same time. */
const FETCHES_MAX = 16;

/** Fetches all that a schema refers to. Returns the schema's own references. */
async function fetchGraph(
  fetchVersion: FetchVersion,
  schema: Parsable,
  context: string,
): Promise<readonly ClosureReference<Fetched>[]> {
  const found = new Map<string, Fetched>();
  const waiting: (() => Promise<void>)[] = [];
  const link = (references: readonly SchemaReference[], from: string) =>
    references.map(({ name, subject, version }) => {
      const target = prefixSubject(from, subject);
      const key = JSON.stringify([target, version]);
      const known = found.get(key);
      if (known !== undefined) return { name, target: known };
      const fetched: Fetched = {};
      found.set(key, fetched);
      waiting.push(async () => fill(fetched, target, version));
      return { name, target: fetched };
    });
  const fill = async (fetched: Fetched, subject: string, version: number): Promise<void> => {
    try {
      const name = version === -1 ? "latest" : version;
      const answer = await fetchVersion(subject, name);
      const references = link(answer.references, contextPrefix(answer.subject));
      fetched.target = { subject, version: answer.version, text: answer.schema, references };
    } catch (error) {
      fetched.error = error;
    }
  };
  const direct = link(schema.references, context);
  while (waiting.length > 0) {
    if (found.size > CLOSURE_LIMITS.schemas) {
      throw unresolved(schema, `they lead to more than ${CLOSURE_LIMITS.schemas} schemas`);
    }
    await Promise.all(waiting.splice(0, FETCHES_MAX).map(async (fetch) => fetch()));
  }
  return direct;
}

function readWhole(schema: Parsable, direct: readonly ClosureReference<Fetched>[]): Schema {
  if (direct.length === 0) return readClosure(schema.schema, [], { mode: "stored" }).schema;
  const explain = ({ error, source, earlier }: ClosureFailure<Target>): Error => {
    const reason = reasonOf(error);
    const where = source === undefined ? "" : `, in ${nameOf(source)}`;
    const before = earlier === undefined ? "" : `, defined first in ${nameOf(earlier)}`;
    return unresolved(schema, `${reason}${where}${before}`, error);
  };
  try {
    const { order } = closeReferences(direct, (fetched) => targetOf(fetched).references);
    return readClosure(schema.schema, order.map(targetOf), { mode: "stored", explain }).schema;
  } catch (error) {
    if (!isTypewireError(error, "AVRO_CLOSURE_TOO_LARGE")) throw error;
    throw unresolved(schema, error.message, error);
  }
}

function targetOf({ target, error }: Fetched): Target {
  if (target === undefined) throw error;
  return target;
}

function nameOf({ subject, version }: Target): string {
  return `subject ${subject} version ${version}`;
}

/** How a schema is called in errors. */
function idOf(schema: Parsable): string {
  return "id" in schema ? `id ${schema.id}` : `GUID ${schema.guid}`;
}

function unresolved(schema: Parsable, reason: string, cause?: unknown) {
  const details = { schema: `schema ${idOf(schema)}`, reason };
  return clientErrors.create("CLIENT_REFERENCES_UNRESOLVED", details, cause);
}
