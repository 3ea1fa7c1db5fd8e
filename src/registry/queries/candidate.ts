/** Candidates: a request's schema, parsed as a new schema of its subject. */
import type {
  Config,
  Metadata,
  Mode,
  Refusal,
  RegisterSchemaRequest,
  RuleSet,
} from "../../api/index.ts";
import { isRefusal } from "../../api/index.ts";
import { guidOfIdentity } from "../../avro/index.ts";
import type { PreparedSchema, SchemaSource, World } from "../state/index.ts";
import { configInScope, normalReferences, splitSubject, takesIds } from "../state/index.ts";
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

/** Parses a draft as a new schema of its subject. */
export function candidateOf(
  world: World,
  command: SchemaRequest,
  draft: Draft,
  mode: Mode,
): Candidate | Refusal {
  return parsedCandidate(world, command, draft, sourceOf(world, command, draft, mode));
}

/** Parses a draft from a source that {@link sourceOf} made of it. */
export function parsedCandidate(
  world: World,
  command: SchemaRequest,
  draft: Draft,
  source: SchemaSource,
): Candidate | Refusal {
  const prepared = world.schemas.prepare(world.state, source);
  if (isRefusal(prepared)) {
    return invalidSchema(command.subject, command.body, String(prepared.params["detail"]));
  }
  return { prepared, metadata: draft.metadata, ruleSet: draft.ruleSet };
}

/** How the schema of a draft is to be parsed: by the settings, the config and the mode in force. */
export function sourceOf(
  world: World,
  { subject, normalize }: SchemaRequest,
  draft: Draft,
  mode: Mode,
): SchemaSource {
  const config = configInScope(world.state, subject, world.settings.level);
  const importing = takesIds(mode);
  const strict = config.validateNewSchemas ?? world.settings.validateNewSchemas;
  return {
    context: splitSubject(subject).context,
    text: draft.text,
    references: normalReferences(draft.references),
    // Old registries hold schemas that nobody could register again.
    validation: importing ? "stored" : strict ? "strict" : "lenient",
    normalize: !importing && normalizes(world, config, normalize),
    deletedReferences: importing || !strict,
    strictVersions: !importing && world.settings.referenceVersionsStrict,
  };
}

/** GUID of a candidate. */
export function guidOfCandidate({ prepared, metadata, ruleSet }: Candidate): string {
  const { text: schema, references } = prepared;
  return guidOfIdentity({ schema, references, metadata, ruleSet });
}

/** Whether the request or the config in force asks for normalised text. */
export function normalizes({ settings }: World, config: Config, asked: boolean): boolean {
  return asked || (config.normalize ?? settings.normalize);
}
