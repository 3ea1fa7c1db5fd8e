/**
 * The state as lines of text: equal states have equal lines, whatever way led to them.
 *
 * Used to prove that a replay, a restore or another replica arrived at the same registry. Every part
 * of the state is shown, indices included; of offsets, which a restore changes, only the order is,
 * where a later answer can depend on it.
 */
import { byUnits } from "../../base/index.ts";
import { droppersOf, fateOf } from "./apply-versions.ts";
import type { Claim, Content, ContextState, IdEntry, State, VersionState } from "./state.ts";

/** Everything that a client can see or a later decision depends on, sorted. */
export function dumpState(state: State): string[] {
  return [...lines(state)].sort(byUnits);
}

function* lines(state: State): Generator<string, void, undefined> {
  for (const context of state.contexts.values()) yield* contextLines(context);
  for (const { name, context, shortName, live, versions } of state.subjects.values()) {
    yield line("subject", name, context.name, shortName, live, versions.length);
    for (const version of versions) yield versionLine(version);
  }
  for (const name of state.names.range()) yield line("name", name);
  for (const [key, config] of state.configs) yield line("config", key, config);
  for (const [key, mode] of state.modes) yield line("mode", key, mode);
  for (const [key, names] of state.aliases) yield line("aliases", key, [...names].sort());
  for (const [guid, contents] of state.guids) yield line("guid", guid, contents.map(contextOf));
  for (const [key, versions] of state.referrers) {
    yield line("referrers", key, [...versions].map(nameOf).sort());
  }
  for (const [key, text] of state.originals) yield line("original", key, text);
  yield* hiddenLines(state);
  yield line("counts", state.counts);
}

/** What is not in force, and may be again when a record goes. */
function* hiddenLines(state: State): Generator<string, void, undefined> {
  for (const [key, spellings] of state.spellings) {
    // The members of a record have no order of their own: it depends on who made the object.
    const members = (record: object) =>
      Object.entries(record).sort(([left], [right]) => byUnits(left, right));
    const records = [...spellings].map(([own, { record }]) => [own, members(record)]);
    yield line("spellings", key, records);
  }
  for (const [name, { version }] of state.watermarks) yield line("watermark", name, version);
  for (const key of state.clears.keys()) yield line("clear", key);
  for (const claims of state.cleared.values()) {
    for (const claim of claims.values()) yield claimLine(state, "cleared", claim);
  }
  for (const claim of state.rivals.values()) yield claimLine(state, "rival", claim);
}

function* contextLines(context: ContextState): Generator<string, void, undefined> {
  const { name, maxId, markedId, declared, subjects } = context;
  yield line("context", { name, maxId, markedId, declared, subjects });
  for (const [guid, content] of context.byGuid) {
    const { schemaType, text, references, metadata, ruleSet, ids, variants } = content;
    const numbers = ids.map(({ id }) => id);
    yield line("content", name, guid, content.guid, numbers, variants, schemaType, text);
    yield line("content of", name, guid, references, metadata, ruleSet, orderOf(content));
  }
  for (const [id, entry] of context.byId) {
    const { content, uses } = entry;
    yield line("id", name, id, entry.id, content.guid, uses.map(nameOf), rivalsOf(context, entry));
  }
}

/** Versions by the order of their records, where that says which one makes the content. */
function orderOf({ ids, variants }: Content): readonly string[] {
  if (variants === 0) return [];
  return ids
    .flatMap(({ uses }) => uses)
    .toSorted((left, right) => left.offset - right.offset)
    .map(nameOf);
}

/** All that claim an id, by the order of their records, where that says who holds it. */
function rivalsOf({ rivals }: ContextState, { id, uses }: IdEntry): readonly string[] {
  const claims = [...(rivals.get(id) ?? [])];
  if (claims.length === 0) return [];
  const named = [
    ...uses.map((use) => ({ offset: use.offset, name: nameOf(use) })),
    ...claims.map(({ offset, value }) => ({ offset, name: `${value.subject} ${value.version}` })),
  ];
  return named.sort((left, right) => left.offset - right.offset).map(({ name }) => name);
}

function versionLine(one: VersionState): string {
  const { subject, version, entry, deleted, deletedAlone, ts, variant } = one;
  return line("version", subject.name, version, entry.id, entry.content.guid, {
    deleted,
    deletedAlone,
    ts,
    variant,
  });
}

function claimLine(state: State, kind: string, claim: Claim): string {
  const { value, guid } = claim;
  const { deleted } = fateOf(state, claim);
  return line(kind, value.subject, value.version, value, guid, deleted, droppersOf(state, claim));
}

function line(kind: string, ...parts: readonly unknown[]): string {
  return `${kind} ${JSON.stringify(parts)}`;
}

function nameOf({ subject, version }: VersionState): string {
  return `${subject.name} ${version}`;
}

function contextOf({ context }: Content): string {
  return context.name;
}
