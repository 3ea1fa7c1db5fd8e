/**
 * Which settings are a scope's own: pure.
 *
 * Registries differ in their answer for a subject without a setting: Confluent's says so (40408,
 * 40409), older ones say 40401, Karapace answers with the global mode, Apicurio with a default that
 * nobody set. A setting that is copied although it was only inherited stays when the
 * inherited one changes.
 *
 * Invariants:
 * - What a registry has shown to be a scope's own is own.
 * - Where that can't be told, a setting counts as inherited, and the import says so.
 */
import { isDeepStrictEqual } from "node:util";
import type { Config, Mode } from "../api/index.ts";
import { EVERYTHING_KEY, GLOBAL_KEY } from "../confluent/index.ts";
import { contextScope } from "./import-names.ts";

/** What a registry answers for one scope that was asked for a setting of its own. */
export type Said<T> =
  | { readonly kind: "value"; readonly value: T }
  /** The answer says that there is no setting; `exactly` when it says so of the setting, not the subject. */
  | { readonly kind: "none"; readonly exactly: boolean };

/** One kind of setting: how two are told apart, and what registries make up. */
export interface SettingKind<T> {
  /** What is compared with what is inherited. */
  levelOf(value: T): string | undefined;
  /** Everything else in it, when there is anything that says something. */
  restOf(value: T): Readonly<Record<string, unknown>>;
  /** Levels that registries answer where nobody set one. */
  readonly madeUp: readonly string[];
}

export const configKind: SettingKind<Config> = {
  levelOf: ({ compatibilityLevel }) => compatibilityLevel,
  restOf: ({ compatibilityLevel: _, ...rest }) =>
    Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== false)),
  madeUp: ["NONE", "BACKWARD"],
};

export const modeKind: SettingKind<Mode> = {
  levelOf: (mode) => mode,
  restOf: () => ({}),
  madeUp: ["READWRITE"],
};

/**
 * Whether a registry says of a scope that it has no setting of its own. A subject that it denies
 * altogether says nothing, unless it is a live one.
 */
export function saysNone<T>(
  said: ReadonlyMap<string, Said<T>>,
  live: ReadonlySet<string>,
): boolean {
  for (const [scope, each] of said) {
    if (each.kind === "none" && (each.exactly || live.has(scope))) return true;
  }
  return false;
}

/** The settings that a registry answers for scopes below the whole of it. */
export function valuesOf<T>(said: ReadonlyMap<string, Said<T>>): Map<string, T> {
  const values = new Map<string, T>();
  for (const [scope, each] of said) if (each.kind === "value") values.set(scope, each.value);
  return values;
}

/** Whether a setting may be inherited or made up. `stranger` is the answer for a name of nobody. */
export function isSuspect<T>(
  kind: SettingKind<T>,
  scope: string,
  values: ReadonlyMap<string, T>,
  stranger: T | undefined,
): boolean {
  const value = values.get(scope);
  if (value === undefined) return false;
  const inherited = [...valuesAbove(scope, values), ...(stranger === undefined ? [] : [stranger])];
  const level = kind.levelOf(value);
  const levels = [...kind.madeUp, ...inherited.map((each) => kind.levelOf(each))];
  if (level !== undefined && !levels.includes(level)) return false;
  const rest = kind.restOf(value);
  const isPlain = Object.keys(rest).length === 0;
  return isPlain || inherited.some((each) => isDeepStrictEqual(kind.restOf(each), rest));
}

function valuesAbove<T>(scope: string, values: ReadonlyMap<string, T>): T[] {
  const above = [GLOBAL_KEY, EVERYTHING_KEY, contextScope(scope)].filter((each) => each !== scope);
  return above.flatMap((each) => values.get(each) ?? []);
}

/** What is found out about suspects by asking what is in force for them. */
export interface Verdict<T> {
  readonly own: ReadonlyMap<string, T>;
  readonly untold: ReadonlyMap<string, T>;
}

/**
 * Judges suspects: a setting of its own is also the one in force, so one that is not in force was
 * made up. A registry that makes up something for one scope inherits nothing for another, so what is
 * in force there and not the level above is own.
 */
export function judge<T>(
  kind: SettingKind<T>,
  suspects: ReadonlyMap<string, T>,
  inForce: ReadonlyMap<string, T>,
  values: ReadonlyMap<string, T>,
): Verdict<T> {
  const differing = new Set(
    [...suspects].flatMap(([scope, value]) => {
      const actual = inForce.get(scope);
      const differs = actual !== undefined && kind.levelOf(actual) !== kind.levelOf(value);
      return differs ? [scope] : [];
    }),
  );
  const own = new Map<string, T>();
  const untold = new Map<string, T>();
  for (const [scope, value] of suspects) {
    if (differing.has(scope)) continue;
    const above = valuesAbove(scope, values).map((each) => kind.levelOf(each));
    const isOwn = differing.size > 0 && inForce.has(scope) && !above.includes(kind.levelOf(value));
    (isOwn ? own : untold).set(scope, value);
  }
  return { own, untold };
}
