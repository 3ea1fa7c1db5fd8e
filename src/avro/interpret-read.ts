/**
 * The interpreter of reading plans: the reference for what compiled code does, the only one where
 * code may not be compiled, and the one that finds out where and why a datum cannot be read.
 *
 * Invariants: no byte outside [start, end) is looked at; a record has the reader's field order; every
 * default is a fresh copy.
 */
import { CodecFault, unreadable } from "./codec-fault.ts";
import type { Path } from "./codec-path.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { TAG_PROPERTY } from "./mapping.ts";
import { readString } from "./primitives.ts";
import type { BlocksRead, BranchRead, DefaultRead, ReadNode, RecordRead } from "./resolution.ts";
import { readFixedCopy } from "./scalar-codec.ts";
import type { Budget } from "./skip.ts";
import {
  enterRecord,
  newBudget,
  readBlock,
  readIndex,
  resetBudget,
  skipValue,
  spend,
} from "./skip.ts";
import { cursor } from "./varint.ts";

/** One run over a datum. After a fault, `path` and `pos` say where it happened. */
export class ReadRun {
  readonly path: Path = [];
  pos: number;
  readonly #buffer: Buffer;
  readonly #end: number;
  readonly #budget: Budget;

  constructor(buffer: Buffer, start: number, end: number, budget: Budget) {
    this.#buffer = buffer;
    this.pos = start;
    this.#end = end;
    this.#budget = budget;
  }

  /** Reads one value. Throws a fault. */
  read(node: ReadNode): unknown {
    switch (node.kind) {
      case "scalar": {
        const value = node.read(this.#buffer, this.pos, this.#end);
        this.pos = cursor.pos;
        return value;
      }
      case "fixed": {
        const value = readFixedCopy(this.#buffer, this.pos, this.#end, node.size);
        this.pos = cursor.pos;
        return value;
      }
      case "enum":
        return this.#readEnum(node.symbols, node.writer.symbols);
      case "array":
        return this.#readArray(node);
      case "map":
        return this.#readMap(node);
      case "record":
        return this.readRecord(node, undefined);
      case "union":
        return this.read(node.branch(this.#readIndex(node.count, "branch")));
      case "branch":
        return this.#readBranch(node);
      case "refuse":
        throw unreadable(node.problem);
    }
  }

  #readIndex(count: number, what: "branch" | "symbol"): number {
    const index = readIndex(this.#buffer, this.pos, this.#end, count, what);
    this.pos = cursor.pos;
    return index;
  }

  #readEnum(symbols: readonly (string | undefined)[], written: readonly string[]): string {
    const index = this.#readIndex(symbols.length, "symbol");
    const symbol = symbols[index];
    if (symbol === undefined) throw unreadable(`symbol ${written[index]} is unknown to the reader`);
    return symbol;
  }

  #nextBlock({ itemBytesMin, itemUnits }: BlocksRead): number {
    const { pos } = this;
    const buffer = this.#buffer;
    const end = this.#end;
    const budget = this.#budget;
    const count = readBlock(buffer, pos, end, itemBytesMin, budget, itemUnits);
    this.pos = cursor.pos;
    return count;
  }

  #readArray(node: BlocksRead): unknown[] {
    const items: unknown[] = [];
    for (let count = this.#nextBlock(node); count > 0; count = this.#nextBlock(node)) {
      for (let i = 0; i < count; i++) {
        this.path.push(items.length);
        items.push(this.read(node.items));
        this.path.pop();
      }
    }
    return items;
  }

  #readMap(node: BlocksRead): object {
    const map = {};
    for (let count = this.#nextBlock(node); count > 0; count = this.#nextBlock(node)) {
      for (let i = 0; i < count; i++) {
        const key = readString(this.#buffer, this.pos, this.#end);
        this.pos = cursor.pos;
        this.path.push(key);
        setProperty(map, key, this.read(node.items));
        this.path.pop();
      }
    }
    return map;
  }

  #readBranch({ tag, boxed, node }: BranchRead): unknown {
    if (tag === undefined) return this.read(node);
    if (boxed) return { [TAG_PROPERTY]: tag, value: this.read(node) };
    return node.kind === "record" ? this.readRecord(node, tag) : this.read(node);
  }

  /** Reads a record, with the tag of its branch. */
  readRecord(node: RecordRead, tag: string | undefined): object {
    if (node.isRecursive) enterRecord(this.#budget);
    if (node.units > 0) spend(this.#budget, node.units);
    const values = new Map<string, unknown>();
    for (const step of node.steps) {
      if (step.kind === "skip") {
        this.pos = skipValue(step.schema, this.#buffer, this.pos, this.#end, this.#budget);
        continue;
      }
      this.path.push(step.name);
      values.set(step.name, this.read(step.node));
      this.path.pop();
    }
    for (const { name, source } of node.defaults) {
      this.path.push(name);
      values.set(name, readDefault(source));
      this.path.pop();
    }
    const record = tag === undefined ? {} : { [TAG_PROPERTY]: tag };
    for (const { name } of node.reader.fields) setProperty(record, name, values.get(name));
    if (node.isRecursive) this.#budget.depth++;
    return record;
  }
}

/** A fresh copy of a default. Throws the fault of one that can't be used. */
export function readDefault(source: DefaultRead["source"]): unknown {
  if (source instanceof CodecFault) throw source;
  const bytes = source.value.bytes();
  resetBudget(DEFAULT_BUDGET, 0);
  return new ReadRun(bytes, 0, bytes.length, DEFAULT_BUDGET).read(source.node);
}

/** A default is bounded where it is judged, and paid by the record that it is filled into. */
const DEFAULT_BUDGET = newBudget({ ...DEFAULT_LIMITS, emptyItemsMax: Number.MAX_SAFE_INTEGER });

/** Sets an own property, whatever its name. */
export function setProperty(target: object, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    (target as Record<string, unknown>)[name] = value;
  }
}
