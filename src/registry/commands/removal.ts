/**
 * Records that remove versions for good.
 *
 * Invariants:
 * - Every spelling under which a value may still lie gets its tombstone.
 * - When the last record that holds an id goes, the high-water mark of the context is written with
 *   it, unless a mark already covers that id.
 * - Records that claim the id for other content go as well: otherwise one of them would hold it next.
 */
import type { IdEntry, LogRecord, State, VersionState } from "../state/index.ts";
import {
  configKey,
  idsRecord,
  modeKey,
  originalKey,
  schemaKey,
  tombstone,
  versionKey,
} from "../state/index.ts";

/**
 * Tombstones for versions, highest number first, and the mark.
 *
 * @param kept an id that stays in use by a record of the same decision.
 */
export function removalRecords(
  state: State,
  versions: readonly VersionState[],
  kept?: IdEntry,
): LogRecord[] {
  const records = rivalRecords(state, versions);
  for (const { subject, version } of versions.toSorted((a, b) => b.version - a.version)) {
    records.push(...tombstones(state, schemaKey(subject.name, version)));
    if (state.originals.has(versionKey(subject.name, version))) {
      records.push(tombstone(originalKey(subject.name, version)));
    }
  }
  return [...records, ...markRecords(versions, kept)];
}

/** Tombstones for records that claim the versions' ids for other content: to be written first. */
export function rivalRecords(state: State, versions: readonly VersionState[]): LogRecord[] {
  if (state.rivals.size === 0) return [];
  const entries = new Set(versions.map(({ entry }) => entry));
  return [...entries]
    .flatMap(({ id, content }) => [...(content.context.rivals.get(id) ?? [])])
    .flatMap(({ value }) => tombstones(state, schemaKey(value.subject, value.version)));
}

function markRecords(versions: readonly VersionState[], kept: IdEntry | undefined): LogRecord[] {
  const removed = new Set(versions);
  const contexts = new Set<VersionState["subject"]["context"]>();
  for (const { entry } of versions) {
    const { context } = entry.content;
    if (entry === kept || entry.id <= context.markedId || contexts.has(context)) continue;
    if (entry.uses.every((use) => removed.has(use))) contexts.add(context);
  }
  return [...contexts].map((context) => idsRecord(context.name, context.maxId));
}

/** Tombstones for a subject's own config and mode, where there are any. */
export function settingsRemoval(state: State, key: string): LogRecord[] {
  return [
    ...(state.configs.has(key) ? tombstones(state, configKey(key)) : []),
    ...(state.modes.has(key) ? tombstones(state, modeKey(key)) : []),
  ];
}

/** Tombstones for a key and every other spelling of it that holds something. */
export function tombstones(state: State, key: string): LogRecord[] {
  return [...new Set([key, ...(state.spellings.get(key)?.keys() ?? [])])].map(tombstone);
}
