/**
 * Compiled reading: one function per writer, reader and mapping, with non-recursive records inlined
 * and every record made by one literal, so that its shape is stable. What makes the text too long is
 * compiled apart when data first needs it, and in the end interpreted.
 *
 * Invariants: the same values as the interpreter; whatever is not right leaves through `bail`; each
 * read is preceded by a check against `e`, the end of the datum; names from schemas are string
 * literals.
 */
import { CodecFault } from "./codec-fault.ts";
import { millisToDate } from "./conversions.ts";
import {
  bail,
  CODE_STEPS_MAX,
  Emitter,
  integer,
  literal,
  PART_STEPS_MAX,
  ROOT_STEPS_MAX,
  TEXT_STEPS,
} from "./emit.ts";
import { ReadRun, readDefault, setProperty } from "./interpret-read.ts";
import { TAG_PROPERTY } from "./mapping.ts";
import type { Schema } from "./model.ts";
import { readBytes, readString, skipBytes, skipInt, skipLong } from "./primitives.ts";
import type {
  BlocksRead,
  BranchRead,
  DefaultRead,
  EnumRead,
  ReadNode,
  RecordRead,
  ScalarRead,
  UnionRead,
} from "./resolution.ts";
import { readFixedCopy, readSafeLong } from "./scalar-codec.ts";
import type { Budget } from "./skip.ts";
import { readBlock, resetBudget, skipValue } from "./skip.ts";
import { readText } from "./text.ts";
import { cursor, readBigLong, readInt, readLong } from "./varint.ts";

type Decode = (buffer: Buffer, start: number, end: number) => unknown;

const ONE_BYTE_MAX = 128;
/** The bigint of each varint of one byte. */
const SMALL_LONGS = Array.from({ length: ONE_BYTE_MAX }, (_, z) => BigInt((z >>> 1) ^ -(z & 1)));

const HELPERS = {
  bail,
  cursor,
  millisToDate,
  readBigLong,
  readBlock,
  readBytes,
  readFixedCopy,
  readInt,
  readLong,
  readSafeLong,
  readString,
  readText,
  resetBudget,
  setProperty,
  skipBytes,
  skipInt,
  skipLong,
  skipValue,
  SMALL_LONGS,
};

/** Records with more fields than this are printed once and called. */
const REPEATED_FIELDS_MAX = 4;

/** Longer texts stay outside of the code. */
const LITERAL_CHARS_MAX = 1000;
/** Unions of more branches have a function for each branch that data uses. */
const INLINE_BRANCHES_MAX = 32;

/** Compiles the reader of a plan. */
export function compileReader(node: ReadNode, budget: Budget): Decode {
  return new ReadCompiler(budget).root(node);
}

/** Compiles the parts of one reader, each when it is needed. */
class ReadCompiler {
  readonly budget: Budget;
  #stepsLeft = CODE_STEPS_MAX;
  readonly #apart = new Map<ReadNode, Map<string | undefined, Decode>>();

  constructor(budget: Budget) {
    this.budget = budget;
  }

  root(node: ReadNode): Decode {
    const emitter = new ReadEmitter(this, ROOT_STEPS_MAX);
    emitter.root(node);
    return this.#compile(emitter, "decode");
  }

  /** A function for a value that leaves the position in the cursor; it is compiled when called. */
  later(node: ReadNode, tag?: string): Decode {
    const byTag = this.#apart.get(node) ?? new Map<string | undefined, Decode>();
    this.#apart.set(node, byTag);
    const known = byTag.get(tag);
    if (known !== undefined) return known;
    let compiled: Decode | undefined;
    const decode: Decode = (b, p, e) => {
      compiled ??= this.#part(node, tag);
      return compiled(b, p, e);
    };
    byTag.set(tag, decode);
    return decode;
  }

  #part(node: ReadNode, tag: string | undefined): Decode {
    if (this.#stepsLeft <= 0) return this.#interpreted(node, tag);
    const emitter = new ReadEmitter(this, PART_STEPS_MAX);
    emitter.part(node, tag);
    return this.#compile(emitter, "part");
  }

  #interpreted(node: ReadNode, tag: string | undefined): Decode {
    return (b, p, e) => {
      const run = new ReadRun(b, p, e, this.budget);
      const value =
        node.kind === "record" && tag !== undefined ? run.readRecord(node, tag) : run.read(node);
      cursor.pos = run.pos;
      return value;
    };
  }

  #compile(emitter: ReadEmitter, root: string): Decode {
    this.#stepsLeft -= TEXT_STEPS + emitter.stepsInAll;
    return emitter.compile({ ...HELPERS, q: this.budget }, "", root) as Decode;
  }
}

class ReadEmitter extends Emitter {
  readonly #compiler: ReadCompiler;
  readonly #records = new Map<RecordRead, Map<string | undefined, string>>();
  readonly #inlined = new Set<RecordRead>();

  constructor(compiler: ReadCompiler, stepsMax: number) {
    super(stepsMax);
    this.#compiler = compiler;
  }

  root(node: ReadNode): void {
    this.function("function decode(b, p, e)", () => {
      this.add("resetBudget(q, e - p); let c = 0, n = 0;");
      const value = this.#read(node);
      this.add("if (p !== e) bail();", `return ${value};`);
    });
  }

  /** A function for one value on its own. */
  part(node: ReadNode, tag: string | undefined): void {
    this.function("function part(b, p, e)", () => {
      this.add("let c = 0, n = 0;");
      const isRecord = node.kind === "record";
      const value = isRecord ? this.#readRecordHere(node, tag) : this.#read(node);
      this.add(`cursor.pos = p; return ${value};`);
    });
  }

  /** Prints the reading of a value and answers the expression that holds it. */
  #read(node: ReadNode): string {
    this.step();
    switch (node.kind) {
      case "scalar":
        return this.#readScalar(node);
      case "fixed":
        return this.#call(`readFixedCopy(b, p, e, ${integer(node.size)})`);
      case "enum":
        return this.#readEnum(node);
      case "array":
        return this.#readArray(node);
      case "map":
        return this.#readMap(node);
      case "record":
        return this.#readRecord(node, undefined);
      case "union":
        return this.#readUnion(node);
      case "branch":
        return this.#readBranch(node);
      case "refuse":
        this.add("bail();");
        return "undefined";
    }
  }

  /** A value by a helper that leaves the position in the cursor. */
  #call(expression: string): string {
    const x = this.name("x");
    this.add(`const ${x} = ${expression}; p = cursor.pos;`);
    return x;
  }

  /** A varint: one byte here, more by a helper. */
  #varint(short: string, helper: string): string {
    if (this.isLong) return this.#call(`${helper}(b, p, e)`);
    const x = this.name("x");
    this.add(
      `let ${x}; if (p < e && (c = b[p]) < ${ONE_BYTE_MAX}) { ${x} = ${short}; p++; }`,
      `else { ${x} = ${helper}(b, p, e); p = cursor.pos; }`,
    );
    return x;
  }

  #readScalar(node: ScalarRead): string {
    const wire = node.wire.kind;
    switch (node.shape.conversion) {
      case "null":
        return "null";
      case "boolean":
        this.add("if (p >= e || (c = b[p]) > 1) bail(); p++;");
        return this.#hold("c === 1");
      case "int":
        return this.#varint("(c >>> 1) ^ -(c & 1)", "readInt");
      case "long-bigint":
        return this.#varint(
          "SMALL_LONGS[c]",
          wire === "int" ? this.constant(node.read) : "readBigLong",
        );
      case "long-number":
        return this.#varint("(c >>> 1) ^ -(c & 1)", "readSafeLong");
      case "timestamp-date":
        return this.#call("millisToDate(readLong(b, p, e))");
      case "double":
        return wire === "double" ? this.#readRaw("b.readDoubleLE(p)", 8) : this.#readBy(node);
      case "float":
        return wire === "float" ? this.#readRaw("b.readFloatLE(p)", 4) : this.#readBy(node);
      case "string":
        return this.#readString();
      case "bytes":
        return this.#call("readBytes(b, p, e)");
      default:
        return this.#readBy(node);
    }
  }

  #readBy(node: ScalarRead): string {
    return this.#call(`${this.constant(node.read)}(b, p, e)`);
  }

  #hold(expression: string): string {
    const x = this.name("x");
    this.add(`const ${x} = ${expression};`);
    return x;
  }

  #readRaw(expression: string, size: number): string {
    this.add(`if (e - p < ${integer(size)}) bail();`);
    const x = this.#hold(expression);
    this.add(`p += ${integer(size)};`);
    return x;
  }

  #readString(): string {
    if (this.isLong) return this.#call("readString(b, p, e)");
    const x = this.name("x");
    this.add(
      `let ${x}; if (${this.#shortLength()}) { ${x} = readText(b, p + 1, n); p += n + 1; }`,
      `else { ${x} = readString(b, p, e); p = cursor.pos; }`,
    );
    return x;
  }

  /** A length of one byte whose content is there. */
  #shortLength(): string {
    return `p < e && (c = b[p]) < ${ONE_BYTE_MAX} && (c & 1) === 0 && (n = c >>> 1) < e - p`;
  }

  /** Reads an index below `count` to `n`. */
  #readIndex(count: number): void {
    const limit = Math.min(count * 2, ONE_BYTE_MAX);
    this.add(
      `if (p < e && (c = b[p]) < ${integer(limit)} && (c & 1) === 0) { n = c >>> 1; p++; }`,
      `else { n = readInt(b, p, e); if (n < 0 || n >= ${integer(count)}) bail(); p = cursor.pos; }`,
    );
  }

  #readEnum({ symbols }: EnumRead): string {
    this.#readIndex(symbols.length);
    const x = this.#hold(`${this.constant(symbols)}[n]`);
    if (symbols.includes(undefined)) this.add(`if (${x} === undefined) bail();`);
    return x;
  }

  /** Prints the loops over blocks and items around `body`. */
  #blocks(node: BlocksRead, body: () => void): void {
    const [count, i] = [this.name("n"), this.name("i")];
    const units = node.itemUnits > 0 ? `, ${integer(node.itemUnits)}` : "";
    const block = `readBlock(b, p, e, ${integer(node.itemBytesMin)}, q${units})`;
    this.add(`if (p < e && b[p] === 0) p++; else { let ${count} = ${block}; p = cursor.pos;`);
    this.add(`while (${count} !== 0) { for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
    body();
    this.add(`} if (p < e && b[p] === 0) { p++; ${count} = 0; }`);
    this.add(`else { ${count} = ${block}; p = cursor.pos; } } }`);
  }

  #readArray(node: BlocksRead): string {
    const x = this.#hold("[]");
    this.#blocks(node, () => this.add(`${x}.push(${this.#read(node.items)});`));
    return x;
  }

  #readMap(node: BlocksRead): string {
    const x = this.#hold("{}");
    this.#blocks(node, () => {
      const key = this.#readString();
      const value = this.#read(node.items);
      this.add(`if (${key} === "__proto__") setProperty(${x}, ${key}, ${value});`);
      this.add(`else ${x}[${key}] = ${value};`);
    });
    return x;
  }

  #readUnion(node: UnionRead): string {
    this.#readIndex(node.count);
    if (node.count > INLINE_BRANCHES_MAX || this.isFull) return this.#readBranchLater(node);
    const x = this.name("x");
    this.add(`let ${x}; switch (n) {`);
    for (let index = 0; index < node.count; index++) {
      this.add(`case ${integer(index)}: {`);
      this.add(`${x} = ${this.#read(node.branch(index))}; break; }`);
    }
    this.add("default: bail(); }");
    return x;
  }

  #readBranchLater(node: UnionRead): string {
    const table: (Decode | undefined)[] = [];
    const read = (index: number, b: Buffer, p: number, e: number): unknown => {
      table[index] ??= this.#compiler.later(node.branch(index));
      return table[index](b, p, e);
    };
    return this.#call(`${this.constant(read)}(n, b, p, e)`);
  }

  #readBranch({ tag, boxed, node }: BranchRead): string {
    if (tag === undefined) return this.#read(node);
    if (!boxed) return node.kind === "record" ? this.#readRecord(node, tag) : this.#read(node);
    const value = this.#read(node);
    return `{ ${literal(TAG_PROPERTY)}: ${literal(tag)}, "value": ${value} }`;
  }

  #readRecord(node: RecordRead, tag: string | undefined): string {
    if (this.isFull) return this.#call(`${this.#functionApart(node, tag)}(b, p, e)`);
    const fields = node.reader.fields.length + node.steps.length;
    const isRepeated = this.#inlined.has(node) && fields > REPEATED_FIELDS_MAX;
    if (node.isRecursive || isRepeated || this.isLong) {
      return this.#call(`${this.#recordFunction(node, tag)}(b, p, e)`);
    }
    this.#inlined.add(node);
    return this.#readRecordHere(node, tag);
  }

  #functionApart(node: RecordRead, tag: string | undefined): string {
    return (
      this.#functionOf(node, tag) ??
      this.#keep(node, tag, this.constant(this.#compiler.later(node, tag)))
    );
  }

  #recordFunction(node: RecordRead, tag: string | undefined): string {
    const known = this.#functionOf(node, tag);
    if (known !== undefined) return known;
    const name = this.#keep(node, tag, this.name("r"));
    this.function(`function ${name}(b, p, e)`, () => {
      this.add("let c = 0, n = 0;");
      const value = this.#readRecordHere(node, tag);
      this.add(`cursor.pos = p; return ${value};`);
    });
    return name;
  }

  #functionOf(node: RecordRead, tag: string | undefined): string | undefined {
    return this.#records.get(node)?.get(tag);
  }

  #keep(node: RecordRead, tag: string | undefined, name: string): string {
    const byTag = this.#records.get(node) ?? new Map<string | undefined, string>();
    this.#records.set(node, byTag.set(tag, name));
    return name;
  }

  /** Prints the reading of a record, with its costs. */
  #readRecordHere(node: RecordRead, tag: string | undefined): string {
    if (node.isRecursive) this.add("if (--q.depth < 0) bail();");
    if (node.units > 0) this.add(`if ((q.units -= ${integer(node.units)}) < 0) bail();`);
    const record = this.#hold(this.#readFields(node, tag));
    if (node.isRecursive) this.add("q.depth++;");
    return record;
  }

  /** Prints the reading of the fields and answers the literal of the record. */
  #readFields(node: RecordRead, tag: string | undefined): string {
    const values = new Map<string, string>();
    for (const step of node.steps) {
      if (step.kind === "skip") this.#skip(step.schema);
      else values.set(step.name, this.#read(step.node));
    }
    for (const { name, source } of node.defaults) values.set(name, this.#default(source));
    const members = node.reader.fields.map(({ name }) => {
      const key = name === "__proto__" ? `[${literal(name)}]` : literal(name);
      return `${key}: ${values.get(name) ?? "undefined"}`;
    });
    if (tag !== undefined) members.unshift(`${literal(TAG_PROPERTY)}: ${literal(tag)}`);
    return `{ ${members.join(", ")} }`;
  }

  /** Immutable defaults are constants, empty collections literals, the rest is read afresh. */
  #default(source: DefaultRead["source"]): string {
    if (source instanceof CodecFault) {
      this.add("bail();");
      return "undefined";
    }
    const { node, value: known } = source;
    if (known.size === 1 && known.bytes()[0] === 0) {
      if (node.kind === "array") return "[]";
      if (node.kind === "map") return "{}";
    }
    if (isImmutable(node)) {
      const value = readDefault(source);
      if (value === null || typeof value === "boolean") return String(value);
      if (typeof value === "string" && value.length <= LITERAL_CHARS_MAX) return literal(value);
      if (typeof value === "string") return this.constant(value);
      if (typeof value === "number" || typeof value === "bigint") return this.constant(value);
    }
    return this.#hold(`${this.constant(() => readDefault(source))}()`);
  }

  #skip(schema: Schema): void {
    this.step();
    switch (schema.kind) {
      case "null":
        return;
      case "boolean":
        this.add("if (p >= e || b[p] > 1) bail(); p++;");
        return;
      case "int":
      case "long": {
        const helper = schema.kind === "int" ? "skipInt" : "skipLong";
        this.add(`if (p < e && b[p] < ${ONE_BYTE_MAX}) p++; else p = ${helper}(b, p, e);`);
        return;
      }
      case "float":
        this.add("if (e - p < 4) bail(); p += 4;");
        return;
      case "double":
        this.add("if (e - p < 8) bail(); p += 8;");
        return;
      case "fixed":
        this.add(`if (e - p < ${integer(schema.size)}) bail(); p += ${integer(schema.size)};`);
        return;
      case "string":
      case "bytes":
        this.add(`if (${this.#shortLength()}) p += n + 1; else p = skipBytes(b, p, e);`);
        return;
      default:
        this.add(`p = skipValue(${this.constant(schema)}, b, p, e, q);`);
        return;
    }
  }
}

/** Whether values of a plan may be shared, as far as its root says. */
function isImmutable(node: ReadNode): boolean {
  return (
    node.kind === "scalar" ||
    node.kind === "enum" ||
    node.kind === "branch" ||
    node.kind === "union"
  );
}
