/**
 * Reads typed keys and values from bytes. The reader's schema is always the one that the code was
 * generated from, so a consumer sees its own shape whatever version a producer has.
 *
 * Invariants: decoding is synchronous once the writer's schema is here; a writer's schema is fetched
 * once however many records carry its id or GUID; a registry that does not answer is never taken for
 * bad bytes; nothing is decoded before the rules of the writer's schema were looked at.
 */
import type { Schema } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { AnyAvroType, UnionType, WireType } from "../../schema/index.ts";
import type { SchemaRef } from "../../wire/index.ts";
import { frameBytes, readSchemaHeader, readSchemaRef, SCHEMA_HEADERS } from "../../wire/index.ts";
import { avroTypesOf } from "../contract/index.ts";
import type { Decode, Part, ReadAs } from "./read-as.ts";
import { readAs } from "./read-as.ts";
import type { RuleParts } from "./rules.ts";
import { assertOwnReadable, assertRunnable } from "./rules.ts";

/** Marks a type whose values name no schema. */
export const NO_SCHEMA = -1;

/** Reads the values of one type. */
export interface TypeReader {
  /**
   * The writer's schema; {@link NO_SCHEMA} when the type has none. `header` is the value of the record
   * header that can hold it.
   *
   * @throws WIRE errors
   */
  writer(buffer: Buffer, start: number, end: number, header?: Buffer): SchemaRef;
  /** Whether {@link TypeReader.decode} can be called for a writer's schema. */
  knows(writer: SchemaRef): boolean;
  /**
   * Fetches a writer's schema, checks its rules and builds its decoder.
   *
   * @throws CLIENT errors, AVRO errors, KAFKA_RULE_UNSUPPORTED; a TypeError that says what is missing
   */
  load(writer: SchemaRef): Promise<void>;
  /** @throws AVRO errors; a TypeError for text that is not UTF-8 */
  decode(writer: SchemaRef, buffer: Buffer, start: number, end: number, header?: Buffer): unknown;
}

/**
 * The reader of a type.
 *
 * @throws AVRO errors when its own schema is invalid; KAFKA_OPTION_INVALID for a union of its
 */
export function createTypeReader(
  type: WireType<never, unknown>,
  where: Part,
  rules: RuleParts,
): TypeReader {
  switch (type.kind) {
    case "avro":
    case "union":
      return new AvroReader(type, where, rules);
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

function plain(decode: Decode): TypeReader {
  return {
    writer: () => NO_SCHEMA,
    knows: () => true,
    load: () => Promise.resolve(),
    decode: (_writer, buffer, start, end) => decode(buffer, start, end),
  };
}

/** How long a schema that the registry does not have is not asked for again, in milliseconds. */
const REFUSED_MS = 5_000;
const REFUSED_MAX = 1_000;

class AvroReader implements TypeReader {
  readonly #types: readonly AnyAvroType[];
  readonly #readAs: ReadAs;
  /** Says in which context the ids are. */
  readonly #subject: string;
  readonly #where: Part;
  readonly #rules: RuleParts;
  readonly #decoders = new Map<SchemaRef, Decode>();
  readonly #loading = new Map<SchemaRef, Promise<void>>();
  readonly #refused = new Map<SchemaRef, { readonly error: Error; readonly until: number }>();
  #own: Promise<unknown> | undefined;
  #lastWriter: SchemaRef = NO_SCHEMA;
  #last: Decode | undefined;

  constructor(type: AnyAvroType | UnionType<never, unknown>, where: Part, rules: RuleParts) {
    this.#types = avroTypesOf(type);
    this.#readAs = readAs(type, where);
    this.#subject = this.#types[0]?.subject ?? "";
    this.#where = where;
    this.#rules = rules;
  }

  writer(buffer: Buffer, start: number, end: number, header?: Buffer): SchemaRef {
    return header === undefined
      ? readSchemaRef(buffer, start, end)
      : readSchemaHeader(SCHEMA_HEADERS[this.#where.part], header);
  }

  knows(writer: SchemaRef): boolean {
    return writer === NO_SCHEMA || this.#decoders.has(writer);
  }

  load(writer: SchemaRef): Promise<void> {
    if (this.#decoders.has(writer)) return Promise.resolve();
    const refused = this.#refused.get(writer);
    if (refused !== undefined) {
      if (performance.now() < refused.until) return Promise.reject(refused.error);
      this.#refused.delete(writer);
    }
    const known = this.#loading.get(writer);
    if (known !== undefined) return known;
    const loading = this.#build(writer)
      .catch((error: unknown) => {
        this.#refuse(writer, error);
        throw error;
      })
      .finally(() => this.#loading.delete(writer));
    this.#loading.set(writer, loading);
    return loading;
  }

  decode(writer: SchemaRef, buffer: Buffer, start: number, end: number, header?: Buffer): unknown {
    if (writer !== this.#lastWriter) {
      this.#last = this.#decoders.get(writer);
      this.#lastWriter = writer;
    }
    const body = header === undefined ? start + frameBytes(writer) : start;
    return (this.#last as Decode)(buffer, body, end);
  }

  /** Keeps an answer that is no for a while: a topic full of such records must not ask for each. */
  #refuse(writer: SchemaRef, error: unknown): void {
    if (!(error instanceof Error) || (isTypewireError(error) && error.retriable)) return;
    if (this.#refused.size >= REFUSED_MAX) this.#refused.clear();
    this.#refused.set(writer, { error, until: performance.now() + REFUSED_MS });
  }

  async #build(writer: SchemaRef): Promise<void> {
    const schema = await this.#parsed(writer);
    await this.#checkOwn();
    const subject = this.#subject;
    await assertRunnable({ subject }, writer, "read", this.#where, this.#rules);
    this.#decoders.set(writer, this.#readAs(schema));
  }

  async #parsed(writer: SchemaRef): Promise<Schema> {
    const { registry } = this.#rules;
    if (typeof writer === "number") return registry.parsedById(writer, this.#subject);
    if (registry.parsedByGuid !== undefined) return registry.parsedByGuid(writer, this.#subject);
    throw new TypeError("the registry that the consumer was given can't look up a GUID");
  }

  /** The start has done this, unless the registry did not answer then. */
  async #checkOwn(): Promise<void> {
    this.#own ??= Promise.all(
      this.#types.map((type) => assertOwnReadable(type, this.#where, this.#rules)),
    );
    try {
      await this.#own;
    } catch (error) {
      this.#own = undefined;
      throw error;
    }
  }
}
