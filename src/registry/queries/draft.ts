/**
 * What a registration means after the subject's config and its previous version are applied.
 *
 * Invariants (Confluent's; nothing of it in IMPORT):
 * - An empty schema stands for the latest live version's text and references.
 * - Metadata and rules: default of the config ← the request's, else the previous version's ←
 *   override of the config.
 * - A request with a version, or metadata with `confluent:version`, gets that property set to the
 *   number of the new version.
 */
import type {
  Config,
  Metadata,
  Refusal,
  RegisterSchemaRequest,
  RuleSet,
  SchemaReference,
} from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import type { Scope, State, VersionState, World } from "../state/index.ts";
import {
  latestVersion,
  mergeMetadata,
  mergeRuleSets,
  nextVersion,
  normalMetadata,
  normalRuleSet,
  propertyOf,
  takesIds,
  VERSION_PROPERTY,
  withProperty,
} from "../state/index.ts";
import { changeTags } from "./tags.ts";
import { invalidSchema } from "./texts.ts";
import { chargeChars, chargeExtras } from "./within.ts";

/** A registration's text, references, metadata and rules before parsing. */
export interface Draft {
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
}

/** Whether a request adds or removes tags. */
export function changesTags(body: RegisterSchemaRequest): boolean {
  return Boolean(body.schemaTagsToAdd?.length || body.schemaTagsToRemove?.length);
}

/** Whether a request asks for tags, its own or those of the version before. */
export function hasTags(body: RegisterSchemaRequest): boolean {
  return changesTags(body) || Boolean(body.propagateSchemaTags);
}

/** Makes the draft of a registration. */
export function draftOf(world: World, scope: Scope, body: RegisterSchemaRequest): Draft | Refusal {
  const { subject, config, mode } = scope;
  const previous = latestVersion(world.state.subjects.get(subject));
  chargeTaken(world, body, previous);
  const importing = takesIds(mode);
  const start = startOf(body, importing ? undefined : previous);
  if (start.text.trim() === "") return refuse("INVALID_SCHEMA", { detail: "Empty schema" });
  if (importing) return start;
  const tagged = withTags(world, subject, body, previous, start);
  if (isRefusal(tagged)) return tagged;
  return withVersion(world.state, subject, body, withSettings(config, tagged, previous));
}

/** Charges what comes from the previous version: a small request may ask for much of it. */
function chargeTaken(
  world: World,
  { schema, propagateSchemaTags }: RegisterSchemaRequest,
  previous: VersionState | undefined,
): void {
  const content = previous?.entry.content;
  chargeExtras(world, content);
  const takesText = !schema?.trim() || propagateSchemaTags;
  if (takesText) chargeChars(world, content?.text.length ?? 0);
}

function startOf(body: RegisterSchemaRequest, previous: VersionState | undefined): Draft {
  const metadata = normalMetadata(body.metadata);
  const ruleSet = normalRuleSet(body.ruleSet);
  const text = body.schema ?? "";
  const content = previous?.entry.content;
  if (text.trim() === "" && content !== undefined) {
    return { text: content.text, references: content.references, metadata, ruleSet };
  }
  return { text, references: body.references ?? [], metadata, ruleSet };
}

/**
 * Metadata and rules as they are registered: the config's default, over it the given ones or else the
 * previous version's, over these the config's override.
 */
export function withSettings<T extends Pick<Draft, "metadata" | "ruleSet">>(
  config: Config,
  given: T,
  previous: VersionState | undefined,
): T {
  const before = previous?.entry.content;
  const metadata = mergeMetadata(
    mergeMetadata(normalMetadata(config.defaultMetadata), given.metadata ?? before?.metadata),
    normalMetadata(config.overrideMetadata),
  );
  const ruleSet = mergeRuleSets(
    mergeRuleSets(normalRuleSet(config.defaultRuleSet), given.ruleSet ?? before?.ruleSet),
    normalRuleSet(config.overrideRuleSet),
  );
  return { ...given, metadata, ruleSet };
}

function withVersion(
  state: State,
  subject: string,
  body: RegisterSchemaRequest,
  draft: Draft,
): Draft {
  if (!body.version && propertyOf(draft.metadata, VERSION_PROPERTY) === undefined) return draft;
  const next = String(nextVersion(state.subjects.get(subject)));
  return { ...draft, metadata: withProperty(draft.metadata, VERSION_PROPERTY, next) };
}

function withTags(
  world: World,
  subject: string,
  body: RegisterSchemaRequest,
  previous: VersionState | undefined,
  draft: Draft,
): Draft | Refusal {
  if (!hasTags(body)) return draft;
  const text = changeTags(world, {
    text: draft.text,
    add: body.schemaTagsToAdd ?? [],
    remove: body.schemaTagsToRemove ?? [],
    inheritFrom: body.propagateSchemaTags ? previous?.entry.content : undefined,
  });
  return isRefusal(text)
    ? invalidSchema(subject, body, String(text.params["detail"]))
    : { ...draft, text };
}
