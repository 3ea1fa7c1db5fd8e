/**
 * Which branch of a reader's union takes a writer's type, and which types cannot be read at all:
 * yes-or-no questions, answered without making plans.
 *
 * Invariants: branches are found by index (names, kinds, the fields that must be there), so that
 * unions of thousands are not walked for each other; each pair of records is judged once; every step
 * is counted.
 */

import type { WriterNames } from "./aliases.ts";
import { PairVerdicts, structureEquals } from "./aliases.ts";
import { CodecFault } from "./codec-fault.ts";
import type {
  FixedSchema,
  NamedSchema,
  RecordField,
  RecordSchema,
  Schema,
  UnionSchema,
} from "./model.ts";
import { isPromotable, promotionsOf } from "./promotions.ts";

/** What is left of the steps of one decoder. */
export interface Steps {
  left: number;
  readonly max: number;
}

/** Counts steps. Throws the fault of too many. */
export function spendSteps(steps: Steps, count: number): void {
  steps.left -= count;
  if (steps.left < 0) throw new CodecFault("AVRO_RESOLUTION_TOO_LARGE", { max: steps.max });
}

/** How many records may be looked into inside each other, to end before the stack does. */
const NESTED_MAX = 500;

/** The branches of a union of the reader. */
interface BranchIndex {
  readonly byFullName: ReadonlyMap<string, number>;
  readonly byKind: ReadonlyMap<string, number>;
  /** Named types by their name without the namespace, in order. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /**
   * Records by the field that must be there and that fewest of them need; those that need none have
   * the key `undefined`.
   */
  readonly byNeed: ReadonlyMap<string | undefined, readonly number[]>;
}

/** Answers for one pair of schemas. */
export class BranchFinder {
  readonly #names: WriterNames;
  readonly #steps: Steps;
  readonly #indexes = new Map<UnionSchema, BranchIndex>();
  readonly #wanted = new Map<RecordSchema, ReadonlyMap<string, RecordField>>();
  readonly #fitting = new Map<RecordSchema, Map<RecordSchema, boolean>>();
  /** Pairs of records of the same structure, names without namespaces. */
  readonly #same = new PairVerdicts();
  #nested = 0;

  constructor(names: WriterNames, steps: Steps) {
    this.#names = names;
    this.#steps = steps;
  }

  /** The index of the branch that takes a type; −1 when there is none. */
  find(writer: Exclude<Schema, UnionSchema>, reader: UnionSchema): number {
    spendSteps(this.#steps, 1);
    const index = this.#indexOf(reader);
    const exact = this.#findExact(writer, reader, index);
    if (exact !== undefined) return exact;
    const similar = writer.kind === "record" ? this.#findSimilar(writer, reader, index) : -1;
    if (similar >= 0) return similar;
    const promoted = promotionsOf(writer.kind).flatMap((kind) => index.byKind.get(kind) ?? []);
    if (promoted.length > 0) return Math.min(...promoted);
    return this.#findMoved(writer, reader, index);
  }

  /**
   * An enum or fixed type in another namespace, as the specification has it. Java's reader fails
   * there, although its compatibility check says that it can read.
   */
  #findMoved(
    writer: Exclude<Schema, UnionSchema>,
    { branches }: UnionSchema,
    { byName }: BranchIndex,
  ): number {
    if (writer.kind !== "enum" && writer.kind !== "fixed") return -1;
    const namesakes = byName.get(this.#names.of(writer).name) ?? [];
    spendSteps(this.#steps, namesakes.length);
    const moved = namesakes.find((index) => !this.refuses(writer, branches[index] as Schema));
    return moved ?? -1;
  }

  #findExact(
    writer: Exclude<Schema, UnionSchema>,
    { branches }: UnionSchema,
    { byFullName, byKind }: BranchIndex,
  ): number | undefined {
    if (!("name" in writer)) return byKind.get(writer.kind);
    const found = byFullName.get(this.#names.of(writer).fullName);
    return found !== undefined && branches[found]?.kind === writer.kind ? found : undefined;
  }

  /** The last record of an equal name whose fields resolve, or the first of any name, as in Java. */
  #findSimilar(
    writer: RecordSchema,
    { branches }: UnionSchema,
    { byName, byNeed }: BranchIndex,
  ): number {
    const fits = (index: number) => {
      const branch = branches[index] as Schema;
      return branch.kind === "record" && this.#hasFieldsFor(writer, branch);
    };
    const namesake = (byName.get(this.#names.of(writer).name) ?? []).findLast(fits);
    if (namesake !== undefined) return namesake;
    const lists = [undefined, ...this.#names.fields(writer).keys()].flatMap((name) => {
      const list = byNeed.get(name);
      return list === undefined ? [] : [list];
    });
    return this.#firstOf(lists, fits);
  }

  /** The first index that passes a test, of several ascending lists; −1 when there is none. */
  #firstOf(lists: readonly (readonly number[])[], test: (index: number) => boolean): number {
    const at = lists.map(() => 0);
    for (;;) {
      spendSteps(this.#steps, 1 + lists.length);
      let next = -1;
      for (const [which, list] of lists.entries()) {
        const head = list[at[which] ?? 0] ?? Number.POSITIVE_INFINITY;
        if (next < 0 || head < (lists[next]?.[at[next] ?? 0] ?? Number.POSITIVE_INFINITY)) {
          next = which;
        }
      }
      const index = lists[next]?.[at[next] ?? 0];
      if (index === undefined) return -1;
      if (test(index)) return index;
      at[next] = (at[next] ?? 0) + 1;
    }
  }

  #hasFieldsFor(writer: RecordSchema, reader: RecordSchema): boolean {
    if (this.missingField(writer, reader) !== undefined) return false;
    const memo = this.#fitting.get(writer) ?? new Map<RecordSchema, boolean>();
    this.#fitting.set(writer, memo);
    const known = memo.get(reader);
    if (known !== undefined) return known;
    if (this.#nested >= NESTED_MAX) spendSteps(this.#steps, this.#steps.max + 1);
    memo.set(reader, true);
    this.#nested++;
    const verdict = this.#judgeFields(writer, reader);
    this.#nested--;
    memo.set(reader, verdict);
    return verdict;
  }

  #judgeFields(writer: RecordSchema, reader: RecordSchema): boolean {
    const wanted = this.wantedFields(reader);
    const offered = this.#names.fields(writer);
    spendSteps(this.#steps, offered.size);
    for (const [name, field] of offered) {
      const target = wanted.get(name);
      if (target !== undefined && this.refuses(field.schema, target.schema)) return false;
    }
    return true;
  }

  /** Whether no value of the writer's type can be read; what lies inside of arrays, maps and records shows later. */
  refuses(writer: Schema, reader: Schema): boolean {
    if (writer.kind === "union") return false;
    if (reader.kind === "union") return this.find(writer, reader) < 0;
    if (writer.kind !== reader.kind) return !isPromotable(writer.kind, reader.kind);
    switch (writer.kind) {
      case "record":
        return this.missingField(writer, reader as RecordSchema) !== undefined;
      case "enum":
        return !this.#isNamesake(writer, reader as NamedSchema);
      case "fixed":
        return (
          !this.#isNamesake(writer, reader as NamedSchema) ||
          writer.size !== (reader as FixedSchema).size
        );
      default:
        return false;
    }
  }

  #isNamesake(writer: NamedSchema, reader: NamedSchema): boolean {
    return this.#names.of(writer).name === reader.name.name;
  }

  /** The first field of the reader's record that cannot be had. */
  missingField(writer: RecordSchema, reader: RecordSchema): string | undefined {
    const offered = this.#names.fields(writer);
    let looked = 1;
    const missing = reader.fields.find((field) => {
      looked++;
      return field.default === undefined && !offered.has(field.name);
    });
    spendSteps(this.#steps, looked);
    return missing?.name;
  }

  /** The fields of the reader's record by name. */
  wantedFields(reader: RecordSchema): ReadonlyMap<string, RecordField> {
    const known = this.#wanted.get(reader);
    if (known !== undefined) return known;
    const wanted = new Map(reader.fields.map((field) => [field.name, field]));
    this.#wanted.set(reader, wanted);
    return wanted;
  }

  /** Whether two unions have the same structure, names without namespaces. */
  isSameUnion(writer: UnionSchema, reader: UnionSchema): boolean {
    const nameOf = (schema: NamedSchema, side: "a" | "b") => {
      spendSteps(this.#steps, 1);
      return side === "a" ? this.#names.of(schema).name : schema.name.name;
    };
    const fieldsOf = (record: RecordSchema, side: "a" | "b") => {
      spendSteps(this.#steps, record.fields.length);
      return side === "a"
        ? [...this.#names.fields(record).keys()]
        : record.fields.map((field) => field.name);
    };
    let isSame = false;
    try {
      isSame = structureEquals(writer, reader, this.#same, nameOf, fieldsOf);
      return isSame;
    } finally {
      this.#same.settle(isSame);
    }
  }

  #indexOf(union: UnionSchema): BranchIndex {
    const known = this.#indexes.get(union);
    if (known !== undefined) return known;
    const byFullName = new Map<string, number>();
    const byKind = new Map<string, number>();
    const byName = new Map<string, number[]>();
    const byNeed = new Map<string | undefined, number[]>();
    const users = countNeeds(union.branches);
    for (const [index, branch] of union.branches.entries()) {
      if (!("name" in branch)) {
        if (!byKind.has(branch.kind)) byKind.set(branch.kind, index);
        continue;
      }
      if (!byFullName.has(branch.name.fullName)) byFullName.set(branch.name.fullName, index);
      add(byName, branch.name.name, index);
      if (branch.kind !== "record") continue;
      add(byNeed, rarest(needsOf(branch), users), index);
    }
    const made = { byFullName, byKind, byName, byNeed };
    this.#indexes.set(union, made);
    return made;
  }
}

function needsOf(record: RecordSchema): string[] {
  return record.fields.filter((field) => field.default === undefined).map(({ name }) => name);
}

/** How many records of a union need each field. */
function countNeeds(branches: readonly Schema[]): ReadonlyMap<string, number> {
  const users = new Map<string, number>();
  for (const branch of branches) {
    if (branch.kind !== "record") continue;
    for (const name of needsOf(branch)) users.set(name, (users.get(name) ?? 0) + 1);
  }
  return users;
}

function rarest(names: readonly string[], users: ReadonlyMap<string, number>): string | undefined {
  let found = names[0];
  for (const name of names) {
    if ((users.get(name) ?? 0) <= (users.get(found ?? name) ?? 0)) found = name;
  }
  return found;
}

function add<K>(lists: Map<K, number[]>, key: K, index: number): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [index]);
  else known.push(index);
}
