/**
 * Configs: set, merge, reset.
 *
 * Invariants (Confluent's): an absent member is kept, `null` resets it; the answer to a
 * change is the merged stored config; a deleted one is answered as it was.
 */
import type { Config, ConfigUpdateRequest, Refusal } from "../../api/index.ts";
import { refuse } from "../../api/index.ts";
import { asLevel, isValidScope, SUBJECT_CHARS_MAX } from "../../confluent/index.ts";
import type { State, World } from "../state/index.ts";
import {
  configKey,
  configRecord,
  isReadOnly,
  modeInScope,
  normalMetadata,
  normalRuleSet,
  ownConfig,
  withLevel,
} from "../state/index.ts";
import type { Outcome } from "./outcome.ts";
import { unchanged } from "./outcome.ts";
import { tombstones } from "./removal.ts";
import { ruleSetRefusal } from "./rule-set.ts";
import { notPermitted } from "./texts.ts";

/** Which config to change, and how. */
export interface UpdateConfigCommand {
  /** Scope key. */
  readonly key: string;
  readonly body: ConfigUpdateRequest;
}

/** Decides a change of a config. */
export function decideUpdateConfig(
  state: State,
  { key, body }: UpdateConfigCommand,
): Outcome<ConfigUpdateRequest> {
  const refusal = checkConfig(key, body);
  if (refusal !== undefined) return unchanged(refusal);
  if (isReadOnly(modeInScope(state, key))) return unchanged(notPermitted(key, "read-only"));
  const merged = mergeConfig(state.configs.get(key) ?? {}, body);
  const { compatibilityLevel, ...members } = merged;
  return {
    records: [configRecord(key, merged)],
    result: { ...members, ...(compatibilityLevel && { compatibility: compatibilityLevel }) },
  };
}

function checkConfig(key: string, body: ConfigUpdateRequest): Refusal | undefined {
  const level = body.compatibility;
  if (level !== undefined && level !== null && asLevel(level) === undefined) {
    return refuse("INVALID_LEVEL");
  }
  if (body.compatibilityPolicy?.toUpperCase() === "LOGICAL") return refuse("UNSUPPORTED_POLICY");
  const refusal = ruleSetRefusal(body.defaultRuleSet) ?? ruleSetRefusal(body.overrideRuleSet);
  if (refusal !== undefined) return refusal;
  if (!isValidScope(key)) return refuse("INVALID_SUBJECT", { subject: key });
  const { alias } = body;
  return (alias?.length ?? 0) > SUBJECT_CHARS_MAX
    ? refuse("INVALID_SUBJECT", { subject: alias ?? "" })
    : undefined;
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
    known["compatibilityPolicy"] = asPolicy(members.compatibilityPolicy) ?? null;
  }
  for (const name of ["defaultMetadata", "overrideMetadata"] as const) {
    if (members[name] !== undefined) known[name] = normalMetadata(members[name]) ?? null;
  }
  for (const name of ["defaultRuleSet", "overrideRuleSet"] as const) {
    if (members[name] !== undefined) known[name] = normalRuleSet(members[name]) ?? null;
  }
  return known;
}

/** Confluent takes a policy that there is not for none. */
function asPolicy(text: string | null): string | undefined {
  const upper = text?.toUpperCase();
  return ["STRICT", "LENIENT"].find((policy) => policy === upper);
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
  world: World,
  { key }: { readonly key: string },
): Outcome<Config> {
  const { state } = world;
  const old = ownConfig(state, key);
  if (old === undefined) return unchanged(refuse("SUBJECT_NOT_FOUND", { subject: key }));
  if (isReadOnly(modeInScope(state, key))) return unchanged(notPermitted(key, "read-only"));
  return {
    records: state.configs.has(key) ? tombstones(state, configKey(key)) : [],
    result: withLevel(old, world.settings.level),
  };
}
