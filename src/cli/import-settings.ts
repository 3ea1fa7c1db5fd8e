/**
 * Configurations and modes of a registry, as far as they are each scope's own.
 *
 * Invariants:
 * - The registry's own ones are always read: they are in force, whoever set them.
 * - One setting that can't be read is a problem of its scope; the rest goes on.
 */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Config, Mode } from "../api/index.ts";
import { EVERYTHING_KEY, GLOBAL_KEY } from "../confluent/index.ts";
import type { Asker, Met } from "./import-ask.ts";
import type { Parsed } from "./import-entries.ts";
import { toConfig, toMode } from "./import-entries.ts";
import { scopePath } from "./import-names.ts";
import type { Said, SettingKind } from "./import-own.ts";
import { configKind, isSuspect, judge, modeKind, saysNone, valuesOf } from "./import-own.ts";
import { inParallel } from "./in-parallel.ts";

/** Settings of one kind. */
export interface Settings<T> {
  readonly own: ReadonlyMap<string, T>;
  /** What the registry answers where it can't be told whether it is the scope's own. */
  readonly untold: ReadonlyMap<string, T>;
}

/** Whose settings are read. */
export interface SettingScopes {
  readonly all: Iterable<string>;
  /** Subjects with a live version. */
  readonly live: ReadonlySet<string>;
}

/** A kind of setting and its routes. */
interface Readable<T> extends SettingKind<T> {
  readonly path: "config" | "mode";
  /** The registry's code for "this subject has none of its own". */
  readonly noneOfItsOwn: number;
  parse(body: unknown): Parsed<T | undefined>;
}

const CONFIG: Readable<Config> = {
  ...configKind,
  path: "config",
  noneOfItsOwn: 40408,
  parse: toConfig,
};
const MODE: Readable<Mode> = { ...modeKind, path: "mode", noneOfItsOwn: 40409, parse: toMode };

/** What every registry answers for the scope above all contexts when nothing is set there. */
const NOTHING_SET: Config = { compatibilityLevel: "BACKWARD" };

export async function readConfigs(
  asker: Asker,
  scopes: SettingScopes,
  problem: (line: string) => void,
): Promise<Settings<Config>> {
  const all = new Set([EVERYTHING_KEY, ...scopes.all]);
  const settings = await readSettings(asker, CONFIG, { ...scopes, all }, problem);
  const own = new Map(settings.own);
  const untold = new Map(settings.untold);
  if (isDeepStrictEqual(own.get(EVERYTHING_KEY), NOTHING_SET)) own.delete(EVERYTHING_KEY);
  untold.delete(EVERYTHING_KEY);
  return { own, untold };
}

export async function readModes(
  asker: Asker,
  scopes: SettingScopes,
  problem: (line: string) => void,
): Promise<Settings<Mode>> {
  return readSettings(asker, MODE, scopes, problem);
}

async function readSettings<T>(
  asker: Asker,
  kind: Readable<T>,
  { all, live }: SettingScopes,
  problem: (line: string) => void,
): Promise<Settings<T>> {
  const said = new Map<string, Said<T>>();
  await inParallel(all, async (scope) => {
    const met = await asker.get(scopePath(kind.path, scope));
    const each = saidOf(kind, scope, met, problem);
    if (each !== undefined) said.set(scope, each);
  });
  const values = valuesOf(said);
  if (saysNone(said, live) || !hasBelowRoot(values)) return { own: values, untold: new Map() };
  const stranger = randomUUID();
  const met = await asker.get(scopePath(kind.path, stranger));
  const answer = saidOf(kind, stranger, met, () => undefined);
  if (answer?.kind === "none" && answer.exactly) return { own: values, untold: new Map() };
  const made = answer?.kind === "value" ? answer.value : undefined;
  const suspects = new Map(
    [...values].filter(([scope]) => scope !== GLOBAL_KEY && isSuspect(kind, scope, values, made)),
  );
  const inForce = await readInForce(asker, kind, suspects.keys());
  const verdict = judge(kind, suspects, inForce, values);
  const own = [...values].filter(([scope]) => !suspects.has(scope) || verdict.own.has(scope));
  return { own: new Map(own), untold: verdict.untold };
}

function hasBelowRoot(values: ReadonlyMap<string, unknown>): boolean {
  return [...values.keys()].some((scope) => scope !== GLOBAL_KEY);
}

async function readInForce<T>(
  asker: Asker,
  kind: Readable<T>,
  scopes: Iterable<string>,
): Promise<Map<string, T>> {
  const values = new Map<string, T>();
  await inParallel(scopes, async (scope) => {
    const met = await asker.get(scopePath(kind.path, scope), { defaultToGlobal: true });
    const parsed = met.kind === "found" ? kind.parse(met.body) : undefined;
    if (parsed && "value" in parsed && parsed.value !== undefined) values.set(scope, parsed.value);
  });
  return values;
}

function saidOf<T>(
  kind: Readable<T>,
  scope: string,
  met: Met,
  problem: (line: string) => void,
): Said<T> | undefined {
  if (met.kind === "absent") {
    // A route that is not there says nothing about the subject.
    if (met.errorCode === undefined || met.errorCode < 1000) return undefined;
    return { kind: "none", exactly: met.errorCode === kind.noneOfItsOwn };
  }
  const name = scope === GLOBAL_KEY ? "the registry" : JSON.stringify(scope);
  if (met.kind === "failed") {
    problem(`not read: the ${kind.path} of ${name}: ${met.reason}`);
    return undefined;
  }
  const parsed = kind.parse(met.body);
  if ("reason" in parsed) {
    problem(`not read: the ${kind.path} of ${name}: ${parsed.reason}`);
    return undefined;
  }
  return parsed.value === undefined
    ? { kind: "none", exactly: true }
    : { kind: "value", value: parsed.value };
}
