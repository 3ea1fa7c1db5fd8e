/**
 * The second half of parsing: forward references are replaced, and the depth of the tree is bounded.
 *
 * Only trees with forward references or foreign types come here; all others are bounded by the
 * nesting of their JSON.
 */

import { avroErrors } from "./errors.ts";
import { JSON_DEPTH_MAX } from "./json.ts";
import type { NamedSchema, PrimitiveSchema, RecordSchema, Schema, UnionSchema } from "./model.ts";

/** The deepest a schema may be, counted from type to type in the order of printing. */
export const SCHEMA_DEPTH_MAX = JSON_DEPTH_MAX;

/** Stands for a named type that is not defined yet; exists only while parsing. */
interface Forward extends PrimitiveSchema {
  readonly forward: string;
}

/** A placeholder for a type that is defined later. */
export function makeForward(fullName: string): Schema {
  const forward: Forward = { kind: "null", forward: fullName, attributes: new Map() };
  return forward;
}

/** Whether a node is such a placeholder. */
export function isForward(schema: Schema): schema is Forward {
  return "forward" in schema;
}

/** What a legal union looks like. */
export const UNION_EXPECTATION = "each unnamed type and each name once";

/** A type in messages: its full name, or its kind. */
export function typeLabel(schema: Schema): string {
  return "name" in schema ? schema.name.fullName : schema.kind;
}

/** What is wrong with a union of these branches, if anything; forward references are let through. */
export function unionProblem(branches: readonly Schema[]): string | undefined {
  const names = new Set<string>();
  for (const branch of branches) {
    if (branch.kind === "union") return "a union directly inside a union";
    if (isForward(branch)) continue;
    const name = typeLabel(branch);
    if (names.has(name)) return `a union with two branches ${name}`;
    names.add(name);
  }
  return undefined;
}

interface Finishing {
  /** The type of a name that was not defined yet when it was met. */
  readonly resolve: (fullName: string, pointer: string) => NamedSchema;
  /** Whether a record can have placeholders below it. */
  readonly isOwn: (record: RecordSchema) => boolean;
}

/**
 * Replaces all placeholders below `root`.
 *
 * @throws AVRO_SCHEMA_TOO_DEEP
 */
export function finishTree(root: Schema, finishing: Finishing): void {
  new Finisher(finishing).visit(root, "", 0);
}

/**
 * Bounds the depth of a tree without placeholders.
 *
 * @throws AVRO_SCHEMA_TOO_DEEP
 */
export function checkDepth(root: Schema): void {
  new Finisher(FINISHED).visit(root, "", 0);
}

const FINISHED: Finishing = {
  isOwn: () => true,
  resolve: (fullName) => {
    throw new TypeError(`a placeholder of ${fullName} was left in a finished tree`);
  },
};

class Finisher {
  readonly #finishing: Finishing;
  readonly #seen = new Set<Schema>();

  constructor(finishing: Finishing) {
    this.#finishing = finishing;
  }

  visit(schema: Schema, pointer: string, depth: number): void {
    if (depth > SCHEMA_DEPTH_MAX) {
      throw avroErrors.create("AVRO_SCHEMA_TOO_DEEP", { limit: SCHEMA_DEPTH_MAX, pointer });
    }
    if (schema.kind === "array") {
      this.#slot(schema, "items", `${pointer}/items`, depth);
    } else if (schema.kind === "map") {
      this.#slot(schema, "values", `${pointer}/values`, depth);
    } else if (schema.kind === "union") {
      for (const index of schema.branches.keys()) {
        this.#slot(schema.branches, index, `${pointer}/${index}`, depth);
      }
      this.#checkUnion(schema, pointer);
    } else if (
      schema.kind === "record" &&
      !this.#seen.has(schema) &&
      this.#finishing.isOwn(schema)
    ) {
      this.#seen.add(schema);
      for (const field of schema.fields) {
        this.#slot(field, "schema", `${pointer}/fields/${field.index}/type`, depth);
      }
    }
  }

  #checkUnion(schema: UnionSchema, pointer: string): void {
    const problem = unionProblem(schema.branches);
    if (problem === undefined) return;
    const found = schema.branches.map(typeLabel).join(", ");
    const expected = UNION_EXPECTATION;
    throw avroErrors.create("AVRO_SCHEMA_INVALID", { problem, expected, found, pointer });
  }

  #slot<K extends PropertyKey>(
    holder: { readonly [P in K]?: Schema },
    key: K,
    pointer: string,
    depth: number,
  ): void {
    const schema = holder[key] as Schema;
    const resolved = isForward(schema) ? this.#finishing.resolve(schema.forward, pointer) : schema;
    if (resolved !== schema) (holder as { [P in K]?: Schema })[key] = resolved;
    this.visit(resolved, pointer, depth + 1);
  }
}
