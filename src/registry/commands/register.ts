/**
 * Register a schema under a subject.
 *
 * Invariants (Confluent's):
 * - What is registered already is answered with its id and version; nothing is written.
 * - The order of checks: precondition, what is there already, mode, parsing, hash, looser
 *   comparison, compatibility, version, id.
 * - One decision writes the schema, its original text, the context, the purge of soft-deleted twins
 *   and the high-water mark together, or nothing.
 */
import type {
  Config,
  Refusal,
  RegisterSchemaRequest,
  RegisterSchemaResponse,
} from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import { isValidSubject, splitSubject } from "../../confluent/index.ts";
import type { Candidate, SchemaRequest } from "../queries/index.ts";
import {
  changesTags,
  chargeVersions,
  checkAgainst,
  draftOf,
  findUnder,
  guidOfCandidate,
  hasTags,
  ifMatchRefusal,
  isAvro,
  looksUp,
  notAvro,
  parsedCandidate,
  registeredEntity,
  sourceOf,
} from "../queries/index.ts";
import type {
  Content,
  ContextState,
  IdEntry,
  SchemaSource,
  Scope,
  State,
  VersionState,
  World,
} from "../state/index.ts";
import {
  findVersion,
  isInt32,
  isReadOnly,
  latestVersion,
  liveVersions,
  NUMBER_MAX,
  nextVersion,
  referrersOf,
  scopeOf,
  takesIds,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import type { Place } from "./register-records.ts";
import { newVersion } from "./register-records.ts";
import { ruleSetRefusal } from "./rule-set.ts";
import { contextText, notPermitted } from "./texts.ts";

/** What to register, where, when. */
export interface RegisterCommand extends SchemaRequest {
  /** Skips the compatibility check. */
  readonly force: boolean;
  /** Value of the `If-Match` header. */
  readonly ifMatch: string | undefined;
  /** Takes metadata and rules as they are given: not checked, no look for a version with others. */
  readonly exact?: boolean;
  /** Format of the answer's text. */
  readonly format?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Decides a registration: checks the request, finds the same schema, drafts, checks compatibility,
 * chooses version and id, and makes the records.
 */
export function decideRegister(
  world: World,
  request: RegisterCommand,
  scope: Scope = scopeOf(world, request.subject),
): Outcome<RegisterSchemaResponse> {
  const command = { ...request, body: withVersion(request.body) };
  const refusal = checkRequest(world, command);
  if (refusal !== undefined) return unchanged(refusal);
  const answer = (version: VersionState) =>
    unchanged(registeredEntity(world, version, command.format));
  const same = command.exact ? undefined : findSame(world, scope, command);
  if (same !== undefined) return answer(same);
  const forbidden = checkMode(scope, command);
  if (forbidden !== undefined) return unchanged(forbidden);
  const drafted = draft(world, scope, command);
  if (isRefusal(drafted)) return unchanged(drafted);
  const { source, candidate } = drafted;
  const known = findKnown(world.state, command, candidate);
  const there = findSameLive(world, command, candidate, known);
  if (there !== undefined) return answer(there);
  const incompatible = checkCompatibility(world, scope, command, candidate);
  if (incompatible !== undefined) return unchanged(incompatible);
  const place = choosePlace(world.state, scope, command, known);
  if (isRefusal(place)) return unchanged(place);
  const outcome = newVersion(world, command, candidate, place);
  if (outcome.records.length > 0) world.schemas.forget(source);
  return outcome;
}

/** Who changes tags wants a new version, with its number in the metadata. */
function withVersion(body: RegisterSchemaRequest): RegisterSchemaRequest {
  return changesTags(body) ? { ...body, version: body.version ?? -1 } : body;
}

/** Checks the request: what can be said before looking for the schema. */
function checkRequest(world: World, command: RegisterCommand): Refusal | undefined {
  const { subject, body, ifMatch } = command;
  const illegal = command.exact ? undefined : ruleSetRefusal(body.ruleSet);
  if (illegal !== undefined) return illegal;
  if (!isValidSubject(subject, world.settings.rejectEmptySubject)) {
    return refuse("INVALID_SUBJECT", { subject });
  }
  for (const name of ["id", "version"] as const) {
    const number = body[name] ?? 0;
    if (isInt32(number)) continue;
    const detail = `The ${name} ${number} is not an integer from ${-NUMBER_MAX - 1} to ${NUMBER_MAX}`;
    return refuse("INVALID_SCHEMA", { detail });
  }
  // An empty schema stands for the latest version's, of whatever type that is.
  if (body.schema?.trim() && !isAvro(body)) return notAvro(body);
  return ifMatchRefusal(ifMatch, subject, latestVersion(world.state.subjects.get(subject)));
}

/** The version that a request asks for, if it is certain without any further check. */
export function findRegistered(world: World, command: RegisterCommand): VersionState | undefined {
  return findSame(world, scopeOf(world, command.subject), command);
}

/** Finds the same schema: a version that needs no write, as far as the request alone tells. */
function findSame(
  world: World,
  scope: Scope,
  { subject, body, normalize }: RegisterCommand,
): VersionState | undefined {
  // Nothing is parsed that cannot be found: a first version is parsed once, when it is decided on, and
  // its model is garbage before the collector has moved it anywhere.
  if (!world.state.subjects.has(subject)) return undefined;
  if (addsMetadata(scope.config) || hasTags(body) || !body.schema) return undefined;
  const found = findUnder(world, scope, {
    body,
    normalize: normalize || scope.normalizes,
    deleted: false,
    latestOnly: body.version === -1,
  });
  if (found === undefined || isRefusal(found)) return undefined;
  return named(found, body);
}

/** The version that was found if the request may mean it, or the named one of the same schema. */
function named(found: VersionState, { id, version }: RegisterSchemaRequest) {
  const { entry, subject } = found;
  if (!version || version === -1) return !id || id < 0 || id === entry.id ? found : undefined;
  // A number that is taken is an answer only to an import, which says the id as well.
  const other = id === entry.id ? findVersion(subject, version) : undefined;
  return other?.entry === entry && !other.deleted ? other : undefined;
}

function addsMetadata(config: Config): boolean {
  return Boolean(
    config.defaultMetadata ??
      config.overrideMetadata ??
      config.defaultRuleSet ??
      config.overrideRuleSet,
  );
}

/** Whether the mode in force allows the registration. */
function checkMode({ mode }: Scope, { subject, body }: RegisterCommand): Refusal | undefined {
  if (isReadOnly(mode)) return notPermitted(subject, "read-only");
  if ((body.id ?? 0) > 0) return takesIds(mode) ? undefined : notPermitted(subject, "import", true);
  return mode === "READWRITE" ? undefined : notPermitted(subject, "read-write", true);
}

/** A schema as it would be stored, and what it was parsed from. */
interface Drafted {
  readonly source: SchemaSource;
  readonly candidate: Candidate;
}

/** Drafts: the request with what the config and the latest version add to it, parsed. */
function draft(world: World, scope: Scope, command: RegisterCommand): Drafted | Refusal {
  chargeVersions(world, world.state.subjects.get(scope.subject)?.versions.length ?? 0);
  const text = draftOf(world, scope, command.body);
  if (isRefusal(text)) return text;
  const source = sourceOf(world, scope, command, text);
  const candidate = parsedCandidate(world, command, text, source);
  return isRefusal(candidate) ? candidate : { source, candidate };
}

/** What a context knows of a candidate and of the id that is asked for. */
interface Known {
  readonly context: ContextState | undefined;
  readonly guid: string;
  readonly content: Content | undefined;
  /** The id that an import names. */
  readonly wanted: number | undefined;
  /** The id that the candidate gets or has, unless it is a new one. */
  readonly id: number | undefined;
}

function findKnown(state: State, { subject, body }: RegisterCommand, candidate: Candidate): Known {
  const context = state.contexts.get(splitSubject(subject).context);
  const guid = guidOfCandidate(candidate);
  const content = context?.byGuid.get(guid);
  const wanted = body.id && body.id > 0 ? body.id : undefined;
  return { context, guid, content, wanted, id: wanted ?? content?.ids[0]?.id };
}

/** Finds the same schema among the live versions, now that the candidate is known. */
function findSameLive(
  world: World,
  { subject, body }: RegisterCommand,
  candidate: Candidate,
  { content, wanted, id }: Known,
): VersionState | undefined {
  if (body.version) return undefined;
  const all = liveVersions(world.state.subjects.get(subject));
  const live = all.filter((one) => !wanted || wanted === one.entry.id);
  return (
    live.find(({ entry }) => entry.content === content) ??
    live.find((one) => (!id || id === one.entry.id) && looksUp(world, candidate, one))
  );
}

/** Checks compatibility with the live versions; imports and `force` do without. */
function checkCompatibility(
  world: World,
  scope: Scope,
  { subject, force }: RegisterCommand,
  candidate: Candidate,
): Refusal | undefined {
  if (takesIds(scope.mode) || force) return undefined;
  const versions = liveVersions(world.state.subjects.get(subject));
  const result = checkAgainst(world, scope, candidate, versions);
  if (result.isCompatible) return undefined;
  return refuse("INCOMPATIBLE_SCHEMA", { subject, details: result.messages.join(", ") });
}

/** Chooses version and id; a refusal when they may not be taken, or are used up. */
function choosePlace(
  state: State,
  { mode }: Scope,
  command: RegisterCommand,
  { context, guid, wanted, id: known }: Known,
): Place | Refusal {
  const { subject: name, body } = command;
  const refusal =
    checkVersion(state, command, takesIds(mode)) ??
    checkId(context?.byId.get(wanted ?? 0), name, guid);
  if (refusal !== undefined) return refusal;
  const explicit = body.version && body.version > 0 ? body.version : undefined;
  const id = known ?? (context?.maxId ?? 0) + 1;
  const version = explicit ?? nextVersion(state.subjects.get(name));
  if (id > NUMBER_MAX) return refuse("NO_ID_LEFT", { context: splitSubject(name).context });
  if (version > NUMBER_MAX) return refuse("NO_VERSION_LEFT", { subject: name });
  return { id, version, guid };
}

function checkVersion(
  state: State,
  { subject, body }: RegisterCommand,
  importing: boolean,
): Refusal | undefined {
  if (!body.version || body.version < 0) return undefined;
  const replaced = findVersion(state.subjects.get(subject), body.version);
  if (!importing) {
    const next = nextVersion(state.subjects.get(subject));
    if (body.version === next) return undefined;
    const detail = "Version is not one more than previous version";
    return refuse("INVALID_SCHEMA", { detail });
  }
  if (replaced === undefined || referrersOf(state, replaced).length === 0) return undefined;
  return refuse("REFERENCE_EXISTS", { subject, version: body.version });
}

function checkId(holder: IdEntry | undefined, subject: string, guid: string): Refusal | undefined {
  if (holder === undefined || holder.content.guid === guid) return undefined;
  const context = contextText(subject);
  return refuse("OPERATION_NOT_PERMITTED", {
    detail: `Overwrite new schema with id ${holder.id} in context ${context} is not permitted.`,
  });
}
