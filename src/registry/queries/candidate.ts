/** Candidates: a request's schema, parsed as a new schema of its subject. */
import type { Metadata, Refusal, RegisterSchemaRequest, RuleSet } from "../../api/index.ts";
import { isRefusal } from "../../api/index.ts";
import { guidOfIdentity, splitSubject } from "../../confluent/index.ts";
import type { PreparedSchema, SchemaSource, Scope, World } from "../state/index.ts";
import { normalReferences, takesIds } from "../state/index.ts";
import type { Draft } from "./draft.ts";
import { invalidSchema } from "./texts.ts";

/** A request's schema and the subject that it is meant for. */
export interface SchemaRequest {
  /** The registry's spelling, alias resolved. */
  readonly subject: string;
  readonly body: RegisterSchemaRequest;
  readonly normalize: boolean;
}

/** A schema as it would be stored: prepared text, metadata and rules. */
export interface Candidate {
  readonly prepared: PreparedSchema;
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
}

/** Parses a draft as a new schema of the scope's subject. */
export function candidateOf(
  world: World,
  scope: Scope,
  request: SchemaRequest,
  draft: Draft,
): Candidate | Refusal {
  return parsedCandidate(world, request, draft, sourceOf(world, scope, request, draft));
}

/** Parses a draft from a source that {@link sourceOf} made of it. */
export function parsedCandidate(
  world: World,
  request: SchemaRequest,
  draft: Draft,
  source: SchemaSource,
): Candidate | Refusal {
  const prepared = world.schemas.prepare(world.state, source);
  if (isRefusal(prepared)) {
    return invalidSchema(request.subject, request.body, String(prepared.params["detail"]));
  }
  return { prepared, metadata: draft.metadata, ruleSet: draft.ruleSet };
}

/** How the schema of a draft is to be parsed: by the settings and what is in force. */
export function sourceOf(
  { settings }: World,
  { subject, mode, normalizes, validatesSchemas }: Scope,
  { normalize }: SchemaRequest,
  draft: Draft,
): SchemaSource {
  const importing = takesIds(mode);
  return {
    context: splitSubject(subject).context,
    text: draft.text,
    references: normalReferences(draft.references),
    // Old registries hold schemas that nobody could register again.
    validation: importing ? "stored" : validatesSchemas ? "strict" : "lenient",
    normalize: !importing && (normalize || normalizes),
    deletedReferences: importing || !validatesSchemas,
    strictVersions: !importing && settings.referenceVersionsStrict,
  };
}

/** GUID of a candidate. */
export function guidOfCandidate({ prepared, metadata, ruleSet }: Candidate): string {
  const { text: schema, references } = prepared;
  return guidOfIdentity({ schema, references, metadata, ruleSet });
}
