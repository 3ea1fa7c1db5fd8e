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
  Mode,
  Refusal,
  RegisterSchemaRequest,
  RegisterSchemaResponse,
} from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import type { Candidate } from "../queries/index.ts";
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
  normalizes,
  notAvro,
  parsedCandidate,
  registeredEntity,
  sourceOf,
} from "../queries/index.ts";
import type {
  ContextState,
  IdEntry,
  LogRecord,
  PreparedSchema,
  State,
  SubjectState,
  VersionState,
  World,
} from "../state/index.ts";
import {
  asLevel,
  configInScope,
  contextRecord,
  DEFAULT_CONTEXT,
  findVersion,
  isInt32,
  isReadOnly,
  isValidSubject,
  latestVersion,
  liveVersions,
  modeInScope,
  NUMBER_MAX,
  nextVersion,
  originalRecord,
  referrersOf,
  schemaRecord,
  splitSubject,
  takesIds,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import { removalRecords } from "./removal.ts";
import { ruleSetRefusal } from "./rule-set.ts";
import { contextText, notPermitted } from "./texts.ts";

/** What to register, where, when. */
export interface RegisterCommand {
  /** The registry's spelling, alias resolved. */
  readonly subject: string;
  readonly body: RegisterSchemaRequest;
  readonly normalize: boolean;
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

/** The answer for a schema that needs no write, if that is certain without any further check. */
export function findRegistered(
  world: World,
  { subject, body, normalize }: RegisterCommand,
): VersionState | undefined {
  // Nothing is parsed that cannot be found: a first version is parsed once, when it is decided on, and
  // its model is garbage before the collector has moved it anywhere.
  if (!world.state.subjects.has(subject)) return undefined;
  const config = configInScope(world.state, subject, world.settings.level);
  if (addsMetadata(config) || hasTags(body) || !body.schema) return undefined;
  const found = findUnder(world, {
    subject,
    body,
    normalize: normalizes(world, config, normalize),
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

/** Decides a registration. */
export function decideRegister(
  world: World,
  request: RegisterCommand,
): Outcome<RegisterSchemaResponse> {
  const command = { ...request, body: withVersion(request.body) };
  const refusal = checkRequest(world, command);
  if (refusal !== undefined) return unchanged(refusal);
  const registered = command.exact ? undefined : findRegistered(world, command);
  if (registered !== undefined) {
    return unchanged(registeredEntity(world, registered, command.format));
  }
  const mode = modeInScope(world.state, command.subject);
  const forbidden = checkMode(command, mode);
  if (forbidden !== undefined) return unchanged(forbidden);
  chargeVersions(world, world.state.subjects.get(command.subject)?.versions.length ?? 0);
  const draft = draftOf(world, command, takesIds(mode));
  if (isRefusal(draft)) return unchanged(draft);
  const source = sourceOf(world, command, draft, mode);
  const candidate = parsedCandidate(world, command, draft, source);
  if (isRefusal(candidate)) return unchanged(candidate);
  const outcome = placeCandidate(world, command, candidate, mode);
  if (outcome.records.length > 0) world.schemas.forget(source);
  return outcome;
}

/** Who changes tags wants a new version, with its number in the metadata. */
function withVersion(body: RegisterSchemaRequest): RegisterSchemaRequest {
  return changesTags(body) ? { ...body, version: body.version ?? -1 } : body;
}

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

function checkMode({ subject, body }: RegisterCommand, mode: Mode): Refusal | undefined {
  if (isReadOnly(mode)) return notPermitted(subject, "read-only");
  if ((body.id ?? 0) > 0) return takesIds(mode) ? undefined : notPermitted(subject, "import", true);
  return mode === "READWRITE" ? undefined : notPermitted(subject, "read-write", true);
}

/** Everything after parsing: is it there, may it come, under which version and id. */
function placeCandidate(
  world: World,
  command: RegisterCommand,
  candidate: Candidate,
  mode: Mode,
): Outcome<RegisterSchemaResponse> {
  const { state } = world;
  const { subject: name, body } = command;
  const subject = state.subjects.get(name);
  const context = state.contexts.get(splitSubject(name).context);
  const guid = guidOfCandidate(candidate);
  const content = context?.byGuid.get(guid);
  const wanted = (body.id ?? 0) > 0 ? body.id : undefined;
  const id = wanted ?? content?.ids[0]?.id;
  if (!body.version) {
    const live = liveVersions(subject).filter((one) => !wanted || wanted === one.entry.id);
    const there =
      live.find(({ entry }) => entry.content === content) ??
      live.find((one) => (!id || id === one.entry.id) && looksUp(world, candidate, one));
    if (there !== undefined) {
      return unchanged(registeredEntity(world, there, command.format));
    }
  }
  const importing = takesIds(mode);
  const refusal =
    (importing || command.force ? undefined : checkHistory(world, command, candidate)) ??
    checkVersion(state, command, importing) ??
    checkId(context?.byId.get(wanted ?? 0), name, guid);
  if (refusal !== undefined) return unchanged(refusal);
  const place = placeOf(command, id, subject, context);
  if (isRefusal(place)) return unchanged(place);
  return write(world, command, candidate, { ...place, guid });
}

/** The id and the version of a new schema; a refusal when the numbers are used up. */
function placeOf(
  { subject: name, body }: RegisterCommand,
  known: number | undefined,
  subject: SubjectState | undefined,
  context: ContextState | undefined,
): Omit<Place, "guid"> | Refusal {
  const explicit = body.version && body.version > 0 ? body.version : undefined;
  const id = known ?? (context?.maxId ?? 0) + 1;
  const version = explicit ?? nextVersion(subject);
  if (id > NUMBER_MAX) return refuse("NO_ID_LEFT", { context: splitSubject(name).context });
  if (version > NUMBER_MAX) return refuse("NO_VERSION_LEFT", { subject: name });
  return { id, version };
}

function checkHistory(
  world: World,
  { subject }: RegisterCommand,
  candidate: Candidate,
): Refusal | undefined {
  const config = configInScope(world.state, subject, world.settings.level);
  const level = asLevel(config.compatibilityLevel) ?? world.settings.level;
  const versions = liveVersions(world.state.subjects.get(subject));
  const result = checkAgainst(world, config, level, candidate, versions);
  if (result.isCompatible) return undefined;
  return refuse("INCOMPATIBLE_SCHEMA", { subject, details: result.messages.join(", ") });
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

interface Place {
  readonly id: number;
  readonly version: number;
  readonly guid: string;
}

function write(
  world: World,
  command: RegisterCommand,
  { prepared, metadata, ruleSet }: Candidate,
  { id, version, guid }: Place,
): Outcome<RegisterSchemaResponse> {
  const { subject, now } = command;
  const { state } = world;
  const content = {
    schemaType: "AVRO",
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
    schema: prepared.text,
    deleted: false,
    ts: now,
  };
  const { references } = prepared;
  const record = schemaRecord({ subject, version, id, references, ...content });
  const { recordBytesMax } = world.settings;
  if (isLonger(record.value, recordBytesMax)) return unchanged(tooLarge());
  const original = keptOriginal(world, command, { version, text: prepared.text });
  return {
    records: [
      ...newContext(state, subject),
      ...replacedRecords(state, subject, version, id),
      record,
      ...(original === undefined ? [] : [original]),
      ...purgedRecords(state, subject, version, id),
    ],
    result: {
      id,
      version,
      guid,
      ...(references.length > 0 && { references }),
      ...content,
      schema: writtenText(world, command, prepared, original !== undefined),
    },
  };
}

/** The text as it is answered: what reads of the new version will answer in this format. */
function writtenText(
  { schemas }: World,
  { body, format }: RegisterCommand,
  { schema, text, references }: PreparedSchema,
  hasOriginal: boolean,
): string {
  if (format === "original") return (hasOriginal && body.schema) || text;
  return format === "resolved" && references.length > 0 ? schemas.inlined(schema) : text;
}

/** The text as it was sent, if that is another one than is stored. */
function originalOf({ schema }: RegisterSchemaRequest, text: string): string | undefined {
  return schema?.trim() && schema !== text ? schema : undefined;
}

/** The record of the text as it was sent; a text too long for one is not kept. */
function keptOriginal(
  { settings }: World,
  { subject, body }: RegisterCommand,
  { version, text }: { readonly version: number; readonly text: string },
): LogRecord | undefined {
  const original = originalOf(body, text);
  const record = original === undefined ? undefined : originalRecord(subject, version, original);
  return isLonger(record?.value, settings.recordBytesMax) ? undefined : record;
}

/** Whether a text is longer than so many UTF-8 bytes. A UTF-16 unit is three bytes at most. */
function isLonger(text: string | null | undefined, bytesMax: number): boolean {
  return text ? text.length * 3 > bytesMax && utf8Length(text) > bytesMax : false;
}

/** UTF-8 length of a text, without encoding it. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes, so each half counts two.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

function tooLarge(): Refusal {
  return refuse("SCHEMA_TOO_LARGE", { detail: "Write failed because schema is too large" });
}

function newContext(state: State, subject: string): LogRecord[] {
  const { context } = splitSubject(subject);
  if (context === DEFAULT_CONTEXT || state.contexts.get(context)?.declared) return [];
  return [contextRecord(context)];
}

/** Only an import can name a version that is there: its id must stay known as used. */
function replacedRecords(state: State, subject: string, version: number, id: number): LogRecord[] {
  const replaced = findVersion(state.subjects.get(subject), version);
  if (replaced === undefined || replaced.entry.id === id) return [];
  return removalRecords(state, [replaced]);
}

/** Soft-deleted versions of this content give way to the new one, unless something refers to them. */
function purgedRecords(state: State, subject: string, version: number, id: number): LogRecord[] {
  const twins = (state.subjects.get(subject)?.versions ?? []).filter(
    (twin) =>
      twin.deleted &&
      twin.entry.id === id &&
      twin.version !== version &&
      referrersOf(state, twin).length === 0,
  );
  return twins.length === 0 ? [] : removalRecords(state, twins, twins[0]?.entry);
}
