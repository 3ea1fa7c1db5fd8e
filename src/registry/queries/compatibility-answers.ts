/**
 * Compatibility tests without registering.
 *
 * Invariants (Confluent's):
 * - With a version: exactly that one is compared, whatever the level. `latest` of a subject without
 *   live versions is compatible; any other version that is not there is 40402.
 * - The request is taken as it is: tags, defaults and rules of the config, and what a new version
 *   would inherit, play no part; its rule set is not checked.
 * - An invalid or empty schema is 42201, or with `verbose` the answer "not compatible" with the reason.
 */
import type {
  CompatibilityCheckResponse,
  Refusal,
  RegisterSchemaRequest,
} from "../../api/index.ts";
import { isRefusal, refuse } from "../../api/index.ts";
import type { Scope, State, VersionState, World } from "../state/index.ts";
import {
  findVersion,
  latestVersion,
  liveVersions,
  normalMetadata,
  normalRuleSet,
  scopeOf,
} from "../state/index.ts";
import type { Candidate } from "./candidate.ts";
import { candidateOf } from "./candidate.ts";
import { checkAgainst } from "./compatibility.ts";
import { isAvro, notAvro } from "./texts.ts";
import { parseVersion } from "./versions.ts";

/** What to test. */
export interface CompatibilityQuery {
  readonly subject: string;
  /** As it stood in the path; `undefined` for all that the level asks for. */
  readonly version: string | undefined;
  readonly body: RegisterSchemaRequest;
  readonly verbose: boolean;
  readonly normalize: boolean;
}

/** Tests a schema against a subject. */
export function testCompatibility(
  world: World,
  query: CompatibilityQuery,
): CompatibilityCheckResponse | Refusal {
  const versions = comparedVersions(world.state, query);
  if (isRefusal(versions)) return versions;
  const scope = scopeOf(world, query.subject);
  const candidate = candidateIn(world, scope, query);
  if (isRefusal(candidate)) {
    if (!query.verbose || candidate.refusal !== "INVALID_SCHEMA") return candidate;
    return { is_compatible: false, messages: [String(candidate.params["detail"])] };
  }
  const result = checkAgainst(world, scope, candidate, versions);
  return {
    is_compatible: result.isCompatible,
    ...(query.verbose && { messages: result.messages }),
  };
}

function comparedVersions(
  state: State,
  { subject: name, version }: CompatibilityQuery,
): readonly VersionState[] | Refusal {
  const subject = state.subjects.get(name);
  if (version === undefined) return liveVersions(subject);
  const number = parseVersion(version);
  if (isRefusal(number)) return number;
  if (number === -1) {
    const latest = latestVersion(subject);
    return latest === undefined ? [] : [latest];
  }
  const found = findVersion(subject, number);
  if (found === undefined || found.deleted) return refuse("VERSION_NOT_FOUND", { version: number });
  return [found];
}

/** The request as it is: nothing of it comes from the config or from an earlier version. */
function candidateIn(world: World, scope: Scope, query: CompatibilityQuery): Candidate | Refusal {
  const { body } = query;
  const text = body.schema ?? "";
  if (text.trim() === "") return refuse("INVALID_SCHEMA", { detail: "Empty schema" });
  if (!isAvro(body)) return notAvro(body);
  const draft = {
    text,
    references: body.references ?? [],
    metadata: normalMetadata(body.metadata),
    ruleSet: normalRuleSet(body.ruleSet),
  };
  // In every mode, as if it were to be registered where registrations are allowed.
  return candidateOf(world, { ...scope, mode: "READWRITE" }, query, draft);
}
