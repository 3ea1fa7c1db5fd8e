/**
 * What reading does: the writer's schema resolved against the reader's, as Java's `Resolver` does it.
 * The plan is data; the interpreter walks it and the compiler prints it.
 *
 * Invariants:
 * - A plan always exists: what cannot be read is a `refuse` node, met only by the data that needs it.
 * - Names of records are not compared, except inside a reader's union; those of enums and fixed types
 *   are compared without namespace, after the reader's aliases.
 * - A reader's union takes a value by exact name or type first, then a record by structure, then by
 *   promotion in the reader's order, last (unlike Java) an enum or fixed type by name without the
 *   namespace. Unions of the same structure keep the branch.
 */
import type { WriterNames } from "./aliases.ts";
import { structureEquals, writerNames } from "./aliases.ts";
import { CodecFault } from "./codec-fault.ts";
import { encodeDefault } from "./default-bytes.ts";
import type { FixedShape, MappingOptions, ScalarShape, UnionShape } from "./mapping.ts";
import { fieldMapping, shapeOf } from "./mapping.ts";
import type {
  EnumSchema,
  FixedSchema,
  NamedSchema,
  PrimitiveSchema,
  RecordField,
  RecordSchema,
  Schema,
  UnionSchema,
} from "./model.ts";
import { isRecursive } from "./recursion.ts";
import type { ScalarReader, Wire } from "./scalar-codec.ts";
import { scalarReader } from "./scalar-codec.ts";
import { itemBytesMin } from "./skip.ts";

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
}

/** A field that the reader's record gets without data. */
export interface DefaultRead {
  readonly name: string;
  /** The encoded default with its plan; a fault where the default is unusable. */
  readonly source: { readonly bytes: Buffer; readonly node: ReadNode } | CodecFault;
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
  readonly steps: FieldStep[];
  readonly defaults: DefaultRead[];
}

/** A union of the writer: the index says which plan goes on. */
export interface UnionRead {
  readonly kind: "union";
  readonly branches: readonly ReadNode[];
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

/** Resolves a pair of schemas. Throws `AVRO_ALIAS_AMBIGUOUS`. */
export function planReading(writer: Schema, reader: Schema, mapping: MappingOptions): ReadNode {
  return new Resolver(writerNames(writer, reader), mapping).resolve(writer, reader, mapping);
}

class Resolver {
  private readonly names: WriterNames;
  private readonly mapping: MappingOptions;
  private readonly records = new Map<RecordSchema, Map<RecordSchema, ReadNode>>();
  /** Plans for defaults, which are the reader's own data. */
  private ownData: Resolver | undefined;

  constructor(names: WriterNames, mapping: MappingOptions) {
    this.names = names;
    this.mapping = mapping;
  }

  resolve(writer: Schema, reader: Schema, mapping: MappingOptions): ReadNode {
    if (writer.kind === "union") return this.resolveWriterUnion(writer, reader, mapping);
    if (reader.kind === "union") return this.resolveReaderUnion(writer, reader, mapping);
    switch (writer.kind) {
      case "record":
        return reader.kind === "record"
          ? this.resolveRecord(writer, reader)
          : refuse(writer, reader);
      case "enum":
        return reader.kind === "enum" ? this.resolveEnum(writer, reader) : refuse(writer, reader);
      case "array": {
        if (reader.kind !== "array") return refuse(writer, reader);
        const items = this.resolve(writer.items, reader.items, mapping);
        return { kind: "array", items, itemBytesMin: itemBytesMin(writer.items) };
      }
      case "map": {
        if (reader.kind !== "map") return refuse(writer, reader);
        const items = this.resolve(writer.values, reader.values, mapping);
        return { kind: "map", items, itemBytesMin: 1 + itemBytesMin(writer.values) };
      }
      case "fixed":
        return reader.kind === "fixed"
          ? this.resolveFixed(writer, reader, mapping)
          : refuse(writer, reader);
      default:
        return resolvePrimitive(writer, reader, mapping);
    }
  }

  private resolveFixed(
    writer: FixedSchema,
    reader: FixedSchema,
    mapping: MappingOptions,
  ): ReadNode {
    if (this.names.of(writer).name !== reader.name.name || writer.size !== reader.size) {
      return refuse(writer, reader);
    }
    const shape = shapeOf(reader, mapping) as ScalarShape | FixedShape;
    return shape.kind === "fixed" ? { kind: "fixed", size: reader.size } : scalar(writer, shape);
  }

  private resolveEnum(writer: EnumSchema, reader: EnumSchema): ReadNode {
    if (this.names.of(writer).name !== reader.name.name) return refuse(writer, reader);
    const known = new Set(reader.symbols);
    const symbols = writer.symbols.map((symbol) => (known.has(symbol) ? symbol : reader.default));
    return { kind: "enum", writer, symbols };
  }

  private resolveWriterUnion(
    writer: UnionSchema,
    reader: Schema,
    mapping: MappingOptions,
  ): ReadNode {
    if (reader.kind !== "union" || !this.isSameUnion(writer, reader)) {
      const branches = writer.branches.map((branch) => this.resolve(branch, reader, mapping));
      return { kind: "union", branches };
    }
    const shape = shapeOf(reader, mapping) as UnionShape;
    const branches = writer.branches.map((branch, i) =>
      inBranch(shape, i, this.resolve(branch, reader.branches[i] as Schema, mapping)),
    );
    return { kind: "union", branches };
  }

  private isSameUnion(writer: UnionSchema, reader: UnionSchema): boolean {
    const nameOf = (schema: NamedSchema, side: "a" | "b") =>
      side === "a" ? this.names.of(schema).name : schema.name.name;
    const fieldsOf = (record: RecordSchema, side: "a" | "b") =>
      side === "a"
        ? [...this.names.fields(record).keys()]
        : record.fields.map((field) => field.name);
    return structureEquals(writer, reader, new Map(), nameOf, fieldsOf);
  }

  private resolveReaderUnion(
    writer: Exclude<Schema, UnionSchema>,
    reader: UnionSchema,
    mapping: MappingOptions,
  ): ReadNode {
    const index = this.findBranch(writer, reader);
    if (index < 0) return refuse(writer, reader);
    const node = this.resolve(writer, reader.branches[index] as Schema, mapping);
    return inBranch(shapeOf(reader, mapping) as UnionShape, index, node);
  }

  private findBranch(writer: Exclude<Schema, UnionSchema>, reader: UnionSchema): number {
    const { branches } = reader;
    const exact = branches.findIndex((branch) => this.isExact(writer, branch));
    if (exact >= 0) return exact;
    const similar = writer.kind === "record" ? this.findSimilar(writer, branches) : -1;
    if (similar >= 0) return similar;
    const promoted = branches.findIndex((branch) => isPromotable(writer.kind, branch.kind));
    return promoted >= 0 ? promoted : branches.findIndex((branch) => this.isMoved(writer, branch));
  }

  /**
   * An enum or fixed type in another namespace, as the specification has it. Java's reader fails
   * there, although its compatibility check says that it can read.
   */
  private isMoved(writer: Exclude<Schema, UnionSchema>, branch: Schema): boolean {
    if (writer.kind === "enum") {
      return branch.kind === "enum" && this.names.of(writer).name === branch.name.name;
    }
    if (writer.kind !== "fixed" || branch.kind !== "fixed") return false;
    return this.names.of(writer).name === branch.name.name && writer.size === branch.size;
  }

  private isExact(writer: Exclude<Schema, UnionSchema>, branch: Schema): boolean {
    if (branch.kind !== writer.kind) return false;
    if (!("name" in writer) || !("name" in branch)) return true;
    return this.names.of(writer).fullName === branch.name.fullName;
  }

  /** The first record whose fields resolve, or the last of those with an equal name, as in Java. */
  private findSimilar(writer: RecordSchema, branches: readonly Schema[]): number {
    let found = -1;
    for (const [index, branch] of branches.entries()) {
      if (branch.kind !== "record") continue;
      const isNamesake = this.names.of(writer).name === branch.name.name;
      if ((found < 0 || isNamesake) && this.hasFieldsFor(writer, branch)) found = index;
    }
    return found;
  }

  private hasFieldsFor(writer: RecordSchema, reader: RecordSchema): boolean {
    const node = this.resolveRecord(writer, reader);
    if (node.kind !== "record") return false;
    return node.steps.every((step) => step.kind === "skip" || step.node.kind !== "refuse");
  }

  private resolveRecord(writer: RecordSchema, reader: RecordSchema): ReadNode {
    const known = this.records.get(writer)?.get(reader);
    if (known !== undefined) return known;
    const memo = this.records.get(writer) ?? new Map<RecordSchema, ReadNode>();
    this.records.set(writer, memo);
    const steps: FieldStep[] = [];
    const defaults: DefaultRead[] = [];
    const node: RecordRead = {
      kind: "record",
      writer,
      reader,
      isRecursive: isRecursive(writer),
      steps,
      defaults,
    };
    memo.set(reader, node);
    const missing = this.fillRecord(node);
    if (missing === undefined) return node;
    const refusal: RefuseRead = {
      kind: "refuse",
      problem: `record ${writer.name.fullName} has no field ${missing}, and the reader's has no default`,
    };
    memo.set(reader, refusal);
    return refusal;
  }

  /** Fills the plan of a record; answers the name of a field that cannot be had. */
  private fillRecord({ writer, reader, steps, defaults }: RecordRead): string | undefined {
    const wanted = new Map(reader.fields.map((field) => [field.name, field]));
    const offered = this.names.fields(writer);
    for (const [name, field] of offered) {
      const target = wanted.get(name);
      steps.push(
        target === undefined
          ? { kind: "skip", schema: field.schema }
          : { kind: "read", name, node: this.resolveField(field.schema, target) },
      );
    }
    for (const field of reader.fields) {
      if (offered.has(field.name)) continue;
      if (field.default === undefined) return field.name;
      defaults.push({ name: field.name, source: this.planDefault(field) });
    }
    return undefined;
  }

  private resolveField(writer: Schema, reader: RecordField): ReadNode {
    return this.resolve(writer, reader.schema, fieldMapping(reader, this.mapping));
  }

  private planDefault(field: RecordField): DefaultRead["source"] {
    try {
      const bytes = encodeDefault(field);
      this.ownData ??= new Resolver(writerNames(field.schema, field.schema), this.mapping);
      return { bytes, node: this.ownData.resolveField(field.schema, field) };
    } catch (error) {
      if (error instanceof CodecFault) return error;
      throw error;
    }
  }
}

function resolvePrimitive(
  writer: PrimitiveSchema,
  reader: Exclude<Schema, UnionSchema>,
  mapping: MappingOptions,
): ReadNode {
  if (writer.kind !== reader.kind && !isPromotable(writer.kind, reader.kind)) {
    return refuse(writer, reader);
  }
  return scalar(writer, shapeOf(reader, mapping) as ScalarShape);
}

function scalar(wire: Wire, shape: ScalarShape): ScalarRead {
  return { kind: "scalar", wire, shape, read: scalarReader(wire, shape) };
}

const PROMOTIONS: ReadonlyMap<Schema["kind"], readonly Schema["kind"][]> = new Map([
  ["int", ["long", "float", "double"]],
  ["long", ["float", "double"]],
  ["float", ["double"]],
  ["string", ["bytes"]],
  ["bytes", ["string"]],
]);

function isPromotable(writer: Schema["kind"], reader: Schema["kind"]): boolean {
  return PROMOTIONS.get(writer)?.includes(reader) === true;
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

function title(schema: Schema): string {
  if (schema.kind === "union") return `a union of ${schema.branches.map(title).join(", ")}`;
  if (!("name" in schema)) return schema.kind;
  const size = schema.kind === "fixed" ? ` of ${schema.size} bytes` : "";
  return `${schema.kind} ${schema.name.fullName}${size}`;
}
