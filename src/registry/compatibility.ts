/**
 * Compatibility of a new schema with the versions of a subject.
 *
 * Invariants (registry-http 2.6):
 * - Only live versions take part, newest first; with a `compatibilityGroup`, only those whose
 *   property has the new schema's value (both absent counts as equal).
 * - A version of another schema type is incompatible and says so.
 */
import type { CompatibilityLevel, Config } from "../api/index.ts";
import type { CompatibilityFailure, EarlierVersion } from "../avro/index.ts";
import { checkCompatibility } from "../avro/index.ts";
import { propertyOf } from "./content.ts";
import type { Candidate } from "./decide/lookup.ts";
import { reservedFieldMessages } from "./reserved-fields.ts";
import type { Rules } from "./rules.ts";
import { messageOf } from "./schemas.ts";
import type { State, VersionState } from "./state.ts";

/** What a check found. */
export interface CompatibilityResult {
  readonly isCompatible: boolean;
  /** In Confluent's text; empty when compatible. */
  readonly messages: readonly string[];
  /** What stands behind the messages, where Avro's rules found it. */
  readonly failures?: readonly CompatibilityFailure[];
}

/**
 * Checks a candidate against versions, newest first; how many of them count is the level's matter.
 */
export function checkAgainst(
  state: State,
  rules: Rules,
  config: Config,
  level: CompatibilityLevel,
  candidate: Candidate,
  versions: readonly VersionState[],
): CompatibilityResult {
  const group = config.compatibilityGroup;
  const history = group ? versions.filter(inGroup(candidate, group)) : versions;
  const validateFields = config.validateFields ?? rules.settings.validateFields;
  const reserved = validateFields
    ? reservedFieldMessages(candidate, history[0]?.entry.content)
    : [];
  if (level === "NONE") return { isCompatible: reserved.length === 0, messages: reserved };
  const compared = level.endsWith("_TRANSITIVE") ? history : history.slice(0, 1);
  if (compared.some((version) => version.entry.content.schemaType !== "AVRO")) {
    return { isCompatible: false, messages: ["Incompatible because of different schema type"] };
  }
  const earlier = earlierVersions(state, rules, compared);
  if (typeof earlier === "string") return { isCompatible: false, messages: [earlier] };
  const result = checkCompatibility({
    level,
    candidate: { schema: candidate.prepared.schema },
    history: earlier,
    validateFields,
  });
  if (reserved.length === 0) return result;
  return { ...result, isCompatible: false, messages: [...reserved, ...result.messages] };
}

/** The versions with their models, oldest first; a text says why one has no model. */
export function earlierVersions(
  state: State,
  rules: Rules,
  versions: readonly VersionState[],
): EarlierVersion[] | string {
  try {
    return versions.toReversed().map(({ version, entry }) => ({
      schema: rules.schemas.parsed(state, entry.content),
      version,
      text: entry.content.text,
    }));
  } catch (error) {
    // A schema that was taken over from another registry and does not parse here.
    return `Unexpected exception during compatibility check: ${messageOf(error)}`;
  }
}

function inGroup(candidate: Candidate, group: string): (version: VersionState) => boolean {
  const wanted = propertyOf(candidate.metadata, group);
  return ({ entry }) => propertyOf(entry.content.metadata, group) === wanted;
}

/** The level for a check against exactly one version. */
export function singleVersionLevel(level: CompatibilityLevel): CompatibilityLevel {
  return SINGLE.get(level) ?? level;
}

const SINGLE: ReadonlyMap<CompatibilityLevel, CompatibilityLevel> = new Map([
  ["BACKWARD_TRANSITIVE", "BACKWARD"],
  ["FORWARD_TRANSITIVE", "FORWARD"],
  ["FULL_TRANSITIVE", "FULL"],
]);
