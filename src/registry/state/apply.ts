/**
 * The fold: `applyRecord(state, record)`.
 *
 * Invariants:
 * - Total and deterministic: any record, from any registry, in any order, changes the state in one
 *   way and never throws.
 * - What it leads to is a function of the live records alone (see `state.ts`), so a log and what
 *   compaction left of it lead to one state.
 * - A key is what its bytes are to compaction, and what it means to us: of several spellings of one
 *   key the last live record is in force, and a tombstone takes away what lies under its very bytes.
 *   What an earlier spelling holds is in force again then, as it would be after a compaction.
 * - A record of a known key that is not understood leaves the key empty.
 */

import { qualifySubject, splitSubject } from "../../confluent/index.ts";
import { claimAt, contextOf, putClaim, putClear, putWatermark } from "./apply-versions.ts";
import { addTo, assign, drop, put, removeFrom } from "./edit.ts";
import type { StoredRecord } from "./log-record.ts";
import type { ConfigValue, KnownRecord, RegistryRecord } from "./records.ts";
import { canonicalKey, knownPart } from "./records.ts";
import { decodeRecord, isLive } from "./records-read.ts";
import type { ContextState, Spelling, State } from "./state.ts";
import { findVersion, versionKey } from "./state.ts";

/** Applies a record and says how it was understood. */
export function applyRecord(state: State, stored: StoredRecord): RegistryRecord {
  const record = decodeRecord(stored);
  state.end = stored.offset + 1;
  const known = knownPart(record);
  if (known === undefined) return record;
  const ours = canonicalKey(known);
  if (ours === stored.key && !state.spellings.has(ours)) applyKnown(state, known, stored.offset);
  else applySpelling(state, ours, known, stored, isLive(stored, record));
  return record;
}

/** Applies what is in force of a key from here on. */
function applyKnown(state: State, record: KnownRecord, offset: number): void {
  switch (record.type) {
    case "schema":
      if (record.value === null) putClaim(state, record, undefined);
      else putClaim(state, record, { value: record.value, guid: record.guid, offset });
      break;
    case "config":
      putConfig(state, record.key, record.value);
      break;
    case "mode":
      if (record.value === null) drop(state, state.modes, record.key);
      else put(state, state.modes, record.key, record.value);
      break;
    case "delete-subject": {
      const { subject, version } = record;
      putWatermark(state, subject, version === null ? undefined : { version, offset });
      break;
    }
    case "clear-subject":
      putClear(state, record.key, record.present ? offset : undefined);
      break;
    case "context":
      putContext(state, record.context, { declared: record.present });
      break;
    case "ids":
      putContext(state, record.context, { markedId: record.maxId ?? 0 });
      break;
    case "original":
      putOriginal(state, record.subject, record.version, record.text);
      break;
  }
}

/** Applies a record of a key that is there in several spellings, or in another one than ours. */
function applySpelling(
  state: State,
  ours: string,
  known: KnownRecord,
  { key, offset }: StoredRecord,
  leavesSomething: boolean,
): void {
  const before = state.spellings.get(ours) ?? ownSpelling(state, ours, known);
  // A copy while a speculation runs: the order of what is taken back must be the same.
  const after = state.undo === undefined ? before : new Map(before);
  const wasInForce = [...before.values()].at(-1);
  after.delete(key);
  if (leavesSomething) after.set(key, { record: known, offset });
  const isOurs = after.size === 0 || (after.size === 1 && after.has(ours));
  if (isOurs) drop(state, state.spellings, ours);
  else put(state, state.spellings, ours, after);
  const inForce = [...after.values()].at(-1);
  if (inForce === wasInForce && inForce !== undefined) return;
  applyKnown(state, inForce?.record ?? known, inForce?.offset ?? offset);
}

/** The record under our own spelling, which the state knows only as what it led to. */
function ownSpelling(state: State, ours: string, known: KnownRecord): Map<string, Spelling> {
  const own = ownRecord(state, known);
  return new Map(own && [[ours, own]]);
}

function ownRecord(state: State, known: KnownRecord): Spelling | undefined {
  // An offset counts only with schemas and what deletes them.
  const somewhere = (record: KnownRecord, offset = 0): Spelling => ({ record, offset });
  switch (known.type) {
    case "schema": {
      const claim = claimAt(state, known.subject, known.version);
      if (claim === undefined) return undefined;
      const { value, guid, offset } = claim;
      return somewhere({ ...known, value, guid }, offset);
    }
    case "config": {
      const value = state.configs.get(known.key);
      return value && somewhere({ ...known, value });
    }
    case "mode": {
      const value = state.modes.get(known.key);
      return value === undefined ? undefined : somewhere({ ...known, value });
    }
    case "delete-subject": {
      const mark = state.watermarks.get(known.subject);
      return mark && somewhere({ ...known, version: mark.version }, mark.offset);
    }
    case "clear-subject": {
      const offset = state.clears.get(known.key);
      return offset === undefined ? undefined : somewhere({ ...known, present: true }, offset);
    }
    case "context": {
      const isThere = state.contexts.get(known.context)?.declared;
      return isThere ? somewhere({ ...known, present: true }) : undefined;
    }
    case "ids": {
      const maxId = state.contexts.get(known.context)?.markedId;
      return maxId ? somewhere({ ...known, maxId }) : undefined;
    }
    case "original": {
      const text = state.originals.get(versionKey(known.subject, known.version));
      return text === undefined ? undefined : somewhere({ ...known, text });
    }
  }
}

function putContext(
  state: State,
  name: string,
  members: Partial<Pick<ContextState, "declared" | "markedId">>,
): void {
  const context = contextOf(state, name);
  const maxId = Math.max(context.maxId, members.markedId ?? 0);
  assign(state, context, { ...members, maxId });
  if (!context.declared && maxId === 0) drop(state, state.contexts, name);
}

function putOriginal(state: State, name: string, number: number, text: string | null): void {
  const key = versionKey(name, number);
  if (text === null) {
    drop(state, state.originals, key);
    return;
  }
  // One string for most versions of a content that were sent in the same spelling.
  const uses = findVersion(state.subjects.get(name), number)?.entry.uses ?? [];
  const twins = uses
    .slice(0, TWINS_MAX)
    .map((use) => state.originals.get(versionKey(use.subject.name, use.version)));
  put(state, state.originals, key, twins.find((twin) => twin === text) ?? text);
}

/** With how many versions of the same content a text is compared, to be the same string. */
const TWINS_MAX = 8;

function putConfig(state: State, key: string, value: ConfigValue | null): void {
  const old = state.configs.get(key)?.alias;
  if (old) removeFrom(state, state.aliases, aliasTarget(key, old), key);
  if (value === null) {
    drop(state, state.configs, key);
    return;
  }
  put(state, state.configs, key, value);
  if (value.alias) addTo(state, state.aliases, aliasTarget(key, value.alias), key);
}

/** The subject that an alias stands for: an unqualified one is in the context of the alias. */
export function aliasTarget(key: string, alias: string): string {
  return qualifySubject(splitSubject(key).context, alias);
}
