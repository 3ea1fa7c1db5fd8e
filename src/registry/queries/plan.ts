/**
 * Plans: what a registration would do, and what would have to change for it to be accepted.
 *
 * Invariant: the plan asks the very decision that a registration takes, and writes nothing.
 */
import type { Refusal } from "../../api/index.ts";
import { isRefusal } from "../../api/index.ts";
import type { CompatibilityFailure, Incompatibility } from "../../avro/index.ts";
import { satisfiedLevels } from "../../avro/index.ts";
import type { RegisterCommand } from "../commands/register.ts";
import { candidateOf, decideRegister } from "../commands/register.ts";
import type { PlanFinding, RegistrationPlan } from "../service/extra-types.ts";
import type { Rules } from "../state/rules.ts";
import { configInScope, levelInScope } from "../state/scope.ts";
import type { State } from "../state/state.ts";
import { liveVersions } from "../state/state.ts";
import { checkAgainst, earlierVersions } from "./compatibility.ts";
import { draftOf } from "./draft.ts";
import type { Candidate } from "./lookup.ts";
import { isAvro, notAvro } from "./texts.ts";

/** Plans a registration. */
export function planRegistration(
  state: State,
  rules: Rules,
  command: RegisterCommand,
): RegistrationPlan {
  const { records, result } = decideRegister(state, rules, command);
  const level = levelInScope(state, command.subject, rules.settings.level);
  const assessment = assess(state, rules, command);
  if (isRefusal(result)) return { outcome: "refused", refusal: result, level, ...assessment };
  const outcome = records.length === 0 ? "exists" : "new";
  return { outcome, registered: result, level, ...assessment };
}

function assess(
  state: State,
  rules: Rules,
  command: RegisterCommand,
): Pick<RegistrationPlan, "levels" | "findings"> {
  const candidate = candidateFor(state, rules, command);
  if (isRefusal(candidate)) return { levels: [], findings: [] };
  const versions = liveVersions(state.subjects.get(command.subject));
  const history = earlierVersions(state, rules, versions);
  if (typeof history === "string") return { levels: ["NONE"], findings: [] };
  const config = configInScope(state, command.subject, rules.settings.level);
  const level = levelInScope(state, command.subject, rules.settings.level);
  const result = checkAgainst(state, rules, config, level, candidate, versions);
  return {
    levels: [...satisfiedLevels(candidate.prepared.schema, history, rules.steps)],
    findings: (result.failures ?? []).flatMap(findingsOf),
  };
}

function candidateFor(state: State, rules: Rules, command: RegisterCommand): Candidate | Refusal {
  if (!isAvro(command.body)) return notAvro(command.body);
  const draft = draftOf(state, rules, command, false);
  return isRefusal(draft) ? draft : candidateOf(state, rules, command, draft, "READWRITE");
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
