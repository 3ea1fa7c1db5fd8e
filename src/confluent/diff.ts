/**
 * What changed between two versions of a schema, for people and for plans.
 *
 * Invariants:
 * - There are changes exactly when the stored texts of the two schemas differ (closed schemas).
 * - A change names the levels that it breaks on its own, judged by the same checker as registration;
 *   a change inside a union breaks nothing when another branch can read the data.
 * - Each pair of named types is compared once, at the place where it is met first.
 */

import type { JsonObject, NamedSchema, RecordField, RecordSchema, Schema } from "../avro/index.ts";
import { assertSchema, canRead, fieldNamed, printSchema, typeLabel } from "../avro/index.ts";
import { isTypewireError } from "../base/index.ts";
import type { Finding, SchemaChange } from "./changes.ts";
import { diffAttributes, diffEnums, diffField, diffHead, isReordered } from "./diff-details.ts";
import { LEVELS } from "./level-names.ts";
import type { Direction } from "./levels.ts";
import { directionsOf } from "./levels.ts";

/**
 * All changes from one version of a schema to the next, in the order of the new schema.
 *
 * @example
 * ```ts
 * import { diffSchemas, parseSchema } from "typewire/avro";
 *
 * const before = parseSchema('"int"', { mode: "strict" });
 * const after = parseSchema('"long"', { mode: "strict" });
 * for (const change of diffSchemas(before, after)) console.log(change.kind, change.path);
 * ```
 */
export function diffSchemas(before: Schema, after: Schema): readonly SchemaChange[] {
  assertSchema(before, "before");
  assertSchema(after, "after");
  const differ = new Differ();
  differ.types(before, after, "", BOTH);
  return differ.changes;
}

/** Directions in which a change at some place can still break reading. */
type Directions = readonly Direction[];

const BOTH: Directions = ["forward", "backward"];
const NEITHER: Directions = [];

class Differ {
  readonly changes: SchemaChange[] = [];
  readonly #seen = new Map<Schema, Map<Schema, Set<Direction>>>();

  types(before: Schema, after: Schema, path: string, live: Directions): void {
    if (before.kind === "union" && after.kind === "union") {
      this.#unions(before.branches, after.branches, { before, after, path, live });
      return;
    }
    if (before.kind !== after.kind || before.kind === "union" || after.kind === "union") {
      const texts = { before: printSchema(before), after: printSchema(after) };
      this.#add({ kind: "type-changed", ...texts }, path, broken(before, after, live));
      return;
    }
    if ("name" in before && "name" in after) {
      this.#named(before, after, path, live);
      return;
    }
    for (const finding of diffAttributes(before, after)) this.#add(finding, path, NEITHER);
    if (before.kind === "array" && after.kind === "array") {
      this.types(before.items, after.items, `${path}/items`, live);
    } else if (before.kind === "map" && after.kind === "map") {
      this.types(before.values, after.values, `${path}/values`, live);
    }
  }

  /** A pair that is met again is looked at again only for directions that were not live before. */
  #named(before: NamedSchema, after: NamedSchema, path: string, live: Directions): void {
    const partners = this.#seen.get(before) ?? new Map<Schema, Set<Direction>>();
    this.#seen.set(before, partners);
    const known = partners.get(after);
    const fresh = live.filter((direction) => known?.has(direction) !== true);
    if (known !== undefined && fresh.length === 0) return;
    partners.set(after, new Set([...(known ?? []), ...live]));
    const start = this.changes.length;
    this.#namedBody(before, after, path, fresh);
    if (known === undefined) return;
    const repeated = this.changes.splice(start);
    this.changes.push(...repeated.filter(({ breaks }) => breaks.length > 0));
  }

  #namedBody(before: NamedSchema, after: NamedSchema, path: string, live: Directions): void {
    for (const finding of diffHead(before, after)) {
      const isName = finding.kind === "type-renamed";
      this.#add(finding, path, isName ? broken(headOf(before), headOf(after), live) : NEITHER);
    }
    for (const finding of diffAttributes(before, after)) this.#add(finding, path, NEITHER);
    if (before.kind === "record" && after.kind === "record")
      this.#fields(before, after, path, live);
    if (before.kind === "enum" && after.kind === "enum") {
      for (const { directions, ...finding } of diffEnums(before, after)) {
        this.#add(finding, path, both(live, directions));
      }
    }
    if (before.kind === "fixed" && after.kind === "fixed" && before.size !== after.size) {
      const sizes = { before: String(before.size), after: String(after.size) };
      this.#add({ kind: "size-changed", ...sizes }, `${path}/size`, live);
    }
  }

  #fields(before: RecordSchema, after: RecordSchema, path: string, live: Directions): void {
    const matches = matchFields(before, after);
    const indexes: number[] = [];
    for (const field of after.fields) {
      const fieldPath = `${path}/fields/${field.index}`;
      const old = matches.get(field);
      if (old === undefined) {
        const directions = addedBreaks(field, before, "backward");
        this.#add({ kind: "field-added", after: field.name }, fieldPath, both(live, directions));
        continue;
      }
      indexes.push(old.index);
      this.#field(old, field, fieldPath, fieldLive(old, field, after, live));
      if (old.name === field.name) continue;
      const names = { before: old.name, after: field.name };
      const directions = addedBreaks(old, after, "forward");
      this.#add({ kind: "field-renamed", ...names }, fieldPath, both(live, directions));
    }
    const kept = new Set(indexes);
    for (const old of before.fields.filter(({ index }) => !kept.has(index))) {
      const directions = both(live, addedBreaks(old, after, "forward"));
      this.#add(
        { kind: "field-removed", before: old.name },
        `${path}/fields/${old.index}`,
        directions,
      );
    }
    if (isReordered(indexes)) this.#add({ kind: "fields-reordered" }, `${path}/fields`, NEITHER);
  }

  #field(before: RecordField, after: RecordField, path: string, live: Directions): void {
    for (const finding of diffField(before, after)) this.#add(finding, path, NEITHER);
    this.types(before.schema, after.schema, `${path}/type`, live);
  }

  #unions(
    before: readonly Schema[],
    after: readonly Schema[],
    place: { before: Schema; after: Schema; path: string; live: Directions },
  ): void {
    const { path, live } = place;
    const indexes: number[] = [];
    const branches = new BranchMatcher(before);
    for (const [index, branch] of after.entries()) {
      const at = branches.take(branch);
      const old = before[at];
      if (old === undefined) {
        const directions = both(live, fails(place.before, branch) ? ["forward"] : NEITHER);
        const text = { after: typeLabel(branch) };
        this.#add({ kind: "branch-added", ...text }, `${path}/${index}`, directions);
        continue;
      }
      indexes.push(at);
      const backward: Directions = fails(place.after, old) ? ["backward"] : NEITHER;
      const forward: Directions = fails(place.before, branch) ? ["forward"] : NEITHER;
      this.types(old, branch, `${path}/${index}`, both(live, [...forward, ...backward]));
    }
    const kept = new Set(indexes);
    for (const [index, branch] of before.entries()) {
      if (kept.has(index)) continue;
      const directions = both(live, fails(place.after, branch) ? ["backward"] : NEITHER);
      const text = { before: typeLabel(branch) };
      this.#add({ kind: "branch-removed", ...text }, `${path}/${index}`, directions);
    }
    if (isReordered(indexes)) this.#add({ kind: "branches-reordered" }, path, NEITHER);
  }

  #add(finding: Finding, path: string, directions: Directions): void {
    const breaks = LEVELS.filter((level) =>
      directionsOf(level).some((direction) => directions.includes(direction)),
    );
    const { warning, ...rest } = finding;
    this.changes.push({
      ...rest,
      path,
      breaks,
      ...(warning !== undefined && breaks.length === 0 && { warning }),
    });
  }
}

function both(left: Directions, right: Directions): Directions {
  return left.filter((direction) => right.includes(direction));
}

function broken(before: Schema, after: Schema, live: Directions): Directions {
  return live.filter((direction) =>
    direction === "backward" ? fails(after, before) : fails(before, after),
  );
}

function fails(reader: Schema, writer: Schema): boolean {
  try {
    return !canRead(reader, writer);
  } catch (error) {
    if (isTypewireError(error)) return true;
    throw error;
  }
}

/** The name and aliases of a type alone, to judge a renaming apart from what is inside. */
function headOf({ name, aliases }: NamedSchema): Schema {
  return { kind: "fixed", name, aliases, attributes: NO_ATTRIBUTES, size: 0 };
}

const NO_ATTRIBUTES: JsonObject = new Map();

/** Fields of the new record with their partners: of the same name, else by the new one's aliases. */
function matchFields(
  before: RecordSchema,
  after: RecordSchema,
): ReadonlyMap<RecordField, RecordField> {
  const free = new Map(before.fields.map((field) => [field.name, field]));
  const matches = new Map<RecordField, RecordField>();
  for (const isByAlias of [false, true]) {
    for (const field of after.fields.filter((each) => !matches.has(each))) {
      const name = isByAlias ? field.aliases.find((alias) => free.has(alias)) : field.name;
      const partner = name === undefined ? undefined : free.get(name);
      if (partner === undefined) continue;
      matches.set(field, partner);
      free.delete(partner.name);
    }
  }
  return matches;
}

/** The direction, if a reader with this field cannot fill it from records of the other version. */
function addedBreaks(field: RecordField, other: RecordSchema, direction: Direction): Directions {
  const names = new Set([field.name, ...field.aliases]);
  const sources = [...names].flatMap((name) => fieldNamed(other, name, field.index) ?? []);
  const [source] = sources;
  const isBroken =
    source === undefined
      ? field.default === undefined
      : sources.length > 1 || fails(field.schema, source.schema);
  return isBroken ? [direction] : NEITHER;
}

/** An old reader that does not find a renamed field does not look at its type. */
function fieldLive(
  before: RecordField,
  after: RecordField,
  record: RecordSchema,
  live: Directions,
): Directions {
  if (before.name === after.name) return live;
  const isRead = before.aliases.some((alias) => fieldNamed(record, alias) !== undefined);
  return isRead ? live : both(live, ["backward"]);
}

/** Finds the old branches that new ones continue; each is taken once. */
class BranchMatcher {
  /** Indexes of old branches that are not taken, by all that they are found by. */
  readonly #free = new Map<string, number[]>();
  readonly #taken = new Set<number>();

  constructor(branches: readonly Schema[]) {
    for (const [index, branch] of branches.entries()) {
      this.#put(`label ${typeLabel(branch)}`, index);
      if (!("name" in branch)) continue;
      this.#put(`full ${branch.kind} ${branch.name.fullName}`, index);
      this.#put(`name ${branch.kind} ${branch.name.name}`, index);
    }
  }

  /** The index of the old branch that a new one continues, or -1. */
  take(branch: Schema): number {
    let at = this.#first(`label ${typeLabel(branch)}`);
    if (at === undefined && "name" in branch) {
      const { kind, name, aliases } = branch;
      const found = [
        this.#first(`name ${kind} ${name.name}`),
        ...aliases.map((alias) => this.#first(`full ${kind} ${alias}`)),
      ].filter((index) => index !== undefined);
      at = found.length === 0 ? undefined : found.reduce((least, one) => Math.min(least, one));
    }
    if (at === undefined) return -1;
    this.#taken.add(at);
    return at;
  }

  #put(key: string, index: number): void {
    const known = this.#free.get(key);
    if (known === undefined) this.#free.set(key, [index]);
    else known.push(index);
  }

  #first(key: string): number | undefined {
    const indexes = this.#free.get(key) ?? [];
    const place = indexes.findIndex((index) => !this.#taken.has(index));
    // Those before it are taken for good.
    if (place > 0) indexes.splice(0, place);
    return place < 0 ? undefined : indexes[0];
  }
}
