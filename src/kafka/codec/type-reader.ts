/**
 * Reads typed keys and values from bytes. The reader's schema is always the one that the code was
 * generated from, so a consumer sees its own shape whatever version a producer has.
 *
 * Invariants: decoding is synchronous once the writer's schema is here; a schema id is fetched once
 * however many records carry it; a registry that does not answer is never taken for bad bytes.
 */
import type { Schema } from "../../avro/index.ts";
import { createDecoder, parseSchema } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { AvroType, Mapping, WireType } from "../../schema/index.ts";
import { FRAME_HEADER_BYTES, readSchemaId } from "../../wire/index.ts";
import type { SchemaLookup } from "../contract/index.ts";

/** Marks a type that carries no schema id. */
export const NO_SCHEMA_ID = -1;

/** Reads the values of one type. */
export interface TypeReader {
  /** The writer's schema id; {@link NO_SCHEMA_ID} when the type has none. @throws WIRE errors */
  schemaId(buffer: Buffer, start: number, end: number): number;
  /** Whether {@link TypeReader.decode} can be called for an id. */
  knows(schemaId: number): boolean;
  /** Fetches an id's schema and builds its decoder. @throws CLIENT errors, AVRO errors */
  load(schemaId: number): Promise<void>;
  /** @throws AVRO errors; a TypeError for text that is not UTF-8 */
  decode(schemaId: number, buffer: Buffer, start: number, end: number): unknown;
}

/** The reader of a type. @throws AVRO errors when its own schema is invalid */
export function createTypeReader(
  type: WireType<unknown, unknown>,
  registry: SchemaLookup,
): TypeReader {
  switch (type.kind) {
    case "avro":
      return new AvroReader(
        parseSchema(type.closedSchema ?? type.schema, { mode: "stored" }),
        type,
        registry,
      );
    case "string":
      return plain(readText);
    case "bytes":
    case "raw":
      return plain((buffer, start, end) => new Uint8Array(buffer.subarray(start, end)));
    case "none":
      return plain(() => null);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Up to this many bytes, looking for ASCII first is cheaper than the decoder; measured on Node 20. */
const ASCII_BYTES_MAX = 64;

function readText(buffer: Buffer, start: number, end: number): string {
  if (end - start > ASCII_BYTES_MAX) return utf8.decode(buffer.subarray(start, end));
  for (let at = start; at < end; at++) {
    if ((buffer[at] as number) > 0x7f) return utf8.decode(buffer.subarray(start, end));
  }
  return buffer.toString("latin1", start, end);
}

type Decode = (buffer: Buffer, start: number, end: number) => unknown;

function plain(decode: Decode): TypeReader {
  return {
    schemaId: () => NO_SCHEMA_ID,
    knows: () => true,
    load: () => Promise.resolve(),
    decode: (_id, buffer, start, end) => decode(buffer, start, end),
  };
}

/** How long an id that the registry does not have is not asked for again, in milliseconds. */
const REFUSED_MS = 5_000;
const REFUSED_MAX = 1_000;

class AvroReader implements TypeReader {
  readonly #reader: Schema;
  readonly #mapping: Mapping;
  /** Says in which context the ids are. */
  readonly #subject: string;
  readonly #registry: SchemaLookup;
  readonly #decoders = new Map<number, Decode>();
  readonly #loading = new Map<number, Promise<void>>();
  readonly #refused = new Map<number, { readonly error: Error; readonly until: number }>();
  #lastId = NO_SCHEMA_ID;
  #last: Decode | undefined;

  constructor(
    reader: Schema,
    { mapping = {}, subject }: AvroType<unknown, unknown>,
    registry: SchemaLookup,
  ) {
    this.#reader = reader;
    this.#mapping = mapping;
    this.#subject = subject;
    this.#registry = registry;
  }

  schemaId(buffer: Buffer, start: number, end: number): number {
    return readSchemaId(buffer, start, end);
  }

  knows(schemaId: number): boolean {
    if (schemaId === this.#lastId || this.#decoders.has(schemaId)) return true;
    const writer = this.#registry.peekParsed(schemaId, this.#subject);
    if (writer === undefined) return false;
    this.#build(schemaId, writer);
    return true;
  }

  load(schemaId: number): Promise<void> {
    if (this.#decoders.has(schemaId)) return Promise.resolve();
    const refused = this.#refused.get(schemaId);
    if (refused !== undefined) {
      if (performance.now() < refused.until) return Promise.reject(refused.error);
      this.#refused.delete(schemaId);
    }
    const known = this.#loading.get(schemaId);
    if (known !== undefined) return known;
    const loading = this.#registry
      .parsedById(schemaId, this.#subject)
      .then((writer) => this.#build(schemaId, writer))
      .catch((error: unknown) => {
        this.#refuse(schemaId, error);
        throw error;
      })
      .finally(() => this.#loading.delete(schemaId));
    this.#loading.set(schemaId, loading);
    return loading;
  }

  decode(schemaId: number, buffer: Buffer, start: number, end: number): unknown {
    if (schemaId !== this.#lastId) {
      this.#last = this.#decoders.get(schemaId);
      this.#lastId = schemaId;
    }
    return (this.#last as Decode)(buffer, start + FRAME_HEADER_BYTES, end);
  }

  /** Keeps an answer that is no for a while: a topic full of such records must not ask for each. */
  #refuse(schemaId: number, error: unknown): void {
    if (!(error instanceof Error) || (isTypewireError(error) && error.retriable)) return;
    if (this.#refused.size >= REFUSED_MAX) this.#refused.clear();
    this.#refused.set(schemaId, { error, until: performance.now() + REFUSED_MS });
  }

  #build(schemaId: number, writer: Schema): void {
    const decoder = createDecoder(writer, this.#reader, { mapping: this.#mapping });
    this.#decoders.set(schemaId, (buffer, start, end) => decoder.decode(buffer, start, end));
  }
}
