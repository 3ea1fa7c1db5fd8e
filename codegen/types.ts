/** Shapes of values as TypeScript types. */
import type {
  EnumSchema,
  FixedSchema,
  RecordSchema,
  UnionBranchShape,
  UnionShape,
  ValueShape,
} from "../src/avro/index.ts";
import type { Doc } from "./layout.ts";
import { group, ifBroken, indent, join, line, softline } from "./layout.ts";
import { importedType } from "./printer.ts";
import { literal } from "./text.ts";

/** Whether a type says what reading yields or what writing accepts. */
export type Face = "output" | "input";

/** How a module names the types that it declares or imports. */
export interface TypeNamer {
  /** The name of a record, enum or fixed type. */
  nameOf(schema: RecordSchema | EnumSchema | FixedSchema, face: Face): Doc;
  /** The module specifier of the runtime, for the helper types of tagged unions. */
  readonly runtime: string;
}

/** One alternative of a type. */
interface Alternative {
  readonly doc: Doc;
  /** Whether it starts with a modifier, so that it needs parentheses as an element of an array. */
  readonly modified?: boolean;
}

/**
 * The type of a shape as it stands behind `name:` or `type Name =`, with the space before it.
 *
 * @param optional - Whether `undefined` is one more alternative.
 */
export function printType(shape: ValueShape, face: Face, namer: TypeNamer, optional = false): Doc {
  const alternatives = alternativesOf(shape, face, namer).map(({ doc }) => doc);
  return unionDoc(optional ? [...alternatives, "undefined"] : alternatives);
}

/** Alternatives with a space before them: on one line, or each on a line of its own. */
export function unionDoc(alternatives: readonly Doc[]): Doc {
  const [only] = alternatives;
  if (only !== undefined && alternatives.length === 1) return [" ", only];
  return group(indent(line, alternativeLines(alternatives)));
}

/** Alternatives, each on a line of its own with its parts indented further, or all on one line. */
function alternativeLines(alternatives: readonly Doc[]): Doc {
  const parts = alternatives.map((doc) => indent(doc));
  return [ifBroken("| "), join([line, "| "], parts)];
}

function alternativesOf(shape: ValueShape, face: Face, namer: TypeNamer): readonly Alternative[] {
  switch (shape.kind) {
    case "scalar":
      return shape[face].split(" | ").map((doc) => ({ doc }));
    case "record":
    case "enum":
    case "fixed":
      return [{ doc: namer.nameOf(shape.schema, face) }];
    case "array":
      return [arrayType(alternativesOf(shape.items, face, namer), face)];
    case "map":
      return [{ doc: mapType(alternativesOf(shape.values, face, namer), face) }];
    case "union":
      return unionAlternatives(shape, face, namer);
  }
}

/** The branches in schema order, but null at the end, where TypeScript's readers expect it. */
function unionAlternatives(shape: UnionShape, face: Face, namer: TypeNamer): Alternative[] {
  const isNull = (branch: UnionBranchShape): boolean => branch.tag === "null";
  const some = shape.branches.filter((branch) => !isNull(branch));
  const none = shape.branches.filter(isNull);
  const printed = some.flatMap((branch) =>
    shape.tagged
      ? [{ doc: taggedType(branch, face, namer) }]
      : alternativesOf(branch.shape, face, namer),
  );
  const all = [...printed, ...none.map(() => ({ doc: "null" }))];
  return all.length === 0 ? [{ doc: "never" }] : all;
}

function taggedType(branch: UnionBranchShape, face: Face, namer: TypeNamer): Doc {
  const helper = importedType(branch.boxed ? "Boxed" : "Tagged", namer.runtime);
  const value = argument(alternativesOf(branch.shape, face, namer));
  return [helper, typeArguments([literal(branch.tag), value])];
}

function arrayType(items: readonly Alternative[], face: Face): Alternative {
  const modified = face === "input";
  const [only] = items;
  const bare = only !== undefined && items.length === 1;
  const element = bare && only.modified !== true ? only.doc : parenthesised(items);
  return { doc: [modified ? "readonly " : "", element, "[]"], modified };
}

function parenthesised(items: readonly Alternative[]): Doc {
  const docs = items.map(({ doc }) => doc);
  if (docs.length === 1) return ["(", ...docs, ")"];
  return group("(", indent(softline, alternativeLines(docs)), softline, ")");
}

function mapType(values: readonly Alternative[], face: Face): Doc {
  const record = ["Record", typeArguments(["string", argument(values)])];
  return face === "input" ? ["Readonly", typeArguments([record])] : record;
}

function argument(alternatives: readonly Alternative[]): Doc {
  const docs = alternatives.map(({ doc }) => doc);
  return docs.length === 1 ? docs : group(alternativeLines(docs));
}

/** Type arguments between angle brackets. */
export function typeArguments(args: readonly Doc[]): Doc {
  return group("<", indent(softline, join([",", line], args)), softline, ">");
}
