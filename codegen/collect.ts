/** Fetching what code is generated from: the subjects of a configuration, and their references. */
import { isTypewireError, reasonOf } from "../src/base/index.ts";
import { subjectBindings } from "./config.ts";
import type { Config } from "./config-schema.ts";
import { codegenErrors } from "./errors.ts";
import type { LockEntry } from "./lock.ts";
import type { SchemaSource, SourceSchema } from "./subjects.ts";
import { referencedSubject, unknownReference } from "./subjects.ts";

/** The schemas of a configuration. */
export interface Collected {
  readonly schemas: readonly SourceSchema[];
  /** Other schemas that those refer to, directly or not. */
  readonly referenced: readonly SourceSchema[];
}

/**
 * Asks a source for all subjects of a configuration.
 *
 * @param lock - Gives versions to references of a source that knows none.
 * @param locked - Whether to take the versions of the lock instead of the latest ones.
 * @throws CODEGEN_SUBJECT_UNKNOWN, CODEGEN_REFERENCE_UNKNOWN, CODEGEN_LOCK_MISSING,
 *   CODEGEN_SOURCE_UNAVAILABLE
 */
export async function collectSchemas(options: {
  readonly config: Config;
  readonly source: SchemaSource;
  readonly lock: readonly LockEntry[];
  readonly locked: boolean;
}): Promise<Collected> {
  const { config, source, lock, locked } = options;
  const subjects = subjectBindings(config).map(({ subject }) => subject);
  const roots = await Promise.all(
    subjects.map((subject) => fetchRoot(source, subject, locked ? lock : undefined)),
  );
  const schemas = roots.map((schema) => withLockedVersions(schema, lock));
  return { schemas, referenced: await fetchReferences(source, schemas) };
}

async function fetchRoot(
  source: SchemaSource,
  subject: string,
  lock: readonly LockEntry[] | undefined,
): Promise<SourceSchema> {
  const pinned = lock?.find((entry) => entry.subject === subject && entry.root === true);
  if (lock !== undefined && pinned?.version === undefined) {
    throw codegenErrors.create("CODEGEN_LOCK_MISSING", { file: "typewire.lock.json", subject });
  }
  const found = await fetchFrom(source, subject, { version: pinned?.version ?? "latest" });
  if (found !== undefined) return found;
  throw codegenErrors.create("CODEGEN_SUBJECT_UNKNOWN", { source: source.name, subject });
}

/** Files know no versions; those of the lock hold as long as nobody asks the registry anew. */
function withLockedVersions(schema: SourceSchema, lock: readonly LockEntry[]): SourceSchema {
  const references = schema.references.map((reference) => {
    const pinned = lock.find((entry) => entry.subject === reference.subject && entry.root === true);
    const isOpen = reference.version === -1 && pinned?.version !== undefined;
    return isOpen ? { ...reference, version: pinned.version } : reference;
  });
  return { ...schema, references };
}

/** A version to fetch, and a subject that refers to it. */
interface Wanted {
  readonly by: string;
  readonly subject: string;
  readonly version: number;
}

async function fetchReferences(
  source: SchemaSource,
  schemas: readonly SourceSchema[],
): Promise<SourceSchema[]> {
  const have = new Set(schemas.flatMap((schema) => [key(schema), `${schema.subject}\n-1`]));
  const unversioned = new Set(
    schemas.filter((schema) => schema.version === undefined).map((schema) => schema.subject),
  );
  const found: SourceSchema[] = [];
  for (let level = schemas; level.length > 0; ) {
    const wanted = new Map<string, Wanted>();
    for (const schema of level) {
      for (const { subject: name, version } of schema.references) {
        const subject = referencedSubject(schema, name);
        const target = { by: schema.subject, subject, version };
        if (!have.has(key(target)) && !unversioned.has(subject)) wanted.set(key(target), target);
      }
    }
    for (const name of wanted.keys()) have.add(name);
    level = await Promise.all([...wanted.values()].map((one) => fetchReference(source, one)));
    found.push(...level);
  }
  return found;
}

async function fetchReference(
  source: SchemaSource,
  { by, subject, version }: Wanted,
): Promise<SourceSchema> {
  const found = await fetchFrom(source, subject, {
    version: version === -1 ? "latest" : version,
    why: "reference",
  });
  if (found !== undefined) return found;
  throw unknownReference(by, { subject, version });
}

async function fetchFrom(
  source: SchemaSource,
  subject: string,
  { version, why = "root" }: { version: number | "latest"; why?: "root" | "reference" },
): Promise<SourceSchema | undefined> {
  try {
    return await source.fetch(subject, version, why);
  } catch (error) {
    if (isTypewireError(error) && error.code in codegenErrors.rows) throw error;
    const reason = reasonOf(error);
    throw codegenErrors.create(
      "CODEGEN_SOURCE_UNAVAILABLE",
      { source: source.name, reason },
      error,
    );
  }
}

function key(schema: { readonly subject: string; readonly version?: number }): string {
  return `${schema.subject}\n${schema.version ?? ""}`;
}
