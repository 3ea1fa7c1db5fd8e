/**
 * Compiled writing: one function per schema and mapping, with non-recursive records inlined. What
 * makes the text too long is compiled apart when a value first needs it, and in the end interpreted.
 *
 * Invariants: the same bytes as the interpreter; every value that is not right leaves through
 * `bail`; names from the schema are string literals.
 */
import { CodecFault } from "./codec-fault.ts";
import {
  bail,
  CODE_STEPS_MAX,
  Emitter,
  integer,
  literal,
  member,
  PART_STEPS_MAX,
  ROOT_STEPS_MAX,
  TEXT_STEPS,
} from "./emit.ts";
import { isRecordValue, WriteRun, writeDefault } from "./interpret-write.ts";
import type { CodecLimits } from "./limits.ts";
import type { JsKind } from "./mapping.ts";
import { TAG_PROPERTY } from "./mapping.ts";
import { writeBytes, writeDouble, writeRaw } from "./primitives.ts";
import { writeLongValue } from "./scalar-codec.ts";
import { writeString } from "./text.ts";
import { writeInt } from "./varint.ts";
import type {
  BlocksWrite,
  BranchWrite,
  EnumWrite,
  FieldWrite,
  RecordWrite,
  ScalarWrite,
  UnionWrite,
  WriteNode,
} from "./write-plan.ts";

type Encode = (value: unknown, buffer: Buffer, offset: number) => number;

const HELPERS = {
  bail,
  isRecordValue,
  writeBytes,
  writeDouble,
  writeInt,
  writeLongValue,
  writeRaw,
  writeString,
};

/** Indexes up to this one take a single byte. */
const SHORT_INDEX_MAX = 63;
const SWITCH_SYMBOLS_MAX = 24;
const INLINE_DEFAULT_BYTES_MAX = 8;
/** Records with more fields than this are printed once and called. */
const REPEATED_FIELDS_MAX = 4;

/** What the functions of one writer share while they run. */
interface WriteState {
  depth: number;
  /** Where `bytesMax` is reached. */
  stop: number;
  readonly depthMax: number;
  readonly bytesMax: number;
}

/** Writes a value of a record at a position. */
type WriteRecord = (value: unknown, buffer: Buffer, offset: number) => number;

/** Compiles the writer of a plan. */
export function compileWriter(node: WriteNode, limits: Required<CodecLimits>): Encode {
  return new WriteCompiler(limits).root(node);
}

/** Compiles the parts of one writer, each when it is needed. */
class WriteCompiler {
  readonly #limits: Required<CodecLimits>;
  readonly #state: WriteState;
  readonly #apart = new Map<RecordWrite, WriteRecord>();
  #stepsLeft = CODE_STEPS_MAX;

  constructor(limits: Required<CodecLimits>) {
    this.#limits = limits;
    const { depthMax, bytesMax } = limits;
    this.#state = { depth: 0, stop: 0, depthMax, bytesMax };
  }

  root(node: WriteNode): Encode {
    const emitter = new WriteEmitter(this, ROOT_STEPS_MAX);
    emitter.root(node);
    return this.#compile(emitter, "encode");
  }

  /** A function for a record that is compiled when it is called. */
  later(node: RecordWrite): WriteRecord {
    const known = this.#apart.get(node);
    if (known !== undefined) return known;
    let compiled: WriteRecord | undefined;
    const write: WriteRecord = (v, b, p) => {
      compiled ??= this.#part(node);
      return compiled(v, b, p);
    };
    this.#apart.set(node, write);
    return write;
  }

  #part(node: RecordWrite): WriteRecord {
    const state = this.#state;
    const limits = this.#limits;
    if (this.#stepsLeft <= 0) {
      return (v, b, p) => new WriteRun(b, limits, state.stop, state.depth).write(node, v, p);
    }
    const emitter = new WriteEmitter(this, PART_STEPS_MAX);
    return this.#compile(emitter, emitter.part(node));
  }

  #compile(emitter: WriteEmitter, root: string): Encode {
    this.#stepsLeft -= TEXT_STEPS + emitter.stepsInAll;
    return emitter.compile({ ...HELPERS, s: this.#state }, "", root) as Encode;
  }
}

class WriteEmitter extends Emitter {
  readonly #compiler: WriteCompiler;
  readonly #records = new Map<RecordWrite, string>();
  readonly #inlined = new Set<RecordWrite>();

  constructor(compiler: WriteCompiler, stepsMax: number) {
    super(stepsMax);
    this.#compiler = compiler;
  }

  root(node: WriteNode): void {
    this.function("function encode(v, b, p)", () => {
      this.add("const t = p + s.bytesMax; s.depth = 0; s.stop = t; let z = 0;");
      this.#write(node, "v");
      this.add("if (p > t) bail();", "return p;");
    });
  }

  /** A function for one record on its own; answers its name. */
  part(node: RecordWrite): string {
    return this.#recordFunction(node);
  }

  #write(node: WriteNode, v: string): void {
    this.step();
    switch (node.kind) {
      case "scalar":
        this.#writeScalar(node, v);
        return;
      case "fixed":
        this.add(
          `if (!(${v} instanceof Uint8Array) || ${v}.length !== ${integer(node.size)}) bail();`,
          `p = writeRaw(b, p, ${v});`,
        );
        return;
      case "enum":
        this.#writeEnum(node, v);
        return;
      case "array":
        this.#writeArray(node, v);
        return;
      case "map":
        this.#writeMap(node, v);
        return;
      case "record":
        this.#writeRecord(node, v);
        return;
      case "union":
        if (node.tagged) this.#writeTagged(node, v);
        else this.#writeUnion(node, v);
    }
  }

  #writeScalar({ shape, write }: ScalarWrite, v: string): void {
    switch (shape.conversion) {
      case "null":
        this.add(`if (${v} !== null) bail();`);
        return;
      case "boolean":
        this.add(
          `if (${v} === true) b[p++] = 1; else if (${v} === false) b[p++] = 0; else bail();`,
        );
        return;
      case "int":
        this.add(`if (typeof ${v} !== "number" || (${v} | 0) !== ${v}) bail();`);
        this.add(this.#shortInt(v, `writeInt(b, p, ${v})`));
        return;
      case "long-bigint":
        this.add(`p = writeLongValue(b, p, ${v});`);
        return;
      case "long-number":
        this.add(
          `if (typeof ${v} === "number" && (${v} | 0) === ${v}) {`,
          this.#shortInt(v, `writeInt(b, p, ${v})`),
          `} else p = writeLongValue(b, p, ${v});`,
        );
        return;
      case "double":
        this.add(`if (typeof ${v} !== "number") bail();`, `p = writeDouble(b, p, ${v});`);
        return;
      case "string":
        this.add(`if (typeof ${v} !== "string") bail();`, `p = writeString(b, p, ${v});`);
        return;
      case "bytes":
        this.add(`if (!(${v} instanceof Uint8Array)) bail();`, `p = writeBytes(b, p, ${v});`);
        return;
      default:
        this.add(`p = ${this.constant(write)}(b, p, ${v});`);
        return;
    }
  }

  #shortInt(v: string, call: string): string {
    if (this.isLong) return `p = ${call};`;
    return `z = (${v} << 1) ^ (${v} >> 31); if ((z & -128) === 0) b[p++] = z; else p = ${call};`;
  }

  #writeIndex(index: number): string {
    return index <= SHORT_INDEX_MAX
      ? `b[p++] = ${integer(index * 2)};`
      : `p = writeInt(b, p, ${integer(index)});`;
  }

  #writeEnum({ schema, indexes }: EnumWrite, v: string): void {
    if (schema.symbols.length > SWITCH_SYMBOLS_MAX) {
      const table = this.constant(indexes);
      this.add(`z = ${table}.get(${v}); if (z === undefined) bail(); p = writeInt(b, p, z);`);
      return;
    }
    this.add(`switch (${v}) {`);
    for (const [i, symbol] of schema.symbols.entries()) {
      this.add(`case ${literal(symbol)}: ${this.#writeIndex(i)} break;`);
    }
    this.add("default: bail(); }");
  }

  #writeArray(node: BlocksWrite, v: string): void {
    const [n, i, item] = [this.name("n"), this.name("i"), this.name("v")];
    this.add(`if (!Array.isArray(${v})) bail();`, `const ${n} = ${v}.length;`);
    this.add(`if (${n} > 0) p = writeInt(b, p, ${n});`);
    this.add(`for (let ${i} = 0; ${i} < ${n}; ${i}++) { const ${item} = ${v}[${i}];`);
    this.#write(node.items, item);
    this.add("}", "b[p++] = 0; if (p > t) bail();");
  }

  #writeMap(node: BlocksWrite, v: string): void {
    const [keys, n, i] = [this.name("k"), this.name("n"), this.name("i")];
    const [key, item] = [this.name("k"), this.name("v")];
    this.add(`if (!isRecordValue(${v})) bail();`, `const ${keys} = Object.keys(${v});`);
    this.add(`const ${n} = ${keys}.length; if (${n} > 0) p = writeInt(b, p, ${n});`);
    this.add(`for (let ${i} = 0; ${i} < ${n}; ${i}++) { const ${key} = ${keys}[${i}];`);
    this.add(`const ${item} = ${v}[${key}]; p = writeString(b, p, ${key});`);
    this.#write(node.items, item);
    this.add("}", "b[p++] = 0; if (p > t) bail();");
  }

  #writeRecord(node: RecordWrite, v: string): void {
    if (this.isFull) {
      const name = this.#records.get(node) ?? this.constant(this.#compiler.later(node));
      this.#records.set(node, name);
      this.add(`p = ${name}(${v}, b, p);`);
      return;
    }
    const isRepeated = this.#inlined.has(node) && node.fields.length > REPEATED_FIELDS_MAX;
    if (node.isRecursive || isRepeated || this.isLong) {
      this.add(`p = ${this.#recordFunction(node)}(${v}, b, p);`);
    } else {
      this.#inlined.add(node);
      this.#writeFields(node, v);
    }
  }

  #recordFunction(node: RecordWrite): string {
    const known = this.#records.get(node);
    if (known !== undefined) return known;
    const name = this.name("w");
    this.#records.set(node, name);
    this.function(`function ${name}(v, b, p)`, () => {
      this.add("const t = s.stop; let z = 0;");
      if (node.isRecursive) this.add("if (++s.depth > s.depthMax || p > t) bail();");
      this.#writeFields(node, "v");
      if (node.isRecursive) this.add("s.depth--;");
      this.add("return p;");
    });
    return name;
  }

  #writeFields(node: RecordWrite, v: string): void {
    const test = hasTellingField(node)
      ? `typeof ${v} !== "object" || ${v} === null`
      : `!isRecordValue(${v})`;
    this.add(`if (${test}) bail();`);
    for (const field of node.fields) this.#writeField(field, v);
  }

  #writeField(field: FieldWrite, record: string): void {
    const v = this.name("v");
    const got = member(record, field.name);
    const own = `Object.hasOwn(${record}, ${literal(field.name)}) ? ${got} : undefined`;
    this.add(`{ const ${v} = ${field.isInherited ? own : got};`);
    if (field.hasDefault) this.add(`if (${v} === undefined) { ${this.#default(field)} } else {`);
    this.#write(field.node, v);
    this.add(field.hasDefault ? "} }" : "}");
  }

  #default(field: FieldWrite): string {
    const found = field.default();
    if (found instanceof CodecFault) return "bail();";
    if (found.size > INLINE_DEFAULT_BYTES_MAX) {
      const write = (b: Buffer, p: number): number => writeDefault(field, b, p);
      return `p = ${this.constant(write)}(b, p);`;
    }
    return Array.from(found.bytes(), (byte) => `b[p++] = ${integer(byte)};`).join(" ");
  }

  #writeUnion({ branches }: UnionWrite, v: string): void {
    const kinds = branches.flatMap(({ accepts }) => accepts);
    const ordered = [...branches.entries()].sort(
      ([, a], [, b]) => Number(b.tag === "null") - Number(a.tag === "null"),
    );
    for (const [index, branch] of ordered) {
      const test = branch.accepts.map((kind) => kindTest(kind, v, branch, kinds)).join(" || ");
      this.add(`if (${test}) { ${this.#writeIndex(index)}`);
      this.#write(branch.node, v);
      this.add("} else");
    }
    this.add("bail();");
  }

  #writeTagged({ branches }: UnionWrite, v: string): void {
    const nullIndex = branches.findIndex(({ tag }) => tag === "null");
    this.add(
      nullIndex < 0 ? "" : `if (${v} === null) { ${this.#writeIndex(nullIndex)} } else`,
      `{ if (typeof ${v} !== "object" || ${v} === null) bail();`,
      `switch (${member(v, TAG_PROPERTY)}) {`,
    );
    for (const [index, branch] of branches.entries()) {
      if (index === nullIndex) continue;
      this.add(`case ${literal(branch.tag)}: { ${this.#writeIndex(index)}`);
      this.#writeTaggedBranch(branch, v);
      this.add("break; }");
    }
    this.add("default: bail(); } }");
  }

  #writeTaggedBranch({ boxed, node }: BranchWrite, v: string): void {
    if (!boxed) {
      this.#write(node, v);
      return;
    }
    const inner = this.name("v");
    this.add(`const ${inner} = ${member(v, "value")};`);
    this.#write(node, inner);
  }
}

const OBJECT_KINDS: readonly JsKind[] = ["date", "bytes", "array"];

/** The test for a kind, as cheap as the other branches allow. */
function kindTest(
  kind: JsKind,
  v: string,
  { node }: BranchWrite,
  others: readonly JsKind[],
): string {
  switch (kind) {
    case "null":
      return `${v} === null`;
    case "date":
      return `${v} instanceof Date`;
    case "bytes":
      return `${v} instanceof Uint8Array`;
    case "array":
      return `Array.isArray(${v})`;
    case "object": {
      const isAlone = !others.some((other) => OBJECT_KINDS.includes(other));
      return isAlone && node.kind === "record" ? `typeof ${v} === "object"` : `isRecordValue(${v})`;
    }
    default:
      return `typeof ${v} === ${literal(kind)}`;
  }
}

const OTHER_OBJECTS = [[], new Uint8Array(), new Date(0), new Map(), new Set()];

/** Whether some field that must be given tells an object apart from an array, a date and so on. */
function hasTellingField({ fields }: RecordWrite): boolean {
  return fields.some(
    ({ name, hasDefault }) => !hasDefault && OTHER_OBJECTS.every((object) => !(name in object)),
  );
}
