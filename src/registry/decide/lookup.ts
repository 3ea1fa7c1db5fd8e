/**
 * Finds out whether a schema is registered already, and where.
 *
 * Invariants (registry-http 2.5):
 * - First the identity hash, then the looser comparison (references inlined, or equal but for -1,
 *   `confluent:version` disregarded), newest version first, then both again with the metadata and
 *   rules of the latest version merged in.
 * - Names and defaults are not validated here: what is stored must be found.
 * - A request that says a stored text word for word is found by it, without being parsed or hashed:
 *   the canonical text of a canonical text is itself.
 */
import type { Metadata, Refusal, RegisterSchemaRequest, RuleSet } from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import { guidOfIdentity } from "../../avro/index.ts";
import {
  mergeMetadata,
  mergeRuleSets,
  normalMetadata,
  normalReferences,
  normalRuleSet,
  sameStored,
  withoutVersionProperty,
} from "../content.ts";
import type { Rules } from "../rules.ts";
import type { PreparedSchema } from "../schemas.ts";
import { configInScope } from "../scope.ts";
import type { State, SubjectState, VersionState } from "../state.ts";
import { contextNames, latestVersion } from "../state.ts";
import { DEFAULT_CONTEXT, isQualified, qualifySubject, splitSubject } from "../subjects.ts";
import { invalidSchema, isAvro, notAvro } from "./texts.ts";

/** A schema as it would be stored: prepared text, metadata and rules. */
export interface Candidate {
  readonly prepared: PreparedSchema;
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
}

/** What to look for, and where. */
export interface LookupCommand {
  /** The registry's spelling, alias resolved. */
  readonly subject: string;
  readonly body: RegisterSchemaRequest;
  readonly normalize: boolean;
  /** Whether soft-deleted versions count. */
  readonly deleted: boolean;
}

/** Finds the version that a request's schema is, in the subject or, unqualified, in any context. */
export function lookup(state: State, rules: Rules, command: LookupCommand): VersionState | Refusal {
  const found = lookupUnder(state, rules, command);
  if (found !== undefined) return found;
  if (!isQualified(command.subject)) {
    const elsewhere = lookupElsewhere(state, rules, command);
    if (elsewhere !== undefined) return elsewhere;
  }
  const subject = state.subjects.get(command.subject);
  if (subject === undefined || (subject.live === 0 && !command.deleted)) {
    return refuse("SUBJECT_NOT_FOUND", { subject: command.subject });
  }
  return refuse("SCHEMA_NOT_FOUND");
}

function lookupElsewhere(
  state: State,
  rules: Rules,
  command: LookupCommand,
): VersionState | undefined {
  for (const context of contextNames(state).sort()) {
    if (context === DEFAULT_CONTEXT) continue;
    const subject = qualifySubject(context, command.subject);
    if (!state.subjects.has(subject)) continue;
    const found = lookupUnder(state, rules, { ...command, subject });
    if (found !== undefined && !isRefusal(found)) return found;
  }
  return undefined;
}

/** Finds the version under one subject; `undefined` when it is not there. */
export function lookupUnder(
  state: State,
  rules: Rules,
  command: LookupCommand,
): VersionState | Refusal | undefined {
  if (!isAvro(command.body)) return notAvro(command.subject, command.body);
  const subject = state.subjects.get(command.subject);
  const normalize = normalizes(state, rules, command);
  const same = subject && !normalize ? findByStoredText(subject, command) : undefined;
  if (same !== undefined) return same;
  const prepared = prepareLookup(state, rules, command, normalize);
  if (isRefusal(prepared)) {
    return invalidSchema(command.subject, command.body, String(prepared.params["detail"]));
  }
  if (subject === undefined) return undefined;
  const candidate: Candidate = {
    prepared,
    metadata: normalMetadata(command.body.metadata),
    ruleSet: normalRuleSet(command.body.ruleSet),
  };
  const versions = searched(subject, command);
  const found = findCandidate(state, rules, subject, versions, candidate);
  if (found !== undefined) return found;
  const merged = withLatest(subject, candidate);
  return merged && findCandidate(state, rules, subject, versions, merged);
}

function normalizes(state: State, { settings }: Rules, command: LookupCommand): boolean {
  if (command.normalize) return true;
  return configInScope(state, command.subject, settings.level).normalize ?? settings.normalize;
}

/** The newest version with exactly the request's text, where text is all that both of them have. */
function findByStoredText(subject: SubjectState, command: LookupCommand): VersionState | undefined {
  const { schema, references, metadata, ruleSet } = command.body;
  if (!schema || references?.length || metadata || ruleSet) return undefined;
  const latest = command.body.version === -1 ? latestVersion(subject) : undefined;
  return subject.versions.findLast((version) => {
    const { content } = version.entry;
    if (content.text !== schema || content.schemaType !== "AVRO") return false;
    if (content.references.length > 0 || content.metadata || content.ruleSet) return false;
    if (command.body.version === -1) return version === latest;
    return command.deleted || !version.deleted;
  });
}

function prepareLookup(
  state: State,
  { schemas }: Rules,
  { subject, body }: LookupCommand,
  normalize: boolean,
): PreparedSchema | Refusal {
  if (!body.schema?.trim()) return refuse("INVALID_SCHEMA", { detail: "Empty schema" });
  const source = {
    context: splitSubject(subject).context,
    text: body.schema,
    references: normalReferences(body.references),
    normalize,
  };
  // Nearly every request is a valid new schema, and that answer is remembered for the registration.
  const strict = schemas.prepare(state, {
    ...source,
    validation: "strict",
    deletedReferences: false,
  });
  if (!isRefusal(strict)) return strict;
  return schemas.prepare(state, { ...source, validation: "stored", deletedReferences: true });
}

/** Versions to compare with, newest first; -1 in the request means the latest only. */
function searched(subject: SubjectState, command: LookupCommand): readonly VersionState[] {
  if (command.body.version === -1) {
    const latest = latestVersion(subject);
    return latest === undefined ? [] : [latest];
  }
  return subject.versions.filter((version) => command.deleted || !version.deleted).reverse();
}

function withLatest(subject: SubjectState, candidate: Candidate): Candidate | undefined {
  const content = latestVersion(subject)?.entry.content;
  if (content === undefined || (!content.metadata && !content.ruleSet)) return undefined;
  return {
    prepared: candidate.prepared,
    metadata: mergeMetadata(content.metadata, candidate.metadata),
    ruleSet: mergeRuleSets(content.ruleSet, candidate.ruleSet),
  };
}

function findCandidate(
  state: State,
  rules: Rules,
  subject: SubjectState,
  versions: readonly VersionState[],
  candidate: Candidate,
): VersionState | undefined {
  const content = subject.context.byGuid.get(guidOfCandidate(candidate));
  const exact = content && versions.find((version) => version.entry.content === content);
  return exact ?? versions.find((version) => looksUp(state, rules, candidate, version));
}

/** GUID of a candidate. */
export function guidOfCandidate({ prepared, metadata, ruleSet }: Candidate): string {
  const { text: schema, references } = prepared;
  return guidOfIdentity({ schema, references, metadata, ruleSet });
}

/** Confluent's looser comparison: would a lookup of the candidate find this version? */
export function looksUp(
  state: State,
  rules: Rules,
  candidate: Candidate,
  { entry }: VersionState,
): boolean {
  const { content } = entry;
  const { prepared } = candidate;
  const inlined = prepared.references.length === 0 && content.references.length > 0;
  // Texts first: they differ nearly always, and a subject may have thousands of versions.
  if (!inlined && prepared.text !== content.text) return false;
  if (!inlined && !sameStored(prepared.references, content.references)) return false;
  if (!sameStored(candidate.ruleSet, content.ruleSet)) return false;
  if (
    !sameStored(
      withoutVersionProperty(candidate.metadata),
      withoutVersionProperty(content.metadata),
    )
  ) {
    return false;
  }
  return !inlined || sameInlined(state, rules, prepared, entry.content);
}

function sameInlined(
  state: State,
  rules: Rules,
  prepared: PreparedSchema,
  content: VersionState["entry"]["content"],
): boolean {
  try {
    return rules.schemas.resolvedText(state, content) === rules.schemas.inlined(prepared.schema);
  } catch {
    // A stored schema of another type, or one that lost its references, is not what was asked for.
    return false;
  }
}
