/**
 * Messages out of batches. Everything that is wrong with a record's bytes becomes
 * KAFKA_UNDECODABLE_RECORD with its place and cause; a registry that does not answer never does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isTypewireError } from "../../base/index.ts";
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { ConsumedMessage, SchemaLookup } from "../contract/index.ts";
import { kafkaErrors, NO_HEADERS, RecordHeaders } from "../contract/index.ts";
import type { TypeReader } from "./type-reader.ts";
import { createTypeReader, NO_SCHEMA_ID } from "./type-reader.ts";

/** A message of any topic. */
export type AnyMessage = ConsumedMessage<string, unknown, unknown, boolean>;

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;

type Part = "key" | "value";

/** Reads the records of one topic. */
export class RecordReader {
  readonly #topic: AnyTopic;
  readonly #key: TypeReader;
  readonly #value: TypeReader;
  /** The parts that carry a schema id. */
  readonly #avroParts: readonly Part[];

  constructor(topic: AnyTopic, registry: SchemaLookup) {
    this.#topic = topic;
    this.#key = createTypeReader(topic.key, registry);
    this.#value = createTypeReader(topic.value, registry);
    this.#avroParts = (["key", "value"] as const).filter((part) => topic[part].kind === "avro");
  }

  /**
   * Starts fetching every writer's schema of these records that is not here, all at once. Failures
   * come up where the record is read.
   */
  prefetch(batch: RecordBatch, indexes: readonly number[]): void {
    for (const part of this.#avroParts) {
      for (const i of indexes) this.#startLoading(part, batch, i);
    }
  }

  /**
   * Fetches what a record needs; while the registry does not answer it tries again, with growing
   * pauses, until `signal`.
   *
   * @throws KAFKA_UNDECODABLE_RECORD, KAFKA_SCHEMA_UNAVAILABLE
   */
  async load(batch: RecordBatch, i: number, signal: AbortSignal): Promise<void> {
    for (const part of this.#avroParts) {
      let pauseMs = BACKOFF_FIRST_MS;
      let missing = this.#missing(part, batch, i);
      while (missing !== undefined && !signal.aborted) {
        try {
          await this.#type(part).load(missing);
        } catch (error) {
          if (!isTypewireError(error) || !error.retriable) {
            throw this.#fault(part, batch, i, missing, error);
          }
          await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
          pauseMs = Math.min(pauseMs * 2, BACKOFF_MAX_MS);
        }
        missing = this.#missing(part, batch, i);
      }
    }
  }

  /**
   * The message; undefined when a writer's schema has to be fetched first, with
   * {@link RecordReader.load}.
   *
   * @throws KAFKA_UNDECODABLE_RECORD
   */
  read(batch: RecordBatch, i: number): AnyMessage | undefined {
    const keyId = this.#id("key", batch, i);
    const valueId = this.#id("value", batch, i);
    if (!this.#knows("key", keyId, batch, i) || !this.#knows("value", valueId, batch, i)) {
      return undefined;
    }
    const source = batch.sources[batch.source(i)];
    const headers = batch.headers(i);
    return {
      topic: this.#topic.name,
      partition: source?.partition ?? 0,
      offset: batch.offset(i),
      timestamp: batch.timestamp(i),
      key: this.#readKey(batch, i, keyId),
      value: this.#readValue(batch, i, valueId),
      headers: headers.length === 0 ? NO_HEADERS : new RecordHeaders(headers),
      keySchemaId: keyId === NO_SCHEMA_ID ? undefined : keyId,
      schemaId: valueId === NO_SCHEMA_ID ? undefined : valueId,
    };
  }

  #readKey(batch: RecordBatch, i: number, id: number): unknown {
    const start = batch.keyStart(i);
    if (this.#topic.key.kind === "none") return null;
    if (start < 0) {
      throw this.#fault("key", batch, i, id, "it is null, and the topic is declared with keys");
    }
    try {
      return this.#key.decode(id, batch.keyBuf(i), start, batch.keyEnd(i));
    } catch (error) {
      throw this.#fault("key", batch, i, id, error);
    }
  }

  #readValue(batch: RecordBatch, i: number, id: number): unknown {
    const start = batch.valueStart(i);
    if (start < 0) {
      if (this.#topic.compact) return null;
      const reason = "it is a tombstone, and the topic is not declared `compact: true`";
      throw this.#fault("value", batch, i, id, reason);
    }
    try {
      return this.#value.decode(id, batch.valueBuf(i), start, batch.valueEnd(i));
    } catch (error) {
      throw this.#fault("value", batch, i, id, error);
    }
  }

  /** @throws KAFKA_UNDECODABLE_RECORD when the bytes are no frame */
  #id(part: Part, batch: RecordBatch, i: number): number {
    const start = part === "key" ? batch.keyStart(i) : batch.valueStart(i);
    if (start < 0) return NO_SCHEMA_ID;
    try {
      return part === "key"
        ? this.#key.schemaId(batch.keyBuf(i), start, batch.keyEnd(i))
        : this.#value.schemaId(batch.valueBuf(i), start, batch.valueEnd(i));
    } catch (error) {
      throw this.#fault(part, batch, i, undefined, error);
    }
  }

  #startLoading(part: Part, batch: RecordBatch, i: number): void {
    try {
      const missing = this.#missing(part, batch, i);
      if (missing !== undefined)
        void this.#type(part)
          .load(missing)
          .catch(() => undefined);
    } catch {
      // A fault of this record stops the consumer when it is this record's turn, not before.
    }
  }

  /** The schema id that has to be fetched first. Bytes that are no frame need none. */
  #missing(part: Part, batch: RecordBatch, i: number): number | undefined {
    let id: number;
    try {
      id = this.#id(part, batch, i);
    } catch {
      return undefined;
    }
    return this.#knows(part, id, batch, i) ? undefined : id;
  }

  /** @throws KAFKA_UNDECODABLE_RECORD when the writer's schema and ours can't be brought together */
  #knows(part: Part, id: number, batch: RecordBatch, i: number): boolean {
    if (id === NO_SCHEMA_ID) return true;
    try {
      return this.#type(part).knows(id);
    } catch (error) {
      throw this.#fault(part, batch, i, id, error);
    }
  }

  #type(part: Part): TypeReader {
    return part === "key" ? this.#key : this.#value;
  }

  #fault(
    part: Part,
    batch: RecordBatch,
    i: number,
    schemaId: number | undefined,
    cause: unknown,
  ): Error {
    const source = batch.sources[batch.source(i)];
    const details = {
      part,
      topic: this.#topic.name,
      partition: source?.partition ?? -1,
      offset: batch.offset(i),
      schemaId: schemaId === undefined || schemaId === NO_SCHEMA_ID ? "none" : schemaId,
      reason: cause instanceof Error ? cause.message : cause,
    };
    // The registry answered, but not with a schema: access, not bytes.
    const row = isTypewireError(cause, "CLIENT_REFUSED", "CLIENT_ANSWER_INVALID")
      ? "KAFKA_SCHEMA_UNAVAILABLE"
      : "KAFKA_UNDECODABLE_RECORD";
    return kafkaErrors.create(row, details, cause instanceof Error ? cause : undefined);
  }
}
