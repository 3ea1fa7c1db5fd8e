/**
 * How state is answered: versions and contents as the entities of the HTTP API.
 *
 * Invariants:
 * - Empty members are left out.
 * - An answer by id or GUID without a subject holds only what never changes, so it can be cached for
 *   ever; `ts` and `deleted` belong to a version.
 */
import type {
  RegisterSchemaResponse,
  SchemaEntity,
  SchemaReference,
  SchemaString,
  SchemaTags,
} from "../../api/index.ts";
import { DEFAULT_CONTEXT, qualifiedForm } from "../../confluent/index.ts";
import type { Content, State, VersionState, World } from "../state/index.ts";
import { versionKey } from "../state/index.ts";
import { findTags } from "./tags.ts";

/** In which form a schema is asked for. */
export interface FormatQuery {
  /** `""`, `"default"`, `"resolved"`, `"original"`; unknown values are ignored. */
  readonly format?: string;
  readonly referenceFormat?: string;
  readonly findTags?: readonly string[];
}

/** A version as its subject's entity. */
export function versionEntity(
  world: World,
  version: VersionState,
  query: FormatQuery = {},
): SchemaEntity {
  const { entry, subject } = version;
  return {
    subject: subject.name,
    version: version.version,
    id: entry.id,
    ...contentMembers(world, entry.content, query, version),
    ts: version.ts,
    deleted: version.deleted,
  };
}

/** The answer to a registration that wrote nothing. */
export function registeredEntity(
  world: World,
  version: VersionState,
  format?: string,
): RegisterSchemaResponse {
  const { entry } = version;
  const { content } = entry;
  return {
    id: entry.id,
    version: version.version,
    guid: content.guid,
    schemaType: content.schemaType,
    ...(content.references.length > 0 && { references: content.references }),
    ...(content.metadata && { metadata: content.metadata }),
    ...(content.ruleSet && { ruleSet: content.ruleSet }),
    schema: formattedText(world, content, format, version),
    ts: version.ts,
    deleted: false,
  };
}

/** A content without a subject: what never changes. */
export function contentEntity(
  world: World,
  content: Content,
  query: FormatQuery = {},
): SchemaString {
  return contentMembers(world, content, query, undefined);
}

function contentMembers(
  world: World,
  content: Content,
  query: FormatQuery,
  version: VersionState | undefined,
) {
  const references = referencesIn(content, query.referenceFormat);
  const schemaTags = tagsIn(world, content, query.findTags);
  return {
    guid: content.guid,
    schemaType: content.schemaType,
    ...(references.length > 0 && { references }),
    ...(content.metadata && { metadata: content.metadata }),
    ...(content.ruleSet && { ruleSet: content.ruleSet }),
    schema: formattedText(world, content, query.format, version),
    ...(schemaTags.length > 0 && { schemaTags }),
  };
}

function referencesIn(content: Content, format: string | undefined): readonly SchemaReference[] {
  const { name } = content.context;
  if (format !== "qualified" || name === DEFAULT_CONTEXT) return content.references;
  return content.references.map((reference) => ({
    ...reference,
    subject: qualifiedForm(name, reference.subject),
  }));
}

/** The text in a format; an unknown format is the stored text. */
export function formattedText(
  world: World,
  content: Content,
  format: string | undefined,
  version: VersionState | undefined,
): string {
  if (format === "original") return originalText(world.state, content, version);
  if (format !== "resolved" || content.references.length === 0) return content.text;
  try {
    return world.schemas.resolvedText(world.state, content);
  } catch {
    // A schema that was taken over and does not parse here is still readable as stored.
    return content.text;
  }
}

function originalText(state: State, content: Content, version: VersionState | undefined): string {
  const use = version ?? content.ids[0]?.uses[0];
  if (use === undefined) return content.text;
  return state.originals.get(versionKey(use.subject.name, use.version)) ?? content.text;
}

function tagsIn(
  world: World,
  content: Content,
  wanted: readonly string[] | undefined,
): readonly SchemaTags[] {
  if (wanted === undefined || wanted.length === 0) return [];
  return findTags(world, content, wanted);
}
