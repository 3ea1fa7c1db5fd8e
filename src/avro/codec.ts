/**
 * Values to Avro's binary encoding and back, straight into and out of a buffer that the caller owns.
 *
 * Invariants:
 * - Compiled code and the interpreter give the same bytes and values. Compiled code gives up on
 *   whatever is not right and the interpreter, which knows every rule, decides and reports.
 * - A decoder never looks outside the range that it is given and must end exactly at its end.
 * - An encoder touches no byte of the buffer before the offset or behind the value.
 */

import type { TypewireError } from "../base/index.ts";
import { CodecFault, overLimit } from "./codec-fault.ts";
import type { Path } from "./codec-path.ts";
import { faultError } from "./codec-path.ts";
import { compileReader } from "./compile-read.ts";
import { compileWriter } from "./compile-write.ts";
import { evalAllowed } from "./eval-allowed.ts";
import { ReadRun } from "./interpret-read.ts";
import { WriteRun } from "./interpret-write.ts";
import type { CodecLimits } from "./limits.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { MappingOptions } from "./mapping.ts";
import { checkMapping } from "./mapping-check.ts";
import type { Schema } from "./model.ts";
import { assertSchema, BYTES, CODEC, checkAvro, DECODE, ENCODE } from "./options.ts";
import type { ReadNode } from "./resolution.ts";
import { planReading } from "./resolution.ts";
import type { Budget } from "./skip.ts";
import { newBudget, resetBudget } from "./skip.ts";
import { planWriting } from "./write-plan.ts";

/** Settings of a codec. */
export interface CodecOptions {
  /** How Avro values are shown in JavaScript; must be the mapping that the types were printed with. */
  readonly mapping?: MappingOptions;
  /** Bounds on what one datum may cost. */
  readonly limits?: CodecLimits;
  /**
   * Whether to compile code for the schema on first use. Default: true where the process may compile
   * code. Interpreted codecs are several times slower and otherwise equal.
   */
  readonly compile?: boolean;
}

/** Writes values of one schema. */
export interface Encoder<In = unknown> {
  /**
   * Writes a value at an offset and returns the position after it. A position beyond
   * `buffer.length` means that the value did not fit: it is the length that the buffer needs, and
   * what the buffer holds from the offset on is undefined. Bytes behind the value are not touched.
   *
   * @throws AVRO_VALUE_INVALID (path, expected, actual), AVRO_DEFAULT_UNUSABLE (a field has no value,
   *   and its default is no value of its type), AVRO_LIMIT_EXCEEDED
   */
  encode(value: In, buffer: Buffer, offset: number): number;
}

/** Reads data of one writer's schema as values of one reader's schema. */
export interface Decoder<Out = unknown> {
  /**
   * Reads the value that fills `[start, end)`. Nothing of the result refers to the buffer.
   *
   * @throws AVRO_DATA_TRUNCATED, AVRO_DATA_TRAILING, AVRO_DATA_INVALID (no such encoding),
   *   AVRO_DATA_UNREADABLE (the data is valid, but the reader's schema has no place for it),
   *   AVRO_DEFAULT_UNUSABLE, AVRO_LIMIT_EXCEEDED, AVRO_RESOLUTION_TOO_LARGE
   */
  decode(buffer: Buffer, start: number, end: number): Out;
}

/** Both ways for one schema, with conveniences. */
export interface Codec<In = unknown, Out = In> extends Encoder<In>, Decoder<Out> {
  /** The encoding of a value, in a buffer of its own. */
  toBuffer(value: In): Buffer;
  /** The value that fills a buffer. */
  fromBuffer(buffer: Uint8Array): Out;
}

type Encode = (value: unknown, buffer: Buffer, offset: number) => number;
type Decode = (buffer: Buffer, start: number, end: number) => unknown;

/**
 * An encoder for a schema.
 *
 * @throws AVRO_DECIMAL_TOO_LARGE, AVRO_FIELD_UNKNOWN (the mapping does not fit the schema)
 *
 * @example
 * ```ts
 * import { createEncoder, parseSchema } from "typewire/avro";
 *
 * const encoder = createEncoder<string>(parseSchema('"string"', { mode: "strict" }));
 * let buffer = Buffer.alloc(16);
 * let end = encoder.encode("hello", buffer, 0);
 * if (end > buffer.length) {
 *   // It did not fit: `end` is the length that it needs.
 *   buffer = Buffer.alloc(end);
 *   end = encoder.encode("hello", buffer, 0);
 * }
 * ```
 */
export function createEncoder<In = unknown>(
  schema: Schema,
  options: CodecOptions = {},
): Encoder<In> {
  assertSchema(schema);
  checkAvro(CODEC, options);
  const mapping = options.mapping ?? {};
  checkMapping(schema, mapping);
  const node = planWriting(schema, mapping);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const interpret: Encode = (value, buffer, offset) => {
    if (!isRange(buffer, offset, offset)) checkAvro(ENCODE, { buffer, offset });
    const run = new WriteRun(buffer, limits, offset + limits.bytesMax);
    try {
      return run.bounded(run.write(node, value, offset));
    } catch (error) {
      throw located(error, run.path, offset, limits);
    }
  };
  if (!wantsCode(options)) return { encode: interpret };
  let compiled: Encode | undefined;
  return {
    encode: (value, buffer, offset) => {
      compiled ??= compiledOr(interpret, () => compileWriter(node, limits));
      try {
        return compiled(value, buffer, offset);
      } catch {
        return interpret(value, buffer, offset);
      }
    },
  };
}

/**
 * A decoder for data of a writer's schema, resolved to the reader's (the same one for no
 * resolution). A pair that does not fit together still gives a decoder: it throws for the data that
 * cannot be read, not before.
 *
 * @throws AVRO_ALIAS_AMBIGUOUS, AVRO_DECIMAL_TOO_LARGE, AVRO_FIELD_UNKNOWN (the mapping does not fit the
 *   reader's schema)
 *
 * @example
 * ```ts
 * import { createDecoder, parseSchema } from "typewire/avro";
 *
 * const writer = parseSchema('"int"', { mode: "strict" });
 * const reader = parseSchema('"double"', { mode: "strict" });
 * const decoder = createDecoder<number>(writer, reader);
 * decoder.decode(Buffer.of(0x54), 0, 1); // 42
 * ```
 */
export function createDecoder<Out = unknown>(
  writer: Schema,
  reader: Schema,
  options: CodecOptions = {},
): Decoder<Out> {
  assertSchema(writer, "writer");
  assertSchema(reader, "reader");
  checkAvro(CODEC, options);
  const budget = newBudget({ ...DEFAULT_LIMITS, ...options.limits });
  const node = planDecoder(writer, reader, options.mapping ?? {}, budget.limits);
  const interpret: Decode = (buffer, start, end) => readOnce(node, budget, buffer, start, end);
  if (!wantsCode(options)) return { decode: interpret as Decoder<Out>["decode"] };
  const { bytesMax } = budget.limits;
  let compiled: Decode | undefined;
  return {
    decode: (buffer, start, end) => {
      try {
        if (end - start <= bytesMax && end <= buffer.length) {
          compiled ??= compiledOr(interpret, () => compileReader(node, budget));
          return compiled(buffer, start, end) as Out;
        }
      } catch {
        // The interpreter decides, and says what is wrong.
      }
      return interpret(buffer, start, end) as Out;
    },
  };
}

/**
 * A codec for one schema.
 *
 * @example
 * ```ts
 * import { createCodec, parseSchema } from "typewire/avro";
 *
 * const schema = parseSchema(
 *   '{"type":"record","name":"Point","fields":[{"name":"x","type":"int"}]}',
 *   { mode: "strict" },
 * );
 * const codec = createCodec<{ x: number }>(schema);
 * const { x } = codec.fromBuffer(codec.toBuffer({ x: 1 }));
 * ```
 */
export function createCodec<In = unknown, Out = In>(
  schema: Schema,
  options: CodecOptions = {},
): Codec<In, Out> {
  const { encode } = createEncoder<In>(schema, options);
  const { decode } = createDecoder<Out>(schema, schema, options);
  let slab = Buffer.allocUnsafe(1024);
  return {
    encode,
    decode,
    toBuffer: (value) => {
      for (;;) {
        const end = encode(value, slab, 0);
        if (end <= slab.length) return Buffer.from(slab.subarray(0, end));
        slab = Buffer.allocUnsafe(end);
      }
    },
    fromBuffer: (bytes) => {
      if (!(bytes instanceof Uint8Array)) checkAvro(BYTES, { bytes });
      const buffer = Buffer.isBuffer(bytes)
        ? bytes
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return decode(buffer, 0, buffer.length);
    },
  };
}

/** What was compiled, or the interpreter where compiling fails: it says why when data needs to know. */
function compiledOr<T>(interpret: T, compile: () => T): T {
  try {
    return compile();
  } catch {
    return interpret;
  }
}

function planDecoder(
  writer: Schema,
  reader: Schema,
  mapping: MappingOptions,
  limits: Required<CodecLimits>,
): ReadNode {
  checkMapping(reader, mapping);
  try {
    return planReading(writer, reader, mapping, limits.resolutionStepsMax);
  } catch (error) {
    throw located(error, [], 0, limits);
  }
}

function wantsCode(options: CodecOptions): boolean {
  return (options.compile ?? true) && evalAllowed();
}

function readOnce(
  node: ReadNode,
  budget: Budget,
  buffer: Buffer,
  start: number,
  end: number,
): unknown {
  if (!isRange(buffer, start, end)) checkAvro(DECODE, { buffer, start, end });
  const run = new ReadRun(buffer, start, Math.min(end, buffer.length), budget);
  resetBudget(budget, end - start);
  try {
    const { bytesMax } = budget.limits;
    if (end - start > bytesMax) throw overLimit("bytesMax", bytesMax);
    const value = run.read(node);
    if (run.pos === end) return value;
    throw run.pos > end || end > buffer.length
      ? new CodecFault("AVRO_DATA_TRUNCATED")
      : new CodecFault("AVRO_DATA_TRAILING", { count: end - run.pos });
  } catch (error) {
    throw located(error, run.path, run.pos - start, budget.limits);
  }
}

/** Whether these are a buffer and offsets; `checkAvro` says which is not. */
function isRange(buffer: unknown, start: unknown, end: unknown): boolean {
  return Buffer.isBuffer(buffer) && isOffset(start) && isOffset(end);
}

function isOffset(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A fault with its place; the stack can only end where `depthMax` was raised beyond it. */
function located(
  error: unknown,
  path: Path,
  offset: number,
  limits: Required<CodecLimits>,
): TypewireError | unknown {
  if (error instanceof CodecFault) return faultError(error, path, offset);
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return faultError(overLimit("depthMax", limits.depthMax), path, offset);
  }
  return error;
}
