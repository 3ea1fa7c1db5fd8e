/**
 * What is in force for a subject: config and mode by scope.
 *
 * Invariants (Confluent's):
 * - Order: subject, its context, `:.__GLOBAL:`, the server's default. For the default context the
 *   context's config is the global one; a named context does not look there.
 * - A config is taken whole, but for normalize, the validations, the policy and the group, which are
 *   filled in from the root (`:.:`) when it is that of the very scope that is asked about.
 * - The root and everything in `:.__GLOBAL:` have a config and a mode, those by default, unless set.
 * - A config without a level has the server's default level, not the next scope's.
 * - READONLY_OVERRIDE, at the root or for everything, wins over every other mode.
 */
import type { CompatibilityLevel, Config, Mode } from "../../api/index.ts";
import { asMode } from "../../api/index.ts";
import {
  asLevel,
  contextKey,
  EVERYTHING_CONTEXT,
  EVERYTHING_KEY,
  GLOBAL_KEY,
  isContextKey,
  splitSubject,
} from "../../confluent/index.ts";
import type { State } from "./state.ts";
import type { World } from "./world.ts";

/** Scope keys in the order in which they are asked. */
function scopeChain(key: string): string[] {
  const chain = isContextKey(key) ? [key] : [key, contextKey(splitSubject(key).context)];
  return key === EVERYTHING_KEY ? chain : [...chain, EVERYTHING_KEY];
}

/** The config of a scope itself; where there is always one, it is empty until it is set. */
export function ownConfig(state: State, key: string): Config | undefined {
  return state.configs.get(key) ?? (hasDefaults(key) ? {} : undefined);
}

/** The mode of a scope itself. */
export function ownMode(state: State, key: string): string | undefined {
  return state.modes.get(key) ?? (hasDefaults(key) ? "READWRITE" : undefined);
}

function hasDefaults(key: string): boolean {
  return key === GLOBAL_KEY || splitSubject(key).context === EVERYTHING_CONTEXT;
}

/** The config in force; always with a level. */
export function configInScope(
  state: State,
  key: string,
  level: CompatibilityLevel,
  chain: readonly string[] = scopeChain(key),
): Config {
  const own = key === GLOBAL_KEY ? undefined : ownConfig(state, key);
  if (own !== undefined) {
    const root = state.configs.get(GLOBAL_KEY);
    return { ...withLevel(own, level), ...(root && inheritedMembers(own, root)) };
  }
  for (const scope of chain) {
    const config = state.configs.get(scope);
    if (config !== undefined) return withLevel(config, level);
  }
  return { compatibilityLevel: level };
}

/** A config as it is answered: with a level. */
export function withLevel(config: Config, level: CompatibilityLevel): Config {
  return { ...config, compatibilityLevel: config.compatibilityLevel ?? level };
}

const INHERITED = [
  "normalize",
  "validateFields",
  "validateNewSchemas",
  "validateRules",
  "compatibilityPolicy",
  "compatibilityGroup",
] as const;

function inheritedMembers(own: Config, root: Config): Config {
  const members: Record<string, unknown> = {};
  for (const name of INHERITED) {
    const value = own[name] ?? root[name];
    if (value !== undefined && value !== null) members[name] = value;
  }
  return members;
}

/** The mode in force. */
export function modeInScope(
  state: State,
  key: string,
  chain: readonly string[] = scopeChain(key),
): Mode {
  for (const scope of [GLOBAL_KEY, EVERYTHING_KEY]) {
    if (state.modes.get(scope) === "READONLY_OVERRIDE") return "READONLY_OVERRIDE";
  }
  for (const scope of chain) {
    const mode = asMode(state.modes.get(scope));
    if (mode !== undefined) return mode;
  }
  return "READWRITE";
}

/** Whether a mode refuses every change of content. */
export function isReadOnly(mode: Mode): boolean {
  return mode === "READONLY" || mode === "READONLY_OVERRIDE";
}

/** Whether registrations name their ids, and nothing but those is checked. */
export function takesIds(mode: Mode): boolean {
  return mode === "IMPORT" || mode === "FORWARD";
}

/** What is in force for a subject: worked out once, at the top of a command or query, and passed on. */
export interface Scope {
  readonly subject: string;
  /** Always with a level. */
  readonly config: Config;
  readonly level: CompatibilityLevel;
  readonly mode: Mode;
  /** Whether schemas are normalised without being asked. */
  readonly normalizes: boolean;
  /** Whether new schemas must have strict names and matching defaults. */
  readonly validatesSchemas: boolean;
  /** Whether reserved fields are checked. */
  readonly validatesFields: boolean;
}

/** What is in force for a subject, which is in the registry's spelling and need not exist. */
export function scopeOf({ state, settings }: World, subject: string): Scope {
  const chain = scopeChain(subject);
  const config = configInScope(state, subject, settings.level, chain);
  return {
    subject,
    config,
    level: asLevel(config.compatibilityLevel) ?? settings.level,
    mode: modeInScope(state, subject, chain),
    normalizes: config.normalize ?? settings.normalize,
    validatesSchemas: config.validateNewSchemas ?? settings.validateNewSchemas,
    validatesFields: config.validateFields ?? settings.validateFields,
  };
}
