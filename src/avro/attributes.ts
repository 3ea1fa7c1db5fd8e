/**
 * The attributes of a schema that the specification does not define for their place; they are kept,
 * in order. Names that it defines for another kind of type are dropped, as Java does.
 */
import { logicalTypeOf } from "./logical-types.ts";
import type { Json, JsonObject, PrimitiveKind, PrimitiveSchema } from "./model.ts";

/** Shared by all nodes without attributes. */
export const NO_ATTRIBUTES: JsonObject = new Map();

/** What is no attribute on a type. */
export const TYPE_RESERVED: ReadonlySet<string> = new Set(
  "doc fields items name namespace size symbols values type aliases".split(" "),
);
/** What is no attribute on an enum. */
export const ENUM_RESERVED: ReadonlySet<string> = new Set([...TYPE_RESERVED, "default"]);
/** What is no attribute on a field. */
export const FIELD_RESERVED: ReadonlySet<string> = new Set(
  "default doc name order type aliases".split(" "),
);

/** A primitive type with its attributes. */
export function primitive(kind: PrimitiveKind, attributes: JsonObject): PrimitiveSchema {
  const logicalType = logicalTypeOf(kind, attributes);
  return logicalType === undefined ? { kind, attributes } : { kind, attributes, logicalType };
}

/** The members of an object that are attributes. */
export function attributesOf(json: JsonObject, reserved: ReadonlySet<string>): JsonObject {
  let attributes: Map<string, Json> | undefined;
  for (const [key, value] of json) {
    if (reserved.has(key)) continue;
    attributes ??= new Map();
    attributes.set(key, value);
  }
  return attributes ?? NO_ATTRIBUTES;
}
