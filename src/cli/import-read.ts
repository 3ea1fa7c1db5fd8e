/**
 * What a registry holds, read through its REST API.
 *
 * Invariants:
 * - Only routes that every registry with Confluent's API has are needed; `GET /schemas` and
 *   `GET /contexts` are used where they are there, and a `GET /schemas` that knows no pages ends too.
 * - Contexts are listed one by one, under their path: the prefix for all of them (`:*:`) is a name like
 *   any other to registries that do not know it, which then list nothing.
 * - Subjects are spelt with their context, whether a registry's answers do that or not.
 * - What is asked of an alias is answered by the subject that it stands for, and is none of its own.
 * - What is soft-deleted is what the list with `deleted=true` has and the one without has not: the
 *   member `deleted` is missing in answers of older registries.
 */
import { randomUUID } from "node:crypto";
import type { Config, Metadata, Mode, RuleSet, SchemaReference } from "../api/index.ts";
import type { RawRequest, RegistryClient } from "../client/index.ts";
import { refusalOf, subjectSegment } from "../client/index.ts";
import { isTypewireError } from "../errors.ts";
import { isSchemaNumber } from "../registry/index.ts";
import { cliErrors } from "./errors.ts";
import type { HeldVersion, Holdings } from "./import-names.ts";
import { EVERYTHING, keyOf, ROOT } from "./import-names.ts";
import { inParallel } from "./in-parallel.ts";

/** The path of a config or mode. */
export function scopePath(kind: "config" | "mode", scope: string): string {
  return scope === ROOT ? `/${kind}` : `/${kind}/${subjectSegment(scope)}`;
}

/** The path of a subject's versions. */
export function versionsPath(subject: string): string {
  return `/subjects/${subjectSegment(subject)}/versions`;
}

const PAGE = 1000;

/** Reads a registry; `scopes` are further ones whose settings are wanted. */
export async function readHoldings(
  client: RegistryClient,
  scopes: Iterable<string> = [],
): Promise<Holdings> {
  const contexts = strings(await optional(client, "/contexts")) ?? [];
  const named = contexts.filter((name) => name !== ".").map((name) => `:${name}:`);
  const { versions, aliases } = await readContexts(client, [ROOT, ...named]);
  const subjects = versions.map(({ subject }) => subject);
  const all = new Set([ROOT, ...named, ...subjects, ...aliases, ...scopes]);
  // The empty subject has no settings of its own: its path is that of the default context.
  all.delete("");
  return {
    versions,
    configs: await readSettings(client, "config", [EVERYTHING, ...all], (body) => body as Config),
    modes: await readModes(client, all),
  };
}

type Query = NonNullable<RawRequest["query"]>;

/** Where the lists of a context are, and how names in them are spelt everywhere else. */
interface Context {
  readonly path: string;
  qualified(subject: string): string;
}

function contextOf(scope: string): Context {
  if (scope === ROOT) return { path: "", qualified: (subject) => subject };
  return {
    path: `/contexts/${encodeURIComponent(scope.slice(1, -1))}`,
    qualified: (subject) => (subject.startsWith(":.") ? subject : `${scope}${subject}`),
  };
}

/** What lists tell: the versions, and the names of aliases. */
interface Listed {
  readonly versions: readonly HeldVersion[];
  readonly aliases: readonly string[];
}

async function readContexts(client: RegistryClient, scopes: readonly string[]): Promise<Listed> {
  const versions = new Map<string, HeldVersion>();
  const aliases: string[] = [];
  for (const context of scopes.map(contextOf)) {
    const listed = await readContext(client, context);
    for (const version of listed.versions) versions.set(keyOf(version), version);
    aliases.push(...listed.aliases);
  }
  return { versions: [...versions.values()], aliases };
}

async function readContext(client: RegistryClient, context: Context): Promise<Listed> {
  const bulk = await readBulk(client, context);
  const path = `${context.path}/subjects`;
  const listed = strings(await client.request("GET", path, { query: { deleted: true } })) ?? [];
  const known = new Map<string, Set<number>>();
  for (const { subject, version } of bulk.versions) {
    known.set(subject, (known.get(subject) ?? new Set()).add(version));
  }
  // Where none in the bulk is soft-deleted, it may be that the bulk never has those (Karapace).
  const isComplete = bulk.versions.some(({ deleted }) => deleted);
  const subjects = listed.map(context.qualified);
  const open = isComplete ? subjects.filter((subject) => !known.has(subject)) : subjects;
  const singles: HeldVersion[] = [];
  await inParallel(open, async (subject) => {
    singles.push(...(await readSubject(client, context, subject, known.get(subject))));
  });
  return { versions: [...bulk.versions, ...singles], aliases: bulk.aliases };
}

async function readBulk(client: RegistryClient, context: Context): Promise<Listed> {
  const path = `${context.path}/schemas`;
  const all = await readPages(client, path, { deleted: true, aliases: true });
  const live = all.size === 0 ? all : await readPages(client, path, {});
  const versions = [...all].map(([key, entry]) => {
    const held = toVersion(client, path, entry, !live.has(key));
    return { ...held, subject: context.qualified(held.subject) };
  });
  const aliases = [...all.values()].flatMap((entry) => strings(entry["aliases"]) ?? []);
  return { versions, aliases: aliases.map(context.qualified) };
}

async function readPages(
  client: RegistryClient,
  path: string,
  query: Query,
): Promise<Map<string, Members>> {
  const entries = new Map<string, Members>();
  for (let offset = 0; ; ) {
    const request = { query: { ...query, offset, limit: PAGE } };
    const page = await optional(client, path, request);
    if (!Array.isArray(page)) return entries;
    const before = entries.size;
    for (const entry of page.filter(isMembers)) {
      const key = JSON.stringify([entry["subject"], entry["version"]]);
      if (!entries.has(key)) entries.set(key, entry);
    }
    if (entries.size === before) return entries;
    offset += page.length;
  }
}

/** The versions of a subject that are not known yet. */
async function readSubject(
  client: RegistryClient,
  context: Context,
  subject: string,
  known: ReadonlySet<number> = new Set(),
): Promise<HeldVersion[]> {
  const path = versionsPath(subject);
  const all = integers(await optional(client, path, { query: { deleted: true } }));
  const missing = all.filter((version) => !known.has(version));
  if (missing.length === 0) return [];
  const live = new Set(integers(await optional(client, path)));
  const versions: HeldVersion[] = [];
  for (const version of missing) {
    const one = `${path}/${version}`;
    const body = await client.request("GET", one, { query: { deleted: true } });
    const held = toVersion(client, one, body, !live.has(version));
    const owner = context.qualified(held.subject);
    if (owner === subject) versions.push({ ...held, subject });
  }
  return versions;
}

async function readSettings<T>(
  client: RegistryClient,
  kind: "config" | "mode",
  scopes: Iterable<string>,
  pick: (body: Members) => T | undefined,
): Promise<Map<string, T>> {
  const values = new Map<string, T>();
  await inParallel(scopes, async (scope) => {
    const body = await optional(client, scopePath(kind, scope));
    const value = isMembers(body) ? pick(body) : undefined;
    if (value !== undefined) values.set(scope, value);
  });
  return values;
}

async function readModes(
  client: RegistryClient,
  scopes: Iterable<string>,
): Promise<ReadonlyMap<string, Mode>> {
  const modes = await readSettings(client, "mode", scopes, (body) => body["mode"] as Mode);
  if (await saysOwnModes(client)) return modes;
  const inherited = modes.get(ROOT);
  return new Map([...modes].filter(([scope, mode]) => scope === ROOT || mode !== inherited));
}

/**
 * Whether a registry tells a mode of its own from an inherited one: it says of a subject that it has
 * none (40409). Karapace answers every subject that is there with the mode of all.
 */
async function saysOwnModes(client: RegistryClient): Promise<boolean> {
  try {
    await client.request("GET", scopePath("mode", randomUUID()));
    return false;
  } catch (error) {
    if (!isNotThere(error)) throw error;
    return refusalOf(error)?.errorCode === NO_MODE_OF_ITS_OWN;
  }
}

const NO_MODE_OF_ITS_OWN = 40409;

/** The answer of a route that may not be there, or has nothing. */
async function optional(
  client: RegistryClient,
  path: string,
  request: RawRequest = {},
): Promise<unknown> {
  try {
    return await client.request("GET", path, request);
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

function isNotThere(error: unknown): boolean {
  const invalid = isTypewireError(error, "CLIENT_ANSWER_INVALID") ? error : undefined;
  const status = refusalOf(error)?.status ?? invalid?.details["status"];
  return status === 404 || status === 405;
}

type Members = Readonly<Record<string, unknown>>;

function toVersion(
  client: RegistryClient,
  path: string,
  body: unknown,
  deleted: boolean,
): HeldVersion {
  const entry = isMembers(body) ? body : {};
  const { subject, version, id, schema, schemaType, references, metadata, ruleSet } = entry;
  const isVersion =
    typeof subject === "string" &&
    typeof schema === "string" &&
    isSchemaNumber(version) &&
    isSchemaNumber(id);
  if (!isVersion) {
    throw cliErrors.create("CLI_IMPORT_ANSWER_INVALID", { url: client.url, path, found: body });
  }
  return {
    subject,
    version: Number(version),
    id: Number(id),
    schemaType: typeof schemaType === "string" ? schemaType : "AVRO",
    schema,
    references: Array.isArray(references) ? references.filter(isReference) : [],
    ...(isMembers(metadata) && { metadata: metadata as Metadata }),
    ...(isMembers(ruleSet) && { ruleSet: ruleSet as RuleSet }),
    deleted,
  };
}

function isReference(value: unknown): value is SchemaReference {
  return (
    isMembers(value) &&
    typeof value["name"] === "string" &&
    typeof value["subject"] === "string" &&
    typeof value["version"] === "number"
  );
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}

function integers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((item) => Number.isSafeInteger(item)) : [];
}
