/**
 * The interpreter of writing: the reference for what compiled code does, and the one that finds out
 * where and why a value does not fit.
 */
import { CodecFault, misfit, overLimit } from "./codec-fault.ts";
import type { Path } from "./codec-path.ts";
import type { CodecLimits } from "./limits.ts";
import type { JsKind } from "./mapping.ts";
import { TAG_PROPERTY } from "./mapping.ts";
import { isBytes, writeRaw } from "./primitives.ts";
import { writeString } from "./text.ts";
import { writeInt } from "./varint.ts";
import type {
  BranchWrite,
  EnumWrite,
  FieldWrite,
  RecordWrite,
  UnionWrite,
  WriteNode,
} from "./write-plan.ts";

/** One run over a value. After a fault, `path` says where it happened. */
export class WriteRun {
  readonly path: Path = [];
  #depth: number;
  readonly #limits: Required<CodecLimits>;
  readonly #buffer: Buffer;
  /** Where `bytesMax` is reached. */
  readonly #stop: number;

  constructor(buffer: Buffer, limits: Required<CodecLimits>, stop: number, depth = 0) {
    this.#buffer = buffer;
    this.#depth = depth;
    this.#limits = limits;
    this.#stop = stop;
  }

  /** Writes one value; answers the position after it. Throws a fault. */
  write(node: WriteNode, value: unknown, p: number): number {
    switch (node.kind) {
      case "scalar":
        return node.write(this.#buffer, p, value);
      case "fixed":
        return writeRaw(this.#buffer, p, bytesOf(value, node.size));
      case "enum":
        return writeInt(this.#buffer, p, symbolIndex(node, value));
      case "array":
        return this.#writeArray(node.items, value, p);
      case "map":
        return this.#writeMap(node.items, value, p);
      case "record":
        return this.#writeRecord(node, value, p);
      case "union":
        return node.tagged ? this.#writeTagged(node, value, p) : this.#writeUnion(node, value, p);
    }
  }

  #writeArray(items: WriteNode, value: unknown, p: number): number {
    if (!Array.isArray(value)) throw misfit("an array", value);
    let at = value.length === 0 ? p : writeInt(this.#buffer, p, value.length);
    for (let i = 0; i < value.length; i++) {
      this.path.push(i);
      at = this.bounded(this.write(items, value[i], at));
      this.path.pop();
    }
    return this.bounded(writeInt(this.#buffer, at, 0));
  }

  #writeMap(values: WriteNode, value: unknown, p: number): number {
    if (kindOf(value) !== "object") throw misfit("a map (a plain object)", value);
    const map = value as Record<string, unknown>;
    const keys = Object.keys(map);
    let at = keys.length === 0 ? p : writeInt(this.#buffer, p, keys.length);
    for (const key of keys) {
      this.path.push(key);
      at = this.bounded(this.write(values, map[key], writeString(this.#buffer, at, key)));
      this.path.pop();
    }
    return this.bounded(writeInt(this.#buffer, at, 0));
  }

  /** The same position, if the datum may be as long. */
  bounded(p: number): number {
    const { bytesMax } = this.#limits;
    if (p > this.#stop) throw overLimit("bytesMax", bytesMax);
    return p;
  }

  #writeRecord(node: RecordWrite, value: unknown, p: number): number {
    if (!isRecordValue(value)) throw misfit(`record ${node.schema.name.fullName}`, value);
    if (node.isRecursive) {
      this.#depth++;
      const { depthMax } = this.#limits;
      if (this.#depth > depthMax) throw overLimit("depthMax", depthMax);
    }
    let at = p;
    for (const field of node.fields) {
      this.path.push(field.name);
      at = this.bounded(this.#writeField(field, value, at));
      this.path.pop();
    }
    if (node.isRecursive) this.#depth--;
    return at;
  }

  #writeField(field: FieldWrite, record: object, p: number): number {
    const { name } = field;
    const isAbsent = field.isInherited && !Object.hasOwn(record, name);
    const value = isAbsent ? undefined : (record as Record<string, unknown>)[name];
    if (value === undefined && field.hasDefault) return writeDefault(field, this.#buffer, p);
    return this.write(field.node, value, p);
  }

  #writeUnion(node: UnionWrite, value: unknown, p: number): number {
    const kind = kindOf(value);
    const index = node.branches.findIndex(({ accepts }) => accepts.some((k) => k === kind));
    if (index < 0) throw misfit(unionTitle(node), value);
    const branch = node.branches[index] as BranchWrite;
    return this.write(branch.node, value, writeInt(this.#buffer, p, index));
  }

  #writeTagged(node: UnionWrite, value: unknown, p: number): number {
    const tag = value === null ? "null" : tagOf(value);
    const index = node.branches.findIndex(
      (branch) => branch.tag === tag && (tag === "null") === (value === null),
    );
    if (index < 0) throw misfit(unionTitle(node), value);
    const branch = node.branches[index] as BranchWrite;
    const at = writeInt(this.#buffer, p, index);
    if (value === null || !branch.boxed) return this.write(branch.node, value, at);
    this.path.push("value");
    const end = this.write(branch.node, (value as { value: unknown }).value, at);
    this.path.pop();
    return end;
  }
}

/** Writes a field's default. Throws the fault of one that can't be used. */
export function writeDefault(field: FieldWrite, b: Buffer, p: number): number {
  const found = field.default();
  if (found instanceof CodecFault) throw found;
  return p + found.size > b.length ? p + found.size : writeRaw(b, p, found.bytes());
}

function tagOf(value: unknown): unknown {
  return isRecordValue(value) ? (value as Record<string, unknown>)[TAG_PROPERTY] : undefined;
}

function symbolIndex(node: EnumWrite, value: unknown): number {
  const index = typeof value === "string" ? node.indexes.get(value) : undefined;
  if (index === undefined) throw misfit(`one of ${node.schema.symbols.join(", ")}`, value);
  return index;
}

function bytesOf(value: unknown, size: number): Uint8Array {
  if (!isBytes(value) || value.length !== size) throw misfit(`${size} bytes`, value);
  return value;
}

function unionTitle({ tagged, branches }: UnionWrite): string {
  const tags = branches.map(({ tag }) => tag).join(", ");
  return tagged ? `an object with a $type of ${tags}` : `one of ${tags}`;
}

/** Whether a record's fields may be taken from a value. */
export function isRecordValue(value: unknown): value is object {
  return kindOf(value) === "object";
}

/** The kind of a value; `undefined` for what stands for no Avro value. */
export function kindOf(value: unknown): JsKind | undefined {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return typeof value as JsKind;
    case "object":
      return value === null ? "null" : objectKind(value);
    default:
      return undefined;
  }
}

function objectKind(value: object): JsKind | undefined {
  if (Array.isArray(value)) return "array";
  if (value instanceof Uint8Array) return isBytes(value) ? "bytes" : undefined;
  if (value instanceof Date) return "date";
  return value instanceof Map || value instanceof Set ? undefined : "object";
}
