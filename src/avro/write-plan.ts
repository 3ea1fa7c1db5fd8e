/**
 * What writing does: a schema and a mapping as a graph of nodes, which the interpreter walks and the
 * compiler prints.
 *
 * Invariants: one node per record; a field whose value is `undefined` takes its default; properties
 * that the schema does not know are ignored.
 */
import type { CodecFault } from "./codec-fault.ts";
import type { DefaultValue } from "./default-bytes.ts";
import { Defaults } from "./default-bytes.ts";
import type { JsKind, MappingOptions, ScalarShape, UnionShape } from "./mapping.ts";
import { fieldMapping, shapeOf } from "./mapping.ts";
import type { EnumSchema, RecordSchema, Schema, UnionSchema } from "./model.ts";
import { isRecursive } from "./recursion.ts";
import type { ScalarWriter } from "./scalar-codec.ts";
import { scalarWriter } from "./scalar-codec.ts";

/** A scalar. */
export interface ScalarWrite {
  readonly kind: "scalar";
  readonly shape: ScalarShape;
  readonly write: ScalarWriter;
}

/** A fixed type as bytes. */
export interface FixedWrite {
  readonly kind: "fixed";
  readonly size: number;
}

/** An enum by symbol. */
export interface EnumWrite {
  readonly kind: "enum";
  readonly schema: EnumSchema;
  readonly indexes: ReadonlyMap<string, number>;
}

/** An array or a map. */
export interface BlocksWrite {
  readonly kind: "array" | "map";
  readonly items: WriteNode;
}

/** One field of a record. */
export interface FieldWrite {
  readonly name: string;
  readonly node: WriteNode;
  /** True when every object inherits a property of this name, so only an own one counts. */
  readonly isInherited: boolean;
  readonly hasDefault: boolean;
  /** The field's default, judged when it is first asked for; the fault of one that can't be used. */
  default(): DefaultValue | CodecFault;
}

/** A record. */
export interface RecordWrite {
  readonly kind: "record";
  readonly schema: RecordSchema;
  readonly isRecursive: boolean;
  readonly fields: FieldWrite[];
}

/** One branch of a union. */
export interface BranchWrite {
  readonly tag: string;
  readonly boxed: boolean;
  readonly accepts: readonly JsKind[];
  readonly node: WriteNode;
}

/** A union. */
export interface UnionWrite {
  readonly kind: "union";
  readonly tagged: boolean;
  readonly branches: readonly BranchWrite[];
}

/** One node of the graph. */
export type WriteNode =
  | ScalarWrite
  | FixedWrite
  | EnumWrite
  | BlocksWrite
  | RecordWrite
  | UnionWrite;

/** The graph of a schema. */
export function planWriting(schema: Schema, mapping: MappingOptions): WriteNode {
  return new Planner(mapping).plan(schema, mapping);
}

class Planner {
  readonly #mapping: MappingOptions;
  readonly #records = new Map<RecordSchema, RecordWrite>();
  readonly #defaults: Defaults;

  constructor(mapping: MappingOptions) {
    this.#mapping = mapping;
    this.#defaults = new Defaults(mapping);
  }

  plan(schema: Schema, mapping: MappingOptions): WriteNode {
    switch (schema.kind) {
      case "record":
        return this.#planRecord(schema);
      case "enum": {
        const indexes = new Map(schema.symbols.map((symbol, index) => [symbol, index]));
        return { kind: "enum", schema, indexes };
      }
      case "array":
        return { kind: "array", items: this.plan(schema.items, mapping) };
      case "map":
        return { kind: "map", items: this.plan(schema.values, mapping) };
      case "union":
        return this.#planUnion(schema, mapping);
      default: {
        const shape = shapeOf(schema, mapping);
        if (shape.kind === "scalar") return { kind: "scalar", shape, write: scalarWriter(shape) };
        return { kind: "fixed", size: schema.kind === "fixed" ? schema.size : 0 };
      }
    }
  }

  #planUnion(schema: UnionSchema, mapping: MappingOptions): UnionWrite {
    const { tagged, branches } = shapeOf(schema, mapping) as UnionShape;
    return {
      kind: "union",
      tagged,
      branches: branches.map(({ tag, boxed, shape }, i) => ({
        tag,
        boxed,
        accepts: shape.accepts,
        node: this.plan(schema.branches[i] as Schema, mapping),
      })),
    };
  }

  #planRecord(schema: RecordSchema): RecordWrite {
    const known = this.#records.get(schema);
    if (known !== undefined) return known;
    const fields: FieldWrite[] = [];
    const node: RecordWrite = {
      kind: "record",
      schema,
      isRecursive: isRecursive(schema),
      fields,
    };
    this.#records.set(schema, node);
    for (const field of schema.fields) {
      let judged: DefaultValue | CodecFault | undefined;
      fields.push({
        name: field.name,
        node: this.plan(field.schema, fieldMapping(schema, field, this.#mapping)),
        isInherited: field.name in Object.prototype,
        hasDefault: field.default !== undefined,
        default: () => {
          judged ??= this.#defaults.of(schema, field);
          return judged;
        },
      });
    }
    return node;
  }
}
