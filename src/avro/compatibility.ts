/**
 * Whether a reader's schema can read everything that a writer's schema can write.
 *
 * This is Java's `SchemaCompatibility` (1.12.2) path for path and message for message:
 * - Results are kept by identity of the two nodes; a pair in progress counts as compatible, and a
 *   stored result comes back with its first location.
 * - Inside unions a check starts with a fresh location, and what it finds there is dropped.
 * - A record goes on to its fields after a wrong name, so one change can give several findings.
 * - Not looked at: logical types, namespaces (but for aliases), docs, orders, values of defaults.
 *
 * Beyond Java each finding carries the full pointers into both schemas, and everything is bounded:
 * - Depth: of types that hold each other, and of the whole schema.
 * - Findings: all are counted, and the first ones are written out (see `findings.ts`).
 * - Steps: they are spent from a budget. A check that takes long inside large unions starts again in a
 *   quicker way, which looks up the branches of a union by name instead of trying each in turn. The
 *   verdict is the same; a location may differ from Java's where a pair of types first occurs in a
 *   union.
 */

import { byUnits, isTypewireError } from "../base/index.ts";
import { avroErrors } from "./errors.ts";
import { fieldNamed } from "./field-index.ts";
import type { Findings, Incompatibility, Place, Step } from "./findings.ts";
import { FINDINGS_SHOWN_MAX, FindingList, found, placeBelow, shownFindings } from "./findings.ts";
import type { EnumSchema, NamedSchema, RecordField, RecordSchema, Schema } from "./model.ts";
import { assertBudget, assertSchema } from "./options.ts";
import { SCHEMA_DEPTH_MAX } from "./parse-finish.ts";
import { printSchema } from "./print.ts";
import { isPromotable } from "./promotions.ts";
import type { StepBudget } from "./steps.ts";
import { createStepBudget, spend } from "./steps.ts";

export type { Incompatibility, IncompatibilityType } from "./findings.ts";

/**
 * Why `reader` cannot read all data of `writer`; empty when it can. Of many findings the first 200 are
 * told (fewer when their texts are long), then one of the type `MORE_FINDINGS` with their number.
 *
 * @param budget steps that the check may take; default 1,000,000
 * @throws AVRO_ALIAS_AMBIGUOUS when a reader's field fits several fields of the writer
 * @throws AVRO_SCHEMA_TOO_DEEP
 * @throws AVRO_COMPARISON_TOO_LARGE when the budget is used up
 */
export function readerIncompatibilities(
  reader: Schema,
  writer: Schema,
  budget: StepBudget = createStepBudget(),
): readonly Incompatibility[] {
  assertSchema(reader, "reader");
  assertSchema(writer, "writer");
  assertBudget(budget);
  return shownFindings(compare(reader, writer, budget, true));
}

/**
 * Whether `reader` can read all data of `writer`: as {@link readerIncompatibilities}, without saying
 * why not.
 *
 * @throws as {@link readerIncompatibilities}
 */
export function canRead(
  reader: Schema,
  writer: Schema,
  budget: StepBudget = createStepBudget(),
): boolean {
  assertSchema(reader, "reader");
  assertSchema(writer, "writer");
  assertBudget(budget);
  return compare(reader, writer, budget, false) === undefined;
}

/** Steps inside of large unions after which a check starts again, with branches looked up by name. */
const EXACT_STEPS_MAX = 50_000;
/** What a pair of types costs; to remember one takes longer than to look at a field. */
const PAIR_STEPS = 4;
/** A union of more branches is a large one. */
const SMALL_UNION_MAX = 16;
const SYMBOLS_PER_STEP = 4;

function compare(reader: Schema, writer: Schema, budget: StepBudget, shows: boolean): Findings {
  const depth = { named: 0, all: 0 };
  try {
    const own = createStepBudget(EXACT_STEPS_MAX);
    return new Checker({ own, shared: budget, depth, shows, looksUp: false }).check(
      reader,
      writer,
      undefined,
    );
  } catch (error) {
    if (!isTypewireError(error, "AVRO_COMPARISON_TOO_LARGE") || budget.left < 0) throw error;
  }
  Object.assign(depth, { named: 0, all: 0 });
  const quick = { own: undefined, shared: budget, depth, looksUp: true };
  return new Checker({ ...quick, shows }).check(reader, writer, undefined);
}

/** A schema is bounded in depth, and each step of a check goes down in one of the two at least. */
const DEPTH_MAX = 2 * SCHEMA_DEPTH_MAX;

const FIELD: Step = (reader, writer) => ({
  location: `/fields/${reader}/type`,
  reader: `/fields/${reader}/type`,
  writer: `/fields/${writer}/type`,
});
const MISSING_FIELD: Step = (reader) => ({
  location: `/fields/${reader}`,
  reader: `/fields/${reader}`,
});
const MISSING_FIELD_TYPE: Step = (reader) => ({
  location: `/fields/${reader}/type`,
  reader: `/fields/${reader}/type`,
});
const BRANCH_INSIDE: Step = (_reader, writer) => ({ writer: `/${writer}` });
const BRANCH: Step = (_reader, writer) => ({ location: `/${writer}`, writer: `/${writer}` });
const READER_BRANCH: Step = (reader) => ({ reader: `/${reader}` });
const ITEMS = sameStep("/items");
const VALUES = sameStep("/values");
const NAME = sameStep("/name");
const SIZE = sameStep("/size");
const SYMBOLS = sameStep("/symbols");

function sameStep(step: string): Step {
  const steps = { location: step, reader: step, writer: step };
  return () => steps;
}

interface CheckerOptions {
  /** Of this checker alone. */
  readonly own: StepBudget | undefined;
  readonly shared: StepBudget;
  readonly depth: { named: number; all: number };
  /** Whether findings are told, or only that there are some. */
  readonly shows: boolean;
  /** Whether the branches of unions are looked up, and only yes or no is worked out inside them. */
  readonly looksUp: boolean;
}

class Checker {
  readonly #options: CheckerOptions;
  readonly #known = new Map<Schema, Map<Schema, Findings>>();
  /** Who checks inside unions. */
  readonly #inside: Checker;
  readonly #branches = new Map<readonly Schema[], BranchIndex>();
  /** How many large unions the check is inside of. */
  #largeUnions = 0;

  constructor(options: CheckerOptions) {
    this.#options = options;
    const { shows, looksUp } = options;
    this.#inside = shows && looksUp ? new Checker({ ...options, shows: false }) : this;
  }

  /** Only pairs with a named type can be met twice, so only those are remembered. */
  check(reader: Schema, writer: Schema, place: Place | undefined): Findings {
    const { depth } = this.#options;
    const isNamed = "name" in reader || "name" in writer;
    this.#spend(isNamed ? PAIR_STEPS : 1);
    const partners = isNamed ? this.#partnersOf(reader) : undefined;
    if (partners?.has(writer)) return partners.get(writer);
    partners?.set(writer, undefined);
    if (++depth.all > DEPTH_MAX || (isNamed && ++depth.named > SCHEMA_DEPTH_MAX)) {
      throw avroErrors.create("AVRO_SCHEMA_TOO_DEEP", { limit: SCHEMA_DEPTH_MAX });
    }
    const findings = this.#compare(reader, writer, place);
    depth.all--;
    if (isNamed) depth.named--;
    if (findings !== undefined) partners?.set(writer, findings);
    return findings;
  }

  /** What is known of pairs with a reader; `undefined` for one that is compatible or in progress. */
  #partnersOf(reader: Schema): Map<Schema, Findings> {
    const known = this.#known.get(reader);
    if (known !== undefined) return known;
    const partners = new Map<Schema, Findings>();
    this.#known.set(reader, partners);
    return partners;
  }

  #spend(steps: number): void {
    const { own, shared } = this.#options;
    spend(shared, steps);
    if (own !== undefined && this.#largeUnions > 0) spend(own, steps);
  }

  #compare(reader: Schema, writer: Schema, place: Place | undefined): Findings {
    if (reader.kind === "union") {
      return writer.kind === "union"
        ? this.#unions(reader, writer.branches, place)
        : this.#readerUnion(reader.branches, writer, place);
    }
    if (writer.kind === "union") return this.#writerUnion(reader, writer.branches, place);
    if (reader.kind === "record" && writer.kind === "record") {
      return this.#records(reader, writer, place);
    }
    if (reader.kind === "array" && writer.kind === "array") {
      return this.check(reader.items, writer.items, placeBelow(place, ITEMS));
    }
    if (reader.kind === "map" && writer.kind === "map") {
      return this.check(reader.values, writer.values, placeBelow(place, VALUES));
    }
    return this.#leaves(reader, writer, place);
  }

  #unions(reader: Schema, branches: readonly Schema[], place: Place | undefined): Findings {
    const list = this.#list();
    for (const [index, branch] of branches.entries()) {
      const inner = placeBelow(place, BRANCH_INSIDE, index);
      if (this.#inside.check(reader, branch, inner) === undefined) continue;
      list.add(missingBranch(branch, placeBelow(place, BRANCH, index)));
    }
    return list.all;
  }

  #writerUnion(reader: Schema, branches: readonly Schema[], place: Place | undefined): Findings {
    const list = this.#list();
    for (const [index, branch] of branches.entries()) {
      list.add(this.check(reader, branch, placeBelow(place, BRANCH, index)));
    }
    return list.all;
  }

  #readerUnion(branches: readonly Schema[], writer: Schema, place: Place | undefined): Findings {
    const isLarge = branches.length > SMALL_UNION_MAX;
    if (isLarge) this.#largeUnions++;
    let canRead = false;
    for (const index of this.#promising(branches, writer)) {
      const inner = placeBelow(place, READER_BRANCH, index);
      const branch = branches[index];
      canRead = branch !== undefined && this.#inside.check(branch, writer, inner) === undefined;
      if (canRead) break;
    }
    if (isLarge) this.#largeUnions--;
    return canRead ? undefined : missingBranch(writer, place);
  }

  /** The indexes of branches that may read the writer's type; all of them where none are looked up. */
  #promising(branches: readonly Schema[], writer: Schema): Iterable<number> {
    if (!this.#options.looksUp) return branches.keys();
    let index = this.#branches.get(branches);
    if (index === undefined) {
      index = indexBranches(branches);
      this.#branches.set(branches, index);
    }
    if (!("name" in writer)) return index.unnamed;
    const byName = index.named.get(writer.name.name) ?? [];
    return new Set([...byName, ...(index.aliased.get(writer.name.fullName) ?? [])]);
  }

  #records(reader: RecordSchema, writer: RecordSchema, place: Place | undefined): Findings {
    const list = this.#list();
    list.add(compareNames(reader, writer, place));
    for (const field of reader.fields) {
      this.#spend(1 + field.aliases.length);
      const partner = writerField(writer, field);
      if (partner === undefined) {
        list.add(this.#missingField(field, writer, place));
      } else if (!isSamePrimitive(field.schema, partner.schema)) {
        const inner = placeBelow(place, FIELD, field.index, partner.index);
        list.add(this.check(field.schema, partner.schema, inner));
      }
    }
    return list.all;
  }

  /** Java compares an enum that has a default with the writer's record; so do we. */
  #missingField(
    { index, name, schema, default: value }: RecordField,
    writer: RecordSchema,
    place: Place | undefined,
  ): Findings {
    if (value !== undefined) return undefined;
    if (schema.kind === "enum" && schema.default !== undefined) {
      return this.check(schema, writer, placeBelow(place, MISSING_FIELD_TYPE, index));
    }
    const here = placeBelow(place, MISSING_FIELD, index);
    return found("READER_FIELD_MISSING_DEFAULT_VALUE", here, () => name);
  }

  #leaves(reader: Schema, writer: Schema, place: Place | undefined): Findings {
    if (reader.kind === "enum" && writer.kind === "enum") {
      const list = this.#list();
      list.add(compareNames(reader, writer, place));
      this.#spend(Math.ceil(writer.symbols.length / SYMBOLS_PER_STEP));
      list.add(compareSymbols(reader, writer, place));
      return list.all;
    }
    if (reader.kind === "fixed" && writer.kind === "fixed") {
      const list = this.#list();
      list.add(compareNames(reader, writer, place));
      list.add(compareSizes(reader.size, writer.size, place));
      return list.all;
    }
    if (reader.kind === writer.kind || isPromotable(writer.kind, reader.kind)) {
      return undefined;
    }
    const types = [typeName(reader), typeName(writer)];
    return found(
      "TYPE_MISMATCH",
      place,
      () => `reader type: ${types[0]} not compatible with writer type: ${types[1]}`,
    );
  }

  #list(): FindingList {
    return new FindingList(this.#options.shows ? FINDINGS_SHOWN_MAX : 1);
  }
}

/** Indexes of the branches of a union, by what may be read with them. */
interface BranchIndex {
  readonly unnamed: readonly number[];
  /** By the name without its namespace. */
  readonly named: ReadonlyMap<string, readonly number[]>;
  /** By the full names of the aliases. */
  readonly aliased: ReadonlyMap<string, readonly number[]>;
}

function indexBranches(branches: readonly Schema[]): BranchIndex {
  const unnamed: number[] = [];
  const named = new Map<string, number[]>();
  const aliased = new Map<string, number[]>();
  const put = (map: Map<string, number[]>, key: string, index: number): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [index]);
    else known.push(index);
  };
  for (const [index, branch] of branches.entries()) {
    if ("name" in branch) {
      put(named, branch.name.name, index);
      for (const alias of branch.aliases) put(aliased, alias, index);
    } else {
      unnamed.push(index);
    }
  }
  return { unnamed, named, aliased };
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
/** Up to so many names are looked through one by one. */
const LINEAR_NAMES_MAX = 8;

function includes(names: readonly string[], name: string): boolean {
  if (names.length <= LINEAR_NAMES_MAX) return names.includes(name);
  let set = sets.get(names);
  if (set === undefined) {
    set = new Set(names);
    sets.set(names, set);
  }
  return set.has(name);
}

function compareSymbols(
  reader: EnumSchema,
  writer: EnumSchema,
  place: Place | undefined,
): Findings {
  if (reader.default !== undefined) return undefined;
  const isMissing = (symbol: string): boolean => !includes(reader.symbols, symbol);
  if (!writer.symbols.some(isMissing)) return undefined;
  return found("MISSING_ENUM_SYMBOLS", placeBelow(place, SYMBOLS), () => {
    const missing = writer.symbols.filter(isMissing).sort(byUnits);
    return `[${missing.join(", ")}]`;
  });
}

function compareSizes(reader: number, writer: number, place: Place | undefined): Findings {
  if (reader === writer) return undefined;
  const message = `expected: ${writer}, found: ${reader}`;
  return found("FIXED_SIZE_MISMATCH", placeBelow(place, SIZE), () => message);
}

function compareNames(
  reader: NamedSchema,
  writer: NamedSchema,
  place: Place | undefined,
): Findings {
  const { name, fullName } = writer.name;
  if (reader.name.name === name || hasAlias(reader, fullName)) return undefined;
  return found("NAME_MISMATCH", placeBelow(place, NAME), () => `expected: ${fullName}`);
}

/** For Java an alias of the null namespace on a type of another namespace matches nothing. */
function hasAlias(reader: NamedSchema, fullName: string): boolean {
  return (
    includes(reader.aliases, fullName) && (reader.name.namespace === "" || fullName.includes("."))
  );
}

function writerField(writer: RecordSchema, field: RecordField): RecordField | undefined {
  const direct = fieldNamed(writer, field.name, field.index);
  if (field.aliases.length === 0) return direct;
  const matches = direct === undefined ? [] : [direct];
  for (const alias of field.aliases) {
    const match = fieldNamed(writer, alias, field.index);
    if (match !== undefined) matches.push(match);
  }
  if (matches.length < 2) return matches[0];
  const shown = `${field.name} type:${typeName(field.schema)} pos:${field.index}`;
  throw avroErrors.create("AVRO_ALIAS_AMBIGUOUS", {
    field: field.name,
    record: writer.name.fullName,
    matches: matches.map((match) => match.name).join(", "),
    javaMessage: `Reader record field ${shown} matches multiple fields in writer record schema ${printSchema(writer)}`,
  });
}

function isSamePrimitive(reader: Schema, writer: Schema): boolean {
  if (reader.kind !== writer.kind || reader.kind === "union" || "name" in reader) return false;
  return reader.kind !== "array" && reader.kind !== "map";
}

function missingBranch(writer: Schema, place: Place | undefined): Findings {
  return found(
    "MISSING_UNION_BRANCH",
    place,
    () => `reader union lacking writer type: ${typeName(writer)}`,
  );
}

function typeName(schema: Schema): string {
  return schema.kind.toUpperCase();
}
