/**
 * Plans: what a registration would do, and what would have to change for it to be accepted.
 *
 * Invariant: the plan is made of the very decision that a registration takes; it writes nothing.
 */
import type { CompatibilityLevel, Refusal, RegisterSchemaResponse } from "../../api/index.ts";
import { isRefusal } from "../../api/index.ts";
import type { Incompatibility } from "../../avro/index.ts";
import type { CompatibilityFailure } from "../../confluent/index.ts";
import { satisfiedLevels } from "../../confluent/index.ts";
import type { Scope, World } from "../state/index.ts";
import { liveVersions } from "../state/index.ts";
import type { Candidate, SchemaRequest } from "./candidate.ts";
import { candidateOf } from "./candidate.ts";
import { checkAgainst, earlierVersions } from "./compatibility.ts";
import { draftOf } from "./draft.ts";
import { isAvro, notAvro } from "./texts.ts";

/** Why a schema does not fit one version, in one direction. */
export interface PlanFinding {
  /** The live version that it was compared with. */
  readonly version: number;
  /** `backward`: the new schema can't read old data; `forward`: the old can't read new data. */
  readonly direction: "backward" | "forward";
  /** The rule, as Avro names it: `READER_FIELD_MISSING_DEFAULT_VALUE`, … */
  readonly rule: string;
  /** JSON pointer into the schema that reads. */
  readonly path: string;
  readonly message: string;
  /** The smallest edit of the new schema that ends this finding. */
  readonly fix: string;
}

/** What a registration would do. */
export interface RegistrationPlan {
  /** `exists`: answered without a write; `new`: a new version; `refused`: see `refusal`. */
  readonly outcome: "exists" | "new" | "refused";
  /** The id and version that the answer would have. */
  readonly registered?: RegisterSchemaResponse;
  readonly refusal?: Refusal;
  /** The level in force. */
  readonly level: CompatibilityLevel;
  /** Every level under which the schema would be accepted after the live versions. */
  readonly levels: readonly CompatibilityLevel[];
  /** What stands against the level in force; empty when nothing does. */
  readonly findings: readonly PlanFinding[];
}

/** What a registration decided, without its records. */
export interface RegistrationDecision {
  readonly result: RegisterSchemaResponse | Refusal;
  /** Whether it would write. */
  readonly writes: boolean;
}

/** Plans a registration, given what it decided. */
export function planOf(
  world: World,
  scope: Scope,
  request: SchemaRequest,
  { result, writes }: RegistrationDecision,
): RegistrationPlan {
  const { level } = scope;
  const assessment = assess(world, scope, request);
  if (isRefusal(result)) return { outcome: "refused", refusal: result, level, ...assessment };
  const outcome = writes ? "new" : "exists";
  return { outcome, registered: result, level, ...assessment };
}

function assess(
  world: World,
  scope: Scope,
  request: SchemaRequest,
): Pick<RegistrationPlan, "levels" | "findings"> {
  // What the mode forbids, the decision says: here it is as if registrations were allowed.
  const candidate = candidateFor(world, { ...scope, mode: "READWRITE" }, request);
  if (isRefusal(candidate)) return { levels: [], findings: [] };
  const versions = liveVersions(world.state.subjects.get(scope.subject));
  const history = earlierVersions(world, versions);
  if (typeof history === "string") return { levels: ["NONE"], findings: [] };
  const result = checkAgainst(world, scope, candidate, versions);
  return {
    levels: [...satisfiedLevels(candidate.prepared.schema, history, world.steps)],
    findings: (result.failures ?? []).flatMap(findingsOf),
  };
}

function candidateFor(world: World, scope: Scope, request: SchemaRequest): Candidate | Refusal {
  if (!isAvro(request.body)) return notAvro(request.body);
  const draft = draftOf(world, scope, request.body);
  return isRefusal(draft) ? draft : candidateOf(world, scope, request, draft);
}

function findingsOf({
  version = 0,
  direction,
  incompatibilities,
}: CompatibilityFailure): PlanFinding[] {
  return incompatibilities.map((found) => ({
    version,
    direction,
    rule: found.type,
    path: found.readerPath,
    message: found.message,
    fix: fixOf(found, direction, version),
  }));
}

function fixOf(
  { type, message }: Incompatibility,
  direction: "backward" | "forward",
  version: number,
): string {
  const isBackward = direction === "backward";
  switch (type) {
    case "READER_FIELD_MISSING_DEFAULT_VALUE":
      return isBackward
        ? `Give the field '${message}' a default.`
        : `Keep the field '${message}': version ${version} has no default for it.`;
    case "MISSING_ENUM_SYMBOLS":
      return isBackward
        ? `Keep the symbols ${message}, or give the enum a default.`
        : `Leave out the symbols ${message}: the enum of version ${version} has no default.`;
    case "MISSING_UNION_BRANCH":
      return isBackward
        ? `Keep the branch in the union (${message}).`
        : `Leave the branch out of the union: version ${version} can't read it (${message}).`;
    case "MORE_FINDINGS":
      return "Mend what is shown first, and plan again.";
    case "NAME_MISMATCH":
      return "Keep the name, or list the old full name among the aliases.";
    case "FIXED_SIZE_MISMATCH":
      return "Keep the size, or add a field of another name.";
    case "TYPE_MISMATCH":
      return "Keep the type or promote it as Avro allows, or add a field of another name.";
  }
}
