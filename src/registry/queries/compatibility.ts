/**
 * Compatibility of a new schema with the versions of a subject.
 *
 * Invariants (Confluent's):
 * - Only live versions take part, newest first; with a `compatibilityGroup`, only those whose
 *   property has the new schema's value (both absent counts as equal).
 * - A version of another schema type is incompatible and says so.
 * - All comparisons of a request spend from one budget (`within.ts`).
 * - Reserved fields are compared with the newest version of all, whatever its group.
 */

import { createStepBudget } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { CompatibilityFailure, EarlierVersion } from "../../confluent/index.ts";
import { checkCompatibility, settingsMessage } from "../../confluent/index.ts";
import type { Scope, VersionState, World } from "../state/index.ts";
import { messageOf, propertyOf } from "../state/index.ts";
import type { Candidate } from "./candidate.ts";
import { reservedFieldMessages } from "./reserved-fields.ts";
import { chargeParsing } from "./within.ts";

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
  world: World,
  scope: Scope,
  candidate: Candidate,
  versions: readonly VersionState[],
): CompatibilityResult {
  const { level, validatesFields } = scope;
  const reserved = validatesFields
    ? reservedFieldMessages(candidate, versions[0]?.entry.content)
    : [];
  const group = scope.config.compatibilityGroup;
  const history = group ? versions.filter(inGroup(candidate, group)) : versions;
  const result = compare(world, scope, candidate, history);
  if (reserved.length === 0) return result;
  const rest = result.isCompatible ? [settingsMessage(level, validatesFields)] : result.messages;
  return { ...result, isCompatible: false, messages: [...reserved, ...rest] };
}

/** Compares with a history, newest first. */
function compare(
  world: World,
  { level, validatesFields: validateFields }: Scope,
  candidate: Candidate,
  history: readonly VersionState[],
): CompatibilityResult {
  if (level === "NONE") return COMPATIBLE;
  const incompatible = (message: string): CompatibilityResult => ({
    isCompatible: false,
    messages: [message, settingsMessage(level, validateFields)],
  });
  const { schema } = candidate.prepared;
  const budget = world.steps ?? createStepBudget(world.settings.compatibilityStepsMax);
  // One after the other: a version is only parsed when those that are newer were compatible.
  for (const version of level.endsWith("_TRANSITIVE") ? history : history.slice(0, 1)) {
    if (version.entry.content.schemaType !== "AVRO") {
      return incompatible("Incompatible because of different schema type");
    }
    const earlier = earlierVersions({ ...world, steps: budget }, [version]);
    if (typeof earlier === "string") return incompatible(earlier);
    const check = { level, candidate: { schema }, history: earlier, validateFields, budget };
    const result = checkCompatibility(check);
    if (!result.isCompatible) return result;
  }
  return COMPATIBLE;
}

const COMPATIBLE: CompatibilityResult = { isCompatible: true, messages: [] };

/** The versions with their models, oldest first; a text says why one has no model. */
export function earlierVersions(
  world: World,
  versions: readonly VersionState[],
): EarlierVersion[] | string {
  try {
    return versions.toReversed().map(({ version, entry: { content } }) => {
      chargeParsing(world, content);
      return { schema: world.schemas.parsed(world.state, content), version, text: content.text };
    });
  } catch (error) {
    if (isTypewireError(error, "AVRO_COMPARISON_TOO_LARGE")) throw error;
    // A schema that was taken over from another registry and does not parse here.
    return `Unexpected exception during compatibility check: ${messageOf(error)}`;
  }
}

function inGroup(candidate: Candidate, group: string): (version: VersionState) => boolean {
  const wanted = propertyOf(candidate.metadata, group);
  return ({ entry }) => propertyOf(entry.content.metadata, group) === wanted;
}
