/**
 * Finds out whether a schema is registered already, and where.
 *
 * Invariants (Confluent's):
 * - First the identity hash, then the looser comparison (equal schemas, however their members are
 *   ordered; references equal but for -1, or inlined; one `confluent:version` disregarded), newest
 *   version first. Only a look-up then does both again, with what the config and the latest version
 *   would add to a registration.
 * - Names and defaults are not validated here: what is stored must be found.
 * - An empty schema is found nowhere.
 * - A request whose text equals a stored text is found without parsing or hashing it: a canonical text
 *   is its own canonical form.
 */
import type { Refusal, RegisterSchemaRequest } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import {
  DEFAULT_CONTEXT,
  isQualified,
  qualifySubject,
  splitSubject,
} from "../../confluent/index.ts";
import type {
  Content,
  PreparedSchema,
  SchemaSource,
  SchemaTools,
  Scope,
  State,
  SubjectState,
  VersionState,
  World,
} from "../state/index.ts";
import {
  contextNames,
  latestVersion,
  metadataFinds,
  normalMetadata,
  normalReferences,
  normalRuleSet,
  sameStored,
  scopeOf,
  takesIds,
} from "../state/index.ts";
import type { Candidate } from "./candidate.ts";
import { guidOfCandidate } from "./candidate.ts";
import { withSettings } from "./draft.ts";
import { invalidSchema, isAvro, notAvro } from "./texts.ts";

/** What to look for in one subject. */
export interface FindQuery {
  readonly body: RegisterSchemaRequest;
  readonly normalize: boolean;
  /** Whether soft-deleted versions count. */
  readonly deleted: boolean;
  /** Whether only the latest live version counts. */
  readonly latestOnly?: boolean;
}

/** What to look for, and where. */
export interface LookupQuery extends FindQuery {
  /** The registry's spelling, alias resolved. */
  readonly subject: string;
}

/** Finds the version that a request's schema is, in the subject or, unqualified, in any context. */
export function lookup(world: World, query: LookupQuery): VersionState | Refusal {
  const { subject: name, deleted } = query;
  const scope = scopeOf(world, name);
  const asked = { ...query, normalize: query.normalize || scope.normalizes };
  const found = lookupUnder(world, scope, asked);
  if (found !== undefined) return found;
  if (!isQualified(name)) {
    const elsewhere = lookupElsewhere(world, name, asked);
    if (elsewhere !== undefined) return elsewhere;
  }
  const subject = world.state.subjects.get(name);
  if (subject === undefined || (subject.live === 0 && !deleted)) {
    return refuse("SUBJECT_NOT_FOUND", { subject: name });
  }
  return refuse("SCHEMA_NOT_FOUND");
}

function lookupElsewhere(world: World, name: string, query: FindQuery): VersionState | undefined {
  for (const context of contextNames(world.state)) {
    if (context === DEFAULT_CONTEXT) continue;
    const subject = qualifySubject(context, name);
    if (!world.state.subjects.has(subject)) continue;
    const found = lookupUnder(world, scopeOf(world, subject), query);
    if (found !== undefined && !isRefusal(found)) return found;
  }
  return undefined;
}

/** Both looks under one subject: as the request is, and as a registration would make it. */
function lookupUnder(
  world: World,
  scope: Scope,
  query: FindQuery,
): VersionState | Refusal | undefined {
  const found = findUnder(world, scope, query);
  if (found !== undefined) return found;
  const subject = world.state.subjects.get(scope.subject);
  const latest = latestVersion(subject);
  if (subject === undefined || latest === undefined) return undefined;
  const candidate = candidateFor(world, scope, query);
  if (candidate === undefined || isRefusal(candidate)) return undefined;
  const settled = withSettings(scope.config, candidate, latest);
  const isSame =
    sameStored(settled.metadata, candidate.metadata) &&
    sameStored(settled.ruleSet, candidate.ruleSet);
  return isSame ? undefined : findCandidate(world, subject, searched(subject, query), settled);
}

/** The first look alone, which is all that a registration takes. */
export function findUnder(
  world: World,
  scope: Scope,
  query: FindQuery,
): VersionState | Refusal | undefined {
  const subject = world.state.subjects.get(scope.subject);
  const same = subject && findByStoredText(subject, query);
  if (same !== undefined) return same;
  const candidate = candidateFor(world, scope, query);
  if (candidate === undefined || isRefusal(candidate)) return candidate;
  return subject && findCandidate(world, subject, searched(subject, query), candidate);
}

/** The newest version with exactly the request's text, where text is all that both of them have. */
function findByStoredText(subject: SubjectState, query: FindQuery): VersionState | undefined {
  const { schema, references, metadata, ruleSet } = query.body;
  if (query.normalize || !isAvro(query.body)) return undefined;
  if (!schema || references?.length || metadata || ruleSet) return undefined;
  const latest = query.latestOnly ? latestVersion(subject) : undefined;
  return subject.versions.findLast((version) => {
    const { content } = version.entry;
    if (content.text !== schema || content.schemaType !== "AVRO") return false;
    if (content.references.length > 0 || content.metadata || content.ruleSet) return false;
    if (query.latestOnly) return version === latest;
    return query.deleted || !version.deleted;
  });
}

/** The request's schema with its metadata and rules; `undefined` for an empty one. */
function candidateFor(
  { state, schemas }: World,
  { subject, mode }: Scope,
  { body, normalize }: FindQuery,
): Candidate | Refusal | undefined {
  if (!body.schema?.trim()) return undefined;
  if (!isAvro(body)) return notAvro(body);
  const source = {
    context: splitSubject(subject).context,
    text: body.schema,
    references: normalReferences(body.references),
    normalize: normalize && !takesIds(mode),
  };
  const prepared = prepareAny(state, schemas, source);
  if (isRefusal(prepared)) return invalidSchema(subject, body, String(prepared.params["detail"]));
  return {
    prepared,
    metadata: normalMetadata(body.metadata),
    ruleSet: normalRuleSet(body.ruleSet),
  };
}

function prepareAny(
  state: State,
  schemas: SchemaTools,
  source: Omit<SchemaSource, "validation" | "deletedReferences" | "strictVersions">,
): PreparedSchema | Refusal {
  // Nearly every request is a valid new schema, and that answer is remembered for the registration.
  const strict = schemas.prepare(state, {
    ...source,
    validation: "strict",
    deletedReferences: false,
    strictVersions: false,
  });
  if (!isRefusal(strict)) return strict;
  return schemas.prepare(state, {
    ...source,
    validation: "stored",
    deletedReferences: true,
    strictVersions: false,
  });
}

/** Versions to compare with, newest first. */
function searched(subject: SubjectState, query: FindQuery): readonly VersionState[] {
  if (query.latestOnly) {
    const latest = latestVersion(subject);
    return latest === undefined ? [] : [latest];
  }
  return subject.versions.filter((version) => query.deleted || !version.deleted).reverse();
}

function findCandidate(
  world: World,
  subject: SubjectState,
  versions: readonly VersionState[],
  candidate: Candidate,
): VersionState | undefined {
  const content = subject.context.byGuid.get(guidOfCandidate(candidate));
  const exact = content && versions.find((version) => version.entry.content === content);
  return exact ?? versions.find((version) => looksUp(world, candidate, version));
}

/** Confluent's looser comparison: would a lookup of the candidate find this version? */
export function looksUp(
  world: World,
  { prepared, metadata, ruleSet }: Candidate,
  { entry: { content }, version }: VersionState,
): boolean {
  const inlined = prepared.references.length === 0 && content.references.length > 0;
  // Cheap things first: a subject may have thousands of versions, and parsing costs most.
  if (!inlined && prepared.text.length !== content.text.length) return false;
  if (!inlined && !sameStored(prepared.references, content.references)) return false;
  if (content.schemaType !== "AVRO" || !sameStored(ruleSet, content.ruleSet)) return false;
  if (!metadataFinds(metadata, content.metadata, version)) return false;
  if (!inlined && prepared.text === content.text) return true;
  if (!inlined && !world.schemas.mayEqual(prepared, content)) return false;
  return isSameSchema(world, prepared, content);
}

function isSameSchema(
  { state, schemas }: World,
  prepared: PreparedSchema,
  content: Content,
): boolean {
  try {
    return schemas.compared(schemas.parsed(state, content)) === schemas.compared(prepared.schema);
  } catch {
    // A stored schema that lost its references is not what was asked for.
    return false;
  }
}
