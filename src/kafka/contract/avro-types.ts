/** The Avro types of a topic's key or value: none, one, or the members of a union. */
import type { AnyAvroType, WireType } from "../../schema/index.ts";

/** Each one with its own subject. */
export function avroTypesOf(type: WireType<never, unknown>): readonly AnyAvroType[] {
  if (type.kind === "union") return type.members;
  return type.kind === "avro" ? [type] : [];
}
