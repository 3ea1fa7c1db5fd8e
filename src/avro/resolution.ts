/**
 * What reading does: the writer's schema resolved against the reader's, as Java's `Resolver` does it.
 * The plan is data; the interpreter walks it and the compiler prints it.
 *
 * Invariants:
 * - Records and unions are resolved when they are met: two schemas have as many pairs of records as
 *   the product of their numbers, and data meets few of them. All steps are counted.
 * - A plan always exists: what cannot be read is a `refuse` node, met only by the data that needs it.
 * - Names of records are not compared, except inside a reader's union; those of enums and fixed types
 *   are compared without namespace, after the reader's aliases.
 * - A reader's union takes a value by exact name or type first, then a record by structure, then by
 *   promotion in the reader's order, last (unlike Java) an enum or fixed type by name without the
 *   namespace. Unions of the same structure keep the branch.
 */
import type { WriterNames } from "./aliases.ts";
import { writerNames } from "./aliases.ts";
import type { Steps } from "./branch-finder.ts";
import { BranchFinder, spendSteps } from "./branch-finder.ts";
import { CodecFault } from "./codec-fault.ts";
import type { DefaultValue } from "./default-bytes.ts";
import { Defaults } from "./default-bytes.ts";
import {
  BYTES_PER_UNIT,
  DEFAULT_LIMITS,
  EMPTY_BYTES_UNITS,
  NULL_UNITS,
  RECORD_UNITS,
} from "./limits.ts";
import type { FixedShape, MappingOptions, ScalarShape, UnionShape } from "./mapping.ts";
import { fieldMapping, shapeOf } from "./mapping.ts";
import type {
  ArraySchema,
  EnumSchema,
  MapSchema,
  RecordField,
  RecordSchema,
  Schema,
  UnionSchema,
} from "./model.ts";
import { isRecursive } from "./recursion.ts";
import type { ScalarReader, Wire } from "./scalar-codec.ts";
import { scalarReader } from "./scalar-codec.ts";
import { beyondBytes, itemBytesMin } from "./skip.ts";

/** A scalar: written as `wire`, promoted and converted to `shape`. */
export interface ScalarRead {
  readonly kind: "scalar";
  readonly wire: Wire;
  readonly shape: ScalarShape;
  readonly read: ScalarReader;
}

/** A fixed type as bytes. */
export interface FixedRead {
  readonly kind: "fixed";
  readonly size: number;
}

/** An enum: the reader's symbol for each of the writer's, `undefined` where it has none. */
export interface EnumRead {
  readonly kind: "enum";
  readonly writer: EnumSchema;
  readonly symbols: readonly (string | undefined)[];
}

/** Blocks of items; a map has a key before each. */
export interface BlocksRead {
  readonly kind: "array" | "map";
  readonly items: ReadNode;
  /** The fewest bytes of one item (key included), to check counts before anything is made. */
  readonly itemBytesMin: number;
  /** What an item costs beyond what its bytes pay for; see `limits.ts`. */
  readonly itemUnits: number;
}

/** A field that the reader's record gets without data. */
export interface DefaultRead {
  readonly name: string;
  /** The default with its plan; a fault where the default is unusable. */
  readonly source: { readonly value: DefaultValue; readonly node: ReadNode } | CodecFault;
}

/** One field of the writer, in the writer's order. */
export type FieldStep =
  | { readonly kind: "read"; readonly name: string; readonly node: ReadNode }
  | { readonly kind: "skip"; readonly schema: Schema };

/** A record: the writer's fields in order, then the reader's defaults. */
export interface RecordRead {
  readonly kind: "record";
  readonly writer: RecordSchema;
  readonly reader: RecordSchema;
  readonly isRecursive: boolean;
  /** The fields of the writer that take bytes or are read. */
  readonly steps: readonly FieldStep[];
  readonly defaults: readonly DefaultRead[];
  /** What the record costs beyond what the bytes of its fields pay for; see `limits.ts`. */
  readonly units: number;
}

/** A union of the writer: the index says which plan goes on. */
export interface UnionRead {
  readonly kind: "union";
  readonly count: number;
  branch(index: number): ReadNode;
}

/** A branch of the reader's union; `tag` is set when the union is tagged. */
export interface BranchRead {
  readonly kind: "branch";
  readonly tag?: string;
  readonly boxed: boolean;
  readonly node: ReadNode;
}

/** Data that has no place in the reader's schema. */
export interface RefuseRead {
  readonly kind: "refuse";
  readonly problem: string;
}

/** One step of a plan. */
export type ReadNode =
  | ScalarRead
  | FixedRead
  | EnumRead
  | BlocksRead
  | RecordRead
  | UnionRead
  | BranchRead
  | RefuseRead;

/**
 * Resolves a pair of schemas.
 *
 * @throws AVRO_ALIAS_AMBIGUOUS; {@link CodecFault} when it takes too many steps
 */
export function planReading(
  writer: Schema,
  reader: Schema,
  mapping: MappingOptions,
  stepsMax: number = DEFAULT_LIMITS.resolutionStepsMax,
): ReadNode {
  // In the order of the schema, so that later questions find answers and need no depth of stack.
  itemBytesMin(writer);
  if (writer.kind === "record") isRecursive(writer);
  const steps = { left: stepsMax, max: stepsMax };
  const resolver = new Resolver(writerNames(writer, reader), mapping, steps);
  return resolver.resolve(writer, reader, mapping);
}

class Resolver {
  readonly #names: WriterNames;
  readonly #mapping: MappingOptions;
  readonly #steps: Steps;
  readonly #branches: BranchFinder;
  readonly #records = new Map<RecordSchema, Map<RecordSchema, ReadNode>>();
  readonly #shapes = new Map<MappingOptions, Map<UnionSchema, UnionShape>>();
  readonly #defaults: Defaults;

  constructor(names: WriterNames, mapping: MappingOptions, steps: Steps) {
    this.#names = names;
    this.#mapping = mapping;
    this.#steps = steps;
    this.#branches = new BranchFinder(names, steps);
    this.#defaults = new Defaults(mapping);
  }

  resolve(writer: Schema, reader: Schema, mapping: MappingOptions): ReadNode {
    if (writer.kind === "union") return this.#resolveWriterUnion(writer, reader, mapping);
    if (reader.kind === "union") return this.#resolveReaderUnion(writer, reader, mapping);
    if (this.#branches.refuses(writer, reader)) return this.#refuse(writer, reader);
    switch (writer.kind) {
      case "record":
        return this.#resolveRecord(writer, reader as RecordSchema);
      case "enum":
        return resolveEnum(writer, reader as EnumSchema);
      case "array": {
        const items = this.resolve(writer.items, (reader as ArraySchema).items, mapping);
        return blocks("array", items, itemBytesMin(writer.items));
      }
      case "map": {
        const items = this.resolve(writer.values, (reader as MapSchema).values, mapping);
        return blocks("map", items, 1 + itemBytesMin(writer.values));
      }
      case "fixed": {
        const shape = shapeOf(reader, mapping) as ScalarShape | FixedShape;
        return shape.kind === "fixed"
          ? { kind: "fixed", size: writer.size }
          : scalar(writer, shape);
      }
      default:
        return scalar(writer, shapeOf(reader, mapping) as ScalarShape);
    }
  }

  #refuse(writer: Schema, reader: Schema): RefuseRead {
    if (writer.kind === "record" && reader.kind === "record") {
      const name = this.#branches.missingField(writer, reader);
      const problem = `record ${writer.name.fullName} has no field ${name}, and the reader's has no default`;
      return { kind: "refuse", problem };
    }
    return refuse(writer, reader);
  }

  #resolveWriterUnion(writer: UnionSchema, reader: Schema, mapping: MappingOptions): ReadNode {
    let isSame: boolean | undefined;
    return new LazyUnion(writer.branches.length, (index) => {
      const branch = writer.branches[index] as Schema;
      if (reader.kind !== "union") return this.resolve(branch, reader, mapping);
      isSame ??= this.#branches.isSameUnion(writer, reader);
      if (!isSame) return this.resolve(branch, reader, mapping);
      const node = this.resolve(branch, reader.branches[index] as Schema, mapping);
      return inBranch(this.#unionShape(reader, mapping), index, node);
    });
  }

  #resolveReaderUnion(
    writer: Exclude<Schema, UnionSchema>,
    reader: UnionSchema,
    mapping: MappingOptions,
  ): ReadNode {
    const index = this.#branches.find(writer, reader);
    if (index < 0) return refuse(writer, reader);
    const node = this.resolve(writer, reader.branches[index] as Schema, mapping);
    return inBranch(this.#unionShape(reader, mapping), index, node);
  }

  #unionShape(reader: UnionSchema, mapping: MappingOptions): UnionShape {
    const known = this.#shapes.get(mapping) ?? new Map<UnionSchema, UnionShape>();
    this.#shapes.set(mapping, known);
    const shape = known.get(reader) ?? (shapeOf(reader, mapping) as UnionShape);
    known.set(reader, shape);
    return shape;
  }

  #resolveRecord(writer: RecordSchema, reader: RecordSchema): ReadNode {
    const memo = this.#records.get(writer) ?? new Map<RecordSchema, ReadNode>();
    this.#records.set(writer, memo);
    const known = memo.get(reader);
    if (known !== undefined) return known;
    const node = new LazyRecord(writer, reader, () => this.#fillRecord(writer, reader));
    memo.set(reader, node);
    return node;
  }

  #fillRecord(writer: RecordSchema, reader: RecordSchema): Filled {
    const steps: FieldStep[] = [];
    const wanted = this.#branches.wantedFields(reader);
    const offered = this.#names.fields(writer);
    spendSteps(this.#steps, 1 + offered.size + wanted.size);
    let units = RECORD_UNITS;
    let bytes = 0;
    for (const [name, { schema }] of offered) {
      const least = itemBytesMin(schema);
      if (schema.kind !== "record") bytes += least;
      const target = wanted.get(name);
      if (target !== undefined) {
        const mapping = fieldMapping(reader, target, this.#mapping);
        const node = this.resolve(schema, target.schema, mapping);
        units += unitsOf(node);
        steps.push({ kind: "read", name, node });
      } else if (least > 0) steps.push({ kind: "skip", schema });
    }
    const defaults = reader.fields
      .filter(({ name }) => !offered.has(name))
      .map((field) => ({ name: field.name, source: this.#planDefault(reader, field) }));
    for (const { source } of defaults) {
      if (!(source instanceof CodecFault)) units += source.value.units;
    }
    return { steps, defaults, units: beyondBytes(units, bytes) };
  }

  /** A default is the reader's own data. */
  #planDefault(record: RecordSchema, field: RecordField): DefaultRead["source"] {
    const value = this.#defaults.of(record, field);
    if (value instanceof CodecFault) return value;
    const mapping = this.#mapping;
    const steps = this.#steps;
    const names = writerNames(field.schema, field.schema);
    const own = new Resolver(names, mapping, steps);
    return {
      value,
      node: own.resolve(field.schema, field.schema, fieldMapping(record, field, mapping)),
    };
  }
}

/** What is known of a record once it is resolved. */
type Filled = Pick<RecordRead, "steps" | "defaults" | "units">;

class LazyRecord implements RecordRead {
  readonly kind = "record";
  readonly writer: RecordSchema;
  readonly reader: RecordSchema;
  readonly isRecursive: boolean;
  readonly #fill: () => Filled;
  #filled: Filled | undefined;

  constructor(writer: RecordSchema, reader: RecordSchema, fill: () => Filled) {
    this.writer = writer;
    this.reader = reader;
    this.isRecursive = isRecursive(writer);
    this.#fill = fill;
  }

  get #all(): Filled {
    this.#filled ??= this.#fill();
    return this.#filled;
  }

  get steps(): readonly FieldStep[] {
    return this.#all.steps;
  }

  get defaults(): readonly DefaultRead[] {
    return this.#all.defaults;
  }

  get units(): number {
    return this.#all.units;
  }
}

class LazyUnion implements UnionRead {
  readonly kind = "union";
  readonly count: number;
  readonly #make: (index: number) => ReadNode;
  readonly #made = new Map<number, ReadNode>();

  constructor(count: number, make: (index: number) => ReadNode) {
    this.count = count;
    this.#make = make;
  }

  branch(index: number): ReadNode {
    const node = this.#made.get(index) ?? this.#make(index);
    this.#made.set(index, node);
    return node;
  }
}

function blocks(kind: "array" | "map", items: ReadNode, bytesMin: number): BlocksRead {
  const itemUnits = beyondBytes(unitsOf(items), bytesMin);
  return { kind, items, itemBytesMin: bytesMin, itemUnits };
}

/** What a value costs, in the units of `limits.ts`; records count for themselves when they are made. */
function unitsOf(node: ReadNode): number {
  switch (node.kind) {
    case "scalar": {
      if (node.shape.conversion === "null") return NULL_UNITS;
      const { logicalType } = node.shape.schema;
      const isDecimal = node.shape.conversion === "decimal-text" && logicalType?.kind === "decimal";
      return isDecimal ? Math.ceil(logicalType.scale / BYTES_PER_UNIT) : 0;
    }
    case "fixed":
      return node.size === 0 ? EMPTY_BYTES_UNITS : 0;
    case "branch":
      return unitsOf(node.node) + (node.boxed ? RECORD_UNITS : 0);
    default:
      return 0;
  }
}

function resolveEnum(writer: EnumSchema, reader: EnumSchema): EnumRead {
  const known = new Set(reader.symbols);
  const symbols = writer.symbols.map((symbol) => (known.has(symbol) ? symbol : reader.default));
  return { kind: "enum", writer, symbols };
}

function scalar(wire: Wire, shape: ScalarShape): ScalarRead {
  return { kind: "scalar", wire, shape, read: scalarReader(wire, shape) };
}

function inBranch(union: UnionShape, index: number, node: ReadNode): BranchRead {
  const branch = union.branches[index];
  if (branch === undefined || !union.tagged || branch.tag === "null") {
    return { kind: "branch", boxed: false, node };
  }
  return { kind: "branch", tag: branch.tag, boxed: branch.boxed, node };
}

function refuse(writer: Schema, reader: Schema): RefuseRead {
  return { kind: "refuse", problem: `${title(writer)} was written, ${title(reader)} is expected` };
}

const SHOWN_BRANCHES_MAX = 10;

function title(schema: Schema): string {
  if (schema.kind === "union") {
    const shown = schema.branches.slice(0, SHOWN_BRANCHES_MAX).map(title).join(", ");
    const more = schema.branches.length - SHOWN_BRANCHES_MAX;
    return `a union of ${shown}${more > 0 ? ` and ${more} more` : ""}`;
  }
  if (!("name" in schema)) return schema.kind;
  const size = schema.kind === "fixed" ? ` of ${schema.size} bytes` : "";
  return `${schema.kind} ${schema.name.fullName}${size}`;
}
