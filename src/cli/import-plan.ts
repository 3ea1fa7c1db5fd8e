/**
 * What an import has to do: pure.
 *
 * Invariants:
 * - What a schema refers to comes before it; what refers to a schema is deleted before it.
 * - What is there already stays untouched, so that a second import has nothing to do.
 * - Entering IMPORT mode removes what is soft-deleted in the scope for good. A context that holds
 *   something is therefore entered subject by subject, and the soft-deleted versions of such a
 *   subject are registered again.
 * - Nothing is planned against a registry that holds something else and is not in IMPORT mode.
 */
import { isDeepStrictEqual } from "node:util";
import type { Config, Mode } from "../api/index.ts";
import { GLOBAL_KEY } from "../confluent/index.ts";
import type { HeldVersion, Holdings } from "./import-names.ts";
import { contextScope, createReferenceFinder, keyOf, nameOf } from "./import-names.ts";
import { createSameContent } from "./import-same.ts";

/** What to do, in this order. */
export interface ImportPlan {
  /**
   * Scopes that take the mode IMPORT first, with the modes of their own to put back afterwards;
   * IMPORT where the source's subject has it.
   */
  readonly entered: ReadonlyMap<string, Mode | undefined>;
  /** Waves: what is in one refers only to what is in earlier ones. */
  readonly registrations: readonly (readonly HeldVersion[])[];
  /** Waves of soft deletes. */
  readonly deletions: readonly (readonly HeldVersion[])[];
  readonly configs: ReadonlyMap<string, Config>;
  /** Own modes of subjects and contexts; the registry's is left as it was. */
  readonly modes: ReadonlyMap<string, Mode>;
  /** Versions that are there already. */
  readonly unchanged: number;
  /** Why it can't be done, one sentence each; empty when it can. */
  readonly conflicts: readonly string[];
}

/** Compares what is wanted with what the target holds. */
export function planImport(wanted: Holdings, target: Holdings): ImportPlan {
  const waves = wavesOf(wanted.versions);
  const there = new Map(target.versions.map((held) => [keyOf(held), held]));
  const missing = new Set(
    wanted.versions.filter((version) => {
      const held = there.get(keyOf(version));
      return held === undefined || (held.deleted && !version.deleted);
    }),
  );
  const modes = wantedModes(wanted, target);
  const entered = scopesToEnter(new Set([...missing].map(({ subject }) => subject)), target);
  for (const [scope, mode] of modes) {
    if (mode !== "IMPORT") continue;
    entered.set(scope, mode);
    modes.delete(scope);
  }
  for (const version of wanted.versions) {
    if (entered.has(version.subject) && there.get(keyOf(version))?.deleted) missing.add(version);
  }
  const isDeletedLater = (version: HeldVersion): boolean =>
    version.deleted && (missing.has(version) || there.get(keyOf(version))?.deleted === false);
  return {
    entered,
    registrations: filtered(waves, (version) => missing.has(version)),
    deletions: filtered(waves.toReversed(), isDeletedLater),
    configs: differing(wanted.configs, target.configs),
    modes,
    unchanged: wanted.versions.length - missing.size,
    conflicts: findConflicts(wanted, target, there),
  };
}

function filtered(
  waves: readonly (readonly HeldVersion[])[],
  keep: (version: HeldVersion) => boolean,
): HeldVersion[][] {
  return waves.map((wave) => wave.filter(keep)).filter((wave) => wave.length > 0);
}

function differing<T>(wanted: ReadonlyMap<string, T>, there: ReadonlyMap<string, T>) {
  return new Map(
    [...wanted].filter(([scope, value]) => !isDeepStrictEqual(there.get(scope), value)),
  );
}

/** A context's IMPORT would remove what is soft-deleted there; the registry's mode is its own. */
function wantedModes(wanted: Holdings, target: Holdings): Map<string, Mode> {
  const modes = differing(wanted.modes, target.modes);
  for (const [scope, mode] of modes) {
    const isContext = scope === contextScope(scope);
    if (scope === GLOBAL_KEY || (isContext && mode === "IMPORT")) modes.delete(scope);
  }
  return modes;
}

function scopesToEnter(busy: ReadonlySet<string>, target: Holdings): Map<string, Mode | undefined> {
  const filled = new Set(target.versions.map(({ subject }) => contextScope(subject)));
  const entered = new Map<string, Mode | undefined>();
  const enter = (scope: string) => entered.set(scope, target.modes.get(scope));
  for (const subject of busy) {
    const context = contextScope(subject);
    const own = target.modes.get(subject);
    const isOpen = target.modes.get(context) === "IMPORT";
    if (!isOpen && !filled.has(context)) enter(context);
    const needsOwn = own === undefined ? !isOpen && filled.has(context) : own !== "IMPORT";
    if (needsOwn) enter(subject);
  }
  return entered;
}

function findConflicts(
  wanted: Holdings,
  target: Holdings,
  there: ReadonlyMap<string, HeldVersion>,
): string[] {
  const isSame = createSameContent(wanted.versions, target.versions);
  const conflicts: string[] = [];
  const keys = new Set(wanted.versions.map(keyOf));
  const unread = new Set(
    wanted.unread.map(({ subject, version }) => `${version ?? ""} ${subject}`),
  );
  const touched = new Set(wanted.versions.map(({ subject }) => contextScope(subject)));
  const ids = new Map(target.versions.map((held) => [idKeyOf(held), held]));
  for (const held of target.versions) {
    const context = contextScope(held.subject);
    const isOpen = target.modes.get(context) === "IMPORT" || !touched.has(context);
    // What the source has and does not show is no reason against what is there.
    const isUnread = unread.has(keyOf(held)) || unread.has(` ${held.subject}`);
    if (isOpen || isUnread || keys.has(keyOf(held))) continue;
    conflicts.push(`${nameOf(held)} is in the target only, and the target is not in IMPORT mode`);
  }
  for (const version of wanted.versions) {
    const held = there.get(keyOf(version));
    const holder = held ?? ids.get(idKeyOf(version));
    const alias = held === undefined ? target.configs.get(version.subject)?.alias : undefined;
    if (alias) {
      conflicts.push(
        `${nameOf(version)} can't be written: its subject stands for "${alias}" there`,
      );
    } else if (held !== undefined && held.id !== version.id) {
      conflicts.push(
        `${nameOf(held)} has id ${held.id} in the target, ${version.id} in the source`,
      );
    } else if (holder !== undefined && !isSame(version, holder)) {
      conflicts.push(`id ${version.id} of ${nameOf(version)} has other content in the target`);
    }
  }
  return conflicts;
}

function idKeyOf({ subject, id }: HeldVersion): string {
  return `${id} ${contextScope(subject)}`;
}

/** Groups versions by the longest chain of references below them. */
function wavesOf(versions: readonly HeldVersion[]): HeldVersion[][] {
  const usedBy = createReferenceFinder(versions);
  const depths = new Map<HeldVersion, number>();
  const depthOf = (version: HeldVersion): number => {
    const known = depths.get(version);
    if (known !== undefined) return known;
    // A circle, which no registry accepts, ends here; the target says what it thinks of it.
    depths.set(version, 0);
    const depth = Math.max(0, ...usedBy(version).map((used) => depthOf(used) + 1));
    depths.set(version, depth);
    return depth;
  };
  const waves: HeldVersion[][] = [];
  for (const version of versions) {
    const depth = depthOf(version);
    const wave = waves[depth];
    if (wave === undefined) waves[depth] = [version];
    else wave.push(version);
  }
  // Each depth has a version: what it refers to is one less deep.
  return waves.map((wave) => wave.sort((a, b) => a.version - b.version));
}
