/** Promotions: which types of a reader take values of another type of the writer. */
import type { Schema } from "./model.ts";

/** Per type of the writer the reader's types that take it, in the order of the specification. */
const PROMOTIONS: ReadonlyMap<Schema["kind"], readonly Schema["kind"][]> = new Map([
  ["int", ["long", "float", "double"]],
  ["long", ["float", "double"]],
  ["float", ["double"]],
  ["string", ["bytes"]],
  ["bytes", ["string"]],
]);

/** The types, other than its own, that a value of the writer's type can be read as. */
export function promotionsOf(writer: Schema["kind"]): readonly Schema["kind"][] {
  return PROMOTIONS.get(writer) ?? [];
}

/** Whether a reader's type takes values of another type of the writer. */
export function isPromotable(writer: Schema["kind"], reader: Schema["kind"]): boolean {
  return promotionsOf(writer).includes(reader);
}
