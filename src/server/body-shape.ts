/**
 * Whether a body has the shape that its JSON Schema describes.
 *
 * Invariants:
 * - The first error is ajv's, word for word; a test compares both on every body of the API. Ajv itself is
 *   not used: loading it and compiling the schemas took longer than everything else at a first write.
 * - Only the keywords of {@link CHECKED} are looked at, and the same test finds any other in the schemas.
 */
import type { TSchema } from "../base/index.ts";
import { isObject } from "../base/index.ts";

/** The keywords that are checked. */
export const CHECKED: ReadonlySet<string> = new Set([
  "anyOf",
  "const",
  "items",
  "maxItems",
  "maximum",
  "minItems",
  "minimum",
  "patternProperties",
  "properties",
  "required",
  "type",
]);

/** What is wrong with a value, and where: a JSON pointer, empty for the value itself. */
export interface ShapeError {
  readonly pointer: string;
  readonly message: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The first thing that is wrong with a parsed body; undefined when it fits. */
export function findShapeError(
  schema: TSchema,
  value: unknown,
  pointer = "",
): ShapeError | undefined {
  const { type } = schema;
  if (typeof type === "string" && !isOfType(type, value)) {
    return { pointer, message: `must be ${type}` };
  }
  if (typeof value === "number") {
    const message = boundError(schema, value);
    if (message !== undefined) return { pointer, message };
  }
  if ("const" in schema && value !== schema["const"]) {
    return { pointer, message: "must be equal to constant" };
  }
  const branches = schema["anyOf"];
  if (Array.isArray(branches)) {
    const error = branchError(branches as TSchema[], value, pointer);
    if (error !== undefined) return error;
  }
  if (Array.isArray(value)) return itemError(schema, value, pointer);
  return isObject(value) ? memberError(schema, value, pointer) : undefined;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "integer":
      // A number too large for a double has been read as Infinity, which the bounds refuse.
      return typeof value === "number" && !(value % 1);
    default:
      return typeof value === type;
  }
}

function boundError({ maximum, minimum }: TSchema, value: number): string | undefined {
  if (typeof maximum === "number" && value > maximum) return `must be <= ${maximum}`;
  return typeof minimum === "number" && value < minimum ? `must be >= ${minimum}` : undefined;
}

/** When no branch fits, the first one says why. */
function branchError(
  branches: readonly TSchema[],
  value: unknown,
  pointer: string,
): ShapeError | undefined {
  let first: ShapeError | undefined;
  for (const branch of branches) {
    const error = findShapeError(branch, value, pointer);
    if (error === undefined) return undefined;
    first ??= error;
  }
  return first;
}

function itemError(
  { items, maxItems, minItems }: TSchema,
  value: readonly unknown[],
  pointer: string,
): ShapeError | undefined {
  if (typeof maxItems === "number" && value.length > maxItems) {
    return { pointer, message: `must NOT have more than ${maxItems} items` };
  }
  if (typeof minItems === "number" && value.length < minItems) {
    return { pointer, message: `must NOT have fewer than ${minItems} items` };
  }
  if (items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const error = findShapeError(items as TSchema, item, `${pointer}/${index}`);
    if (error !== undefined) return error;
  }
  return undefined;
}

function memberError(
  { required = [], properties = {}, patternProperties = {} }: TSchema,
  value: Json,
  pointer: string,
): ShapeError | undefined {
  const absent = (required as string[]).find((name) => value[name] === undefined);
  if (absent !== undefined) {
    return { pointer, message: `must have required property '${absent}'` };
  }
  for (const [name, member] of Object.entries(properties as Record<string, TSchema>)) {
    if (value[name] === undefined) continue;
    const error = findShapeError(member, value[name], `${pointer}/${name}`);
    if (error !== undefined) return error;
  }
  for (const [pattern, member] of Object.entries(patternProperties as Record<string, TSchema>)) {
    const names = new RegExp(pattern, "u");
    for (const name of Object.keys(value).filter((key) => names.test(key))) {
      const error = findShapeError(member, value[name], `${pointer}/${escaped(name)}`);
      if (error !== undefined) return error;
    }
  }
  return undefined;
}

/** A name as a part of a JSON pointer (RFC 6901, 3). */
function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
