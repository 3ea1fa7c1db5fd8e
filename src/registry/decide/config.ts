/**
 * Configs: set, merge, reset (G2, G3, G5, G6).
 *
 * Invariants (registry-http 2.11): an absent member is kept, `null` resets it; the answer to a
 * change is the merged stored config; a deleted one is answered as it was.
 */
import type { Config, ConfigUpdateRequest, Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { normalMetadata, normalRuleSet } from "../content.ts";
import { configKey, configRecord } from "../records.ts";
import { tombstones } from "../removal.ts";
import type { Outcome, Rules } from "../rules.ts";
import { unchanged } from "../rules.ts";
import { asLevel, isReadOnly, modeInScope, withLevel } from "../scope.ts";
import type { State } from "../state.ts";
import { GLOBAL_KEY, isContextKey, isValidSubject } from "../subjects.ts";
import { ruleSetRefusal } from "./rule-set.ts";
import { notPermitted } from "./texts.ts";

/** Which config to change, and how. */
export interface UpdateConfigCommand {
  /** Scope key. */
  readonly key: string;
  readonly body: ConfigUpdateRequest;
}

const POLICIES = ["LOGICAL", "STRICT", "LENIENT"];

/** Decides a change of a config. */
export function decideUpdateConfig(
  state: State,
  rules: Rules,
  { key, body }: UpdateConfigCommand,
): Outcome<ConfigUpdateRequest> {
  const refusal = checkConfig(rules, key, body);
  if (refusal !== undefined) return unchanged(refusal);
  if (isReadOnly(modeInScope(state, key))) return unchanged(notPermitted(key, "read-only"));
  const merged = mergeConfig(state.configs.get(key) ?? {}, body);
  const { compatibilityLevel, ...members } = merged;
  return {
    records: [configRecord(key, merged)],
    result: { ...members, ...(compatibilityLevel && { compatibility: compatibilityLevel }) },
  };
}

function checkConfig(rules: Rules, key: string, body: ConfigUpdateRequest): Refusal | undefined {
  if (!isContextKey(key) && !isValidSubject(key, rules.settings.rejectEmptySubject)) {
    return refuse("INVALID_SUBJECT", { subject: key });
  }
  const level = body.compatibility;
  if (level !== undefined && level !== null && asLevel(level) === undefined) {
    return refuse("INVALID_LEVEL");
  }
  const policy = body.compatibilityPolicy;
  if (policy && !POLICIES.includes(policy.toUpperCase())) {
    return refuse("INVALID_POLICY");
  }
  return ruleSetRefusal(body.defaultRuleSet) ?? ruleSetRefusal(body.overrideRuleSet);
}

function mergeConfig(old: Config, body: ConfigUpdateRequest): Config {
  const { compatibility, ...members } = body;
  const changes = {
    ...pickKnown(members),
    ...(compatibility !== undefined && { compatibilityLevel: asLevel(compatibility) ?? null }),
  };
  const merged = { ...old, ...changes };
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== null && value !== undefined),
  );
}

function pickKnown(members: Omit<ConfigUpdateRequest, "compatibility">): Config {
  const known: Record<string, unknown> = {};
  for (const name of PLAIN) if (members[name] !== undefined) known[name] = members[name];
  if (members.compatibilityPolicy !== undefined) {
    known["compatibilityPolicy"] = members.compatibilityPolicy?.toUpperCase() ?? null;
  }
  for (const name of ["defaultMetadata", "overrideMetadata"] as const) {
    if (members[name] !== undefined) known[name] = normalMetadata(members[name]) ?? null;
  }
  for (const name of ["defaultRuleSet", "overrideRuleSet"] as const) {
    if (members[name] !== undefined) known[name] = normalRuleSet(members[name]) ?? null;
  }
  return known;
}

const PLAIN = [
  "alias",
  "aliasForDeks",
  "normalize",
  "validateFields",
  "validateNewSchemas",
  "validateRules",
  "compatibilityGroup",
] as const;

/** Decides the deletion of a config; the answer is the one that was in force. */
export function decideDeleteConfig(
  state: State,
  rules: Rules,
  { key }: { readonly key: string },
): Outcome<Config> {
  const old = state.configs.get(key);
  if (old === undefined && key !== GLOBAL_KEY) {
    return unchanged(refuse("SUBJECT_NOT_FOUND", { subject: key }));
  }
  if (isReadOnly(modeInScope(state, key))) return unchanged(notPermitted(key, "read-only"));
  const result = withLevel(old ?? {}, rules.settings.level);
  return { records: old === undefined ? [] : tombstones(state, configKey(key)), result };
}
