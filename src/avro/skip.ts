/** Passing over values of the writer that the reader does not have, without making them. */
import { malformed, overLimit, truncated } from "./codec-fault.ts";
import type { CodecLimits } from "./limits.ts";
import type { Schema } from "./model.ts";
import { readBoolean, skipBytes, skipInt, skipLong, skipRaw } from "./primitives.ts";
import { isRecursive } from "./recursion.ts";
import { cursor, readInt, readLong } from "./varint.ts";

/** What is left of the limits while one datum is read. */
export interface Budget {
  items: number;
  emptyItems: number;
  depth: number;
  readonly limits: Required<CodecLimits>;
}

/** A budget with nothing spent. */
export function newBudget(limits: Required<CodecLimits>): Budget {
  return { items: 0, emptyItems: 0, depth: 0, limits };
}

/** Makes a budget whole again, for the next datum. */
export function resetBudget(budget: Budget): void {
  budget.items = budget.limits.itemsMax;
  budget.emptyItems = budget.limits.emptyItemsMax;
  budget.depth = budget.limits.depthMax;
}

/**
 * Reads the head of the next block of an array or map, and checks its count before anything is made:
 * against the bytes that are left and against the limits. Zero ends the collection. `cursor.pos` is
 * then at the first item.
 */
export function readBlock(
  b: Buffer,
  p: number,
  end: number,
  itemBytesMin: number,
  budget: Budget,
): number {
  let count = readLong(b, p, end);
  if (count < 0) {
    count = -count;
    const size = readLong(b, cursor.pos, end);
    if (!(size >= 0)) throw malformed(`the block size ${size}`);
  }
  if (!(count * itemBytesMin <= end - cursor.pos)) throw truncated();
  budget.items -= count;
  if (!(budget.items >= 0)) throw overLimit("itemsMax", budget.limits.itemsMax);
  if (itemBytesMin === 0) {
    budget.emptyItems -= count;
    if (budget.emptyItems < 0) throw overLimit("emptyItemsMax", budget.limits.emptyItemsMax);
  }
  return count;
}

/** Counts one more record that contains itself. */
export function enterRecord(budget: Budget): void {
  budget.depth -= 1;
  if (budget.depth < 0) throw overLimit("depthMax", budget.limits.depthMax);
}

/** Skips one value of a schema; answers the position after it. */
export function skipValue(
  schema: Schema,
  b: Buffer,
  p: number,
  end: number,
  budget: Budget,
): number {
  switch (schema.kind) {
    case "null":
      return p;
    case "boolean":
      readBoolean(b, p, end);
      return cursor.pos;
    case "int":
      return skipInt(b, p, end);
    case "long":
      return skipLong(b, p, end);
    case "float":
      return skipRaw(p, end, 4);
    case "double":
      return skipRaw(p, end, 8);
    case "bytes":
    case "string":
      return skipBytes(b, p, end);
    case "fixed":
      return skipRaw(p, end, schema.size);
    case "enum":
      readIndex(b, p, end, schema.symbols.length, "symbol");
      return cursor.pos;
    case "union": {
      const index = readIndex(b, p, end, schema.branches.length, "branch");
      return skipValue(schema.branches[index] as Schema, b, cursor.pos, end, budget);
    }
    case "array":
      return skipBlocks(schema.items, false, b, p, end, budget);
    case "map":
      return skipBlocks(schema.values, true, b, p, end, budget);
    case "record": {
      const counted = isRecursive(schema) ? 1 : 0;
      if (counted === 1) enterRecord(budget);
      let at = p;
      for (const field of schema.fields) at = skipValue(field.schema, b, at, end, budget);
      budget.depth += counted;
      return at;
    }
  }
}

/** Blocks that say their size are passed over in one step. */
function skipBlocks(
  items: Schema,
  keyed: boolean,
  b: Buffer,
  p: number,
  end: number,
  budget: Budget,
): number {
  let at = p;
  for (;;) {
    const head = readLong(b, at, end);
    if (head < 0) {
      const size = readLong(b, cursor.pos, end);
      if (!(size >= 0)) throw malformed(`the block size ${size}`);
      at = skipRaw(cursor.pos, end, size);
      continue;
    }
    const count = readBlock(b, at, end, keyed ? 1 : itemBytesMin(items), budget);
    at = cursor.pos;
    if (count === 0) return at;
    for (let i = 0; i < count; i += 1) {
      if (keyed) at = skipBytes(b, at, end);
      at = skipValue(items, b, at, end, budget);
    }
  }
}

/** Reads the index of a union branch or enum symbol and checks its range. */
export function readIndex(
  b: Buffer,
  p: number,
  end: number,
  count: number,
  what: "branch" | "symbol",
): number {
  const index = readInt(b, p, end);
  if (index < 0 || index >= count) throw malformed(`${what} ${index} of ${count}`);
  return index;
}

const sizes = new WeakMap<Schema, number>();

/** The fewest bytes that a value of the schema takes. */
export function itemBytesMin(schema: Schema): number {
  switch (schema.kind) {
    case "null":
      return 0;
    case "float":
      return 4;
    case "double":
      return 8;
    case "fixed":
      return schema.size;
    case "record": {
      const known = sizes.get(schema);
      if (known !== undefined) return known;
      sizes.set(schema, 1);
      const size = schema.fields.reduce((sum, field) => sum + itemBytesMin(field.schema), 0);
      sizes.set(schema, Math.min(size, Number.MAX_SAFE_INTEGER));
      return size;
    }
    default:
      return 1;
  }
}
