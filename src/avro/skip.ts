/** Skips values of the writer that the reader does not have, without making them. */
import { malformed, overLimit, truncated } from "./codec-fault.ts";
import type { CodecLimits } from "./limits.ts";
import { RECORD_UNITS, UNITS_PER_BYTE } from "./limits.ts";
import type { RecordSchema, Schema } from "./model.ts";
import { readBoolean, skipBytes, skipInt, skipLong, skipRaw } from "./primitives.ts";
import { isRecursive } from "./recursion.ts";
import { cursor, readInt, readLong } from "./varint.ts";

/** What is left of the limits while one datum is read. */
export interface Budget {
  items: number;
  /** Units for values that take no byte; see `limits.ts`. */
  units: number;
  depth: number;
  readonly limits: Required<CodecLimits>;
}

/** A budget with nothing spent. */
export function newBudget(limits: Required<CodecLimits>): Budget {
  return { items: 0, units: 0, depth: 0, limits };
}

/** Makes a budget whole again, for the next datum, which has this length. */
export function resetBudget(budget: Budget, bytes: number): void {
  budget.items = budget.limits.itemsMax;
  budget.units = Math.max(budget.limits.emptyItemsMax, bytes * UNITS_PER_BYTE);
  budget.depth = budget.limits.depthMax;
}

/**
 * Reads the head of the next block of an array or map, and checks its count before anything is made:
 * against the bytes that are left and against the limits. Zero ends the collection. `cursor.pos` is
 * then at the first item. `itemUnits` is what an item costs beyond its bytes.
 */
export function readBlock(
  b: Buffer,
  p: number,
  end: number,
  itemBytesMin: number,
  budget: Budget,
  itemUnits = 0,
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
  if (itemUnits > 0) spend(budget, count * itemUnits);
  return count;
}

/** Pays for values that take no byte. */
export function spend(budget: Budget, units: number): void {
  budget.units -= units;
  if (budget.units < 0) throw overLimit("emptyItemsMax", budget.limits.emptyItemsMax);
}

/** Counts one more record that contains itself. */
export function enterRecord(budget: Budget): void {
  budget.depth--;
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
      const { parts, units } = widthOf(schema);
      if (parts.length === 0) return p;
      if (units > 0) spend(budget, units);
      const counted = isRecursive(schema) ? 1 : 0;
      if (counted === 1) enterRecord(budget);
      let at = p;
      for (const part of parts) at = skipValue(part, b, at, end, budget);
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
    const width = itemBytesMin(items);
    const count = readBlock(b, at, end, (keyed ? 1 : 0) + width, budget);
    at = cursor.pos;
    if (count === 0) return at;
    if (width === 0 && !keyed) continue;
    for (let i = 0; i < count; i++) {
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

/** What is known of a record's encoding from its schema. */
interface Width {
  /** The fewest bytes. */
  readonly bytesMin: number;
  /** The types of the fields that take bytes; the others always take none. */
  readonly parts: readonly Schema[];
  /** What a record costs beyond what the bytes of its own fields pay for. */
  readonly units: number;
}

const widths = new WeakMap<RecordSchema, Width>();
/** Stands in while a record is measured: one that contains itself takes a byte at least. */
const OPEN: Width = { bytesMin: 1, parts: [], units: 0 };

function widthOf(record: RecordSchema): Width {
  const known = widths.get(record);
  if (known !== undefined) return known;
  widths.set(record, OPEN);
  let [bytesMin, own] = [0, 0];
  const parts: Schema[] = [];
  for (const { schema } of record.fields) {
    const least = itemBytesMin(schema);
    bytesMin = Math.min(bytesMin + least, Number.MAX_SAFE_INTEGER);
    if (schema.kind !== "record") own += least;
    if (least > 0) parts.push(schema);
  }
  const width = { bytesMin, parts, units: beyondBytes(RECORD_UNITS, own) };
  widths.set(record, width);
  return width;
}

/** What is left to pay of some units when the bytes have paid their part. */
export function beyondBytes(units: number, bytes: number): number {
  return Math.max(0, units - bytes * UNITS_PER_BYTE);
}

/** The fewest bytes that a value of the schema takes; if that is 0, every value takes 0. */
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
    case "record":
      return widthOf(schema).bytesMin;
    default:
      return 1;
  }
}
