/**
 * Object container files: a header with the schema, then blocks of values, each followed by the
 * file's 16-byte sync marker.
 *
 * Invariants: sizes of the file are checked against its length before anything is made; a block is
 * never inflated beyond `bytesMax`; values that take no byte are counted over the whole file; the
 * same values give the same file.
 */

import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { CodecOptions } from "./codec.ts";
import { createDecoder, createEncoder } from "./codec.ts";
import { CodecFault, overLimit } from "./codec-fault.ts";
import { faultError } from "./codec-path.ts";
import { avroErrors } from "./errors.ts";
import { DEFAULT_LIMITS, UNITS_PER_BYTE } from "./limits.ts";
import type { ArraySchema, Schema } from "./model.ts";
import {
  assertSchema,
  BYTES,
  checkAvro,
  READ_CONTAINER,
  VALUES,
  WRITE_CONTAINER,
} from "./options.ts";
import { parseSchema } from "./parse.ts";
import { readBytes, readString, writeBytes } from "./primitives.ts";
import { printSchema } from "./print.ts";
import { itemBytesMin, newBudget, readBlock, resetBudget } from "./skip.ts";
import { writeString } from "./text.ts";
import { cursor, readLong, writeInt, writeLong } from "./varint.ts";

const MAGIC = Buffer.from([0x4f, 0x62, 0x6a, 0x01]);
const SYNC_BYTES = 16;
const BLOCK_BYTES = 65_536;
/** Larger blocks could not be read with the default limits. */
const BLOCK_BYTES_MAX = DEFAULT_LIMITS.bytesMax;
const VARINT_BYTES_MAX = 10;
/** The fewest bytes of a metadata entry: two lengths. */
const ENTRY_BYTES_MIN = 2;

/** How blocks are compressed; the two that every implementation has. */
export type ContainerCompression = "null" | "deflate";

/** Settings of {@link readContainer}. */
export interface ContainerReadOptions extends CodecOptions {
  /** The schema to read as. Default: the file's own. */
  readonly reader?: Schema;
}

/** An open container file. */
export interface Container<Out = unknown> {
  /** The schema that the values were written with. */
  readonly schema: Schema;
  readonly compression: ContainerCompression;
  /** All metadata by key, those of Avro included. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  /**
   * The values, block by block as they are asked for. Paths in errors begin with the index of the
   * value in its block.
   *
   * @throws AVRO_CONTAINER_INVALID, and as {@link Decoder.decode}
   */
  values(): Generator<Out, void, undefined>;
}

/**
 * Opens a container file that is in memory.
 *
 * @throws AVRO_CONTAINER_INVALID, AVRO_CONTAINER_CODEC_UNSUPPORTED; the errors of `parseSchema` for the
 *   file's schema
 *
 * @example
 * ```ts
 * import { readFileSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { parseSchema, readContainer, writeContainer } from "typewire/avro";
 *
 * const file = `${tmpdir()}/typewire-example-${process.pid}.avro`;
 * writeFileSync(file, writeContainer(parseSchema('"int"', { mode: "strict" }), [1, 2, 3]));
 * for (const value of readContainer<number>(readFileSync(file)).values()) console.log(value);
 * ```
 */
export function readContainer<Out = unknown>(
  file: Uint8Array,
  options: ContainerReadOptions = {},
): Container<Out> {
  checkAvro(BYTES, { bytes: file });
  checkAvro(READ_CONTAINER, options);
  const bytes = Buffer.isBuffer(file)
    ? file
    : Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const { metadata, end } = readHeader(bytes);
  const text = metadata.get("avro.schema");
  if (text === undefined) throw invalid(0, "no avro.schema in the metadata");
  const schema = parseSchema(Buffer.from(text).toString("utf8"), { mode: "stored" });
  const compression = compressionOf(metadata);
  return {
    schema,
    compression,
    metadata,
    values: () => readBlocks<Out>(bytes, end, schema, compression, options),
  };
}

function readHeader(bytes: Buffer): { metadata: Map<string, Uint8Array>; end: number } {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw invalid(0, "it does not start with Obj and the version 1");
  }
  const metadata = new Map<string, Uint8Array>();
  const budget = newBudget(DEFAULT_LIMITS);
  resetBudget(budget, bytes.length);
  let at = MAGIC.length;
  const end = bytes.length;
  try {
    for (;;) {
      const count = readBlock(bytes, at, end, ENTRY_BYTES_MIN, budget);
      at = cursor.pos;
      if (count === 0) break;
      for (let i = 0; i < count; i++) {
        const key = readString(bytes, at, end);
        metadata.set(key, readBytes(bytes, cursor.pos, end));
        at = cursor.pos;
      }
    }
  } catch (error) {
    throw inContainer(error, at, "the metadata is broken");
  }
  if (end - at < SYNC_BYTES) throw invalid(at, "the header has no sync marker");
  return { metadata, end: at };
}

function compressionOf(metadata: ReadonlyMap<string, Uint8Array>): ContainerCompression {
  const name = metadata.get("avro.codec");
  const codec = name === undefined ? "null" : Buffer.from(name).toString("utf8");
  if (codec === "null" || codec === "deflate") return codec;
  throw avroErrors.create("AVRO_CONTAINER_CODEC_UNSUPPORTED", { codec });
}

/** A block is read as an array: its count in front, the end of the array behind. */
function* readBlocks<Out>(
  bytes: Buffer,
  headerEnd: number,
  schema: Schema,
  compression: ContainerCompression,
  options: ContainerReadOptions,
): Generator<Out, void, undefined> {
  const { decode } = createDecoder<Out[]>(
    arrayOf(schema),
    arrayOf(options.reader ?? schema),
    options,
  );
  const { bytesMax, emptyItemsMax } = { ...DEFAULT_LIMITS, ...options.limits };
  // Blocks of values without bytes cost a file nothing, so their values are counted for all blocks.
  let emptyLeft =
    itemBytesMin(schema) > 0
      ? Number.POSITIVE_INFINITY
      : Math.max(emptyItemsMax, bytes.length * UNITS_PER_BYTE);
  const sync = bytes.subarray(headerEnd, headerEnd + SYNC_BYTES);
  let at = headerEnd + SYNC_BYTES;
  while (at < bytes.length) {
    const { count, data, end } = readBlockHead(bytes, at);
    if (!bytes.subarray(end, end + SYNC_BYTES).equals(sync)) {
      throw invalid(end, "the sync marker after the block is not the header's");
    }
    at = end + SYNC_BYTES;
    if (count === 0) continue;
    emptyLeft -= count;
    if (emptyLeft < 0) {
      throw faultError(overLimit("emptyItemsMax", emptyItemsMax), [], end);
    }
    const plain = compression === "null" ? data : inflate(data, end - data.length, bytesMax);
    const array = Buffer.allocUnsafe(VARINT_BYTES_MAX + plain.length + 1);
    const start = writeLong(array, 0, count);
    plain.copy(array, start);
    array[start + plain.length] = 0;
    yield* decode(array, 0, start + plain.length + 1);
  }
}

function readBlockHead(bytes: Buffer, at: number): { count: number; data: Buffer; end: number } {
  try {
    const count = readLong(bytes, at, bytes.length);
    const size = readLong(bytes, cursor.pos, bytes.length);
    const start = cursor.pos;
    if (!(count >= 0) || !(size >= 0)) throw invalid(at, "a block has a negative count or size");
    if (!(size <= bytes.length - start - SYNC_BYTES)) {
      throw invalid(at, `a block of ${size} bytes goes beyond the file`);
    }
    return { count, data: bytes.subarray(start, start + size), end: start + size };
  } catch (error) {
    throw inContainer(error, at, "the head of a block is broken");
  }
}

function inflate(data: Buffer, at: number, bytesMax: number): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: bytesMax });
  } catch (cause) {
    const details = {
      offset: at,
      problem: `a block cannot be inflated to ${bytesMax} bytes or less`,
    };
    throw avroErrors.create("AVRO_CONTAINER_INVALID", details, cause);
  }
}

/** Settings of {@link writeContainer}. */
export interface ContainerWriteOptions extends CodecOptions {
  /** Default `"null"`: not compressed. */
  readonly compression?: ContainerCompression;
  /** Further metadata; keys that start with `avro.` are reserved. */
  readonly metadata?: ReadonlyMap<string, Uint8Array>;
  /** The 16-byte sync marker. Default: derived from schema and metadata, so files are reproducible. */
  readonly sync?: Uint8Array;
  /** How many bytes of values a block takes before it is closed. Default 65,536. */
  readonly blockBytes?: number;
}

/**
 * A container file of values.
 *
 * @throws AVRO_VALUE_INVALID for an option too, and as {@link Encoder.encode}
 *
 * @example
 * ```ts
 * import { parseSchema, writeContainer } from "typewire/avro";
 *
 * const schema = parseSchema('"int"', { mode: "strict" });
 * const bytes = writeContainer(schema, [1, 2, 3], { compression: "deflate" });
 * ```
 */
export function writeContainer<In = unknown>(
  schema: Schema,
  values: Iterable<In>,
  options: ContainerWriteOptions = {},
): Buffer {
  assertSchema(schema);
  checkAvro(VALUES, { values });
  checkAvro(WRITE_CONTAINER, options);
  const compression = options.compression ?? "null";
  const header = writeHeader(schema, compression, options.metadata ?? new Map());
  const sync = Buffer.from(options.sync ?? createHash("md5").update(header).digest());
  if (sync.length !== SYNC_BYTES) throw unfit("sync", `${SYNC_BYTES} bytes`, sync.length);
  const parts: Buffer[] = [header, sync];
  const blockBytes = options.blockBytes ?? BLOCK_BYTES;
  if (!(blockBytes >= 1 && blockBytes <= BLOCK_BYTES_MAX)) {
    throw unfit("blockBytes", `a number from 1 to ${BLOCK_BYTES_MAX}`, blockBytes);
  }
  const { encode } = createEncoder<In>(schema, options);
  let slab = Buffer.allocUnsafe(blockBytes * 2);
  let [count, used] = [0, 0];
  const close = () => {
    if (count > 0) parts.push(...block(slab.subarray(0, used), count, compression), sync);
    count = 0;
    used = 0;
  };
  for (const value of values) {
    let end = encode(value, slab, used);
    if (end > slab.length) {
      const grown = Buffer.allocUnsafe(end * 2);
      slab.copy(grown, 0, 0, used);
      slab = grown;
      end = encode(value, slab, used);
    }
    count++;
    used = end;
    if (used >= blockBytes) close();
  }
  close();
  return Buffer.concat(parts);
}

function writeHeader(
  schema: Schema,
  compression: ContainerCompression,
  metadata: ReadonlyMap<string, Uint8Array>,
): Buffer {
  const entries: [string, Uint8Array][] = [
    ["avro.codec", Buffer.from(compression)],
    ["avro.schema", Buffer.from(printSchema(schema))],
  ];
  for (const [key, value] of metadata) {
    if (key.startsWith("avro.")) throw unfit("metadata", "keys that do not start with avro.", key);
    entries.push([key, value]);
  }
  const size = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + value.length + 2 * VARINT_BYTES_MAX,
    MAGIC.length + 2 * VARINT_BYTES_MAX,
  );
  const header = Buffer.alloc(size);
  let at = MAGIC.copy(header);
  at = writeInt(header, at, entries.length);
  for (const [key, value] of entries) at = writeBytes(header, writeString(header, at, key), value);
  return header.subarray(0, writeInt(header, at, 0));
}

function block(data: Buffer, count: number, compression: ContainerCompression): Buffer[] {
  const body = compression === "deflate" ? deflateRawSync(data) : Buffer.from(data);
  const head = Buffer.alloc(2 * VARINT_BYTES_MAX);
  const end = writeLong(head, writeLong(head, 0, count), body.length);
  return [head.subarray(0, end), body];
}

function arrayOf(items: Schema): ArraySchema {
  return { kind: "array", items, attributes: new Map() };
}

function invalid(offset: number, problem: string): Error {
  return avroErrors.create("AVRO_CONTAINER_INVALID", { offset, problem });
}

function unfit(path: string, expected: string, actual: unknown): Error {
  return avroErrors.create("AVRO_VALUE_INVALID", { path, expected, actual });
}

/** A fault of the low-level readers as an error of the file; other errors as they are. */
function inContainer(error: unknown, offset: number, problem: string): unknown {
  if (!(error instanceof CodecFault)) return error;
  return avroErrors.create("AVRO_CONTAINER_INVALID", { offset, problem }, error);
}
