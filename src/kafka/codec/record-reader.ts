/**
 * Messages out of batches. Everything that is wrong with a record's bytes becomes
 * KAFKA_UNDECODABLE_RECORD with its place and cause; a registry that does not answer never does.
 */
import { isTypewireError, reasonOf } from "../../base/index.ts";
import type { RecordBatch } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { ConsumedMessage, SchemaLookup } from "../contract/index.ts";
import { kafkaErrors, NO_HEADERS, RecordHeaders } from "../contract/index.ts";
import type { TypeReader } from "./type-reader.ts";
import { createTypeReader, NO_SCHEMA_ID } from "./type-reader.ts";

/** A message of any topic. */
export type AnyMessage = ConsumedMessage<string, unknown, unknown, boolean>;

type Part = "key" | "value";

/** Waits for a registry that does not answer. */
export interface Patience {
  /** Whether the registry is known not to answer. */
  readonly isOpen: boolean;
  /** Calls until it is answered; false when the signal was aborted first. @throws what is no outage */
  call(
    attempt: () => Promise<void>,
    signal: AbortSignal,
    waiting: (on: boolean) => void,
  ): Promise<boolean>;
}

/** How records are read. */
export interface RecordReaderOptions {
  readonly patience: Patience;
  /** The topic that is read, where it is a retry topic of the given one. */
  readonly retry?: { readonly source: string; readonly delayMs: number };
}

/** Reads the records of one topic. */
export class RecordReader {
  readonly #topic: AnyTopic;
  readonly #key: TypeReader;
  readonly #value: TypeReader;
  /** The parts that carry a schema id. */
  readonly #avroParts: readonly Part[];
  readonly #patience: Patience;
  readonly #source: string;
  /** Whether the records come from a retry topic. */
  readonly isRetryTopic: boolean;
  /** For a retry topic: how long its records wait, in milliseconds. */
  readonly retryDelayMs: number;

  constructor(topic: AnyTopic, registry: SchemaLookup, { patience, retry }: RecordReaderOptions) {
    this.#topic = topic;
    this.#patience = patience;
    this.#source = retry?.source ?? topic.name;
    this.isRetryTopic = retry !== undefined;
    this.retryDelayMs = retry?.delayMs ?? 0;
    this.#key = createTypeReader(topic.key, registry);
    this.#value = createTypeReader(topic.value, registry);
    this.#avroParts = (["key", "value"] as const).filter((part) => topic[part].kind === "avro");
  }

  /** The topic whose messages it makes. */
  get topic(): string {
    return this.#topic.name;
  }

  /**
   * Starts fetching every writer's schema of these records that is not here, all at once. Failures
   * come up where the record is read.
   */
  prefetch(batch: RecordBatch, indexes: readonly number[]): void {
    if (this.#patience.isOpen) return;
    for (const part of this.#avroParts) {
      for (const i of indexes) this.#startLoading(part, batch, i);
    }
  }

  /**
   * Fetches what a record needs, and waits while the registry does not answer. False when the signal
   * was aborted first.
   *
   * @param waiting told when it begins to wait for an outage to end, and when that is over
   * @throws KAFKA_UNDECODABLE_RECORD, KAFKA_SCHEMA_UNAVAILABLE
   */
  async load(
    batch: RecordBatch,
    i: number,
    signal: AbortSignal,
    waiting: (on: boolean) => void,
  ): Promise<boolean> {
    for (const part of this.#avroParts) {
      const missing = this.#missing(part, batch, i);
      if (missing === undefined) continue;
      const type = this.#type(part);
      try {
        const isHere = await this.#patience.call(() => type.load(missing), signal, waiting);
        if (!isHere) return false;
      } catch (error) {
        throw this.#fault(part, batch, i, { schemaId: missing, cause: error, isSchema: true });
      }
    }
    return true;
  }

  /** The ids that a record carries, as far as they can be read. */
  schemaIds(
    batch: RecordBatch,
    i: number,
  ): { readonly key: number | undefined; readonly value: number | undefined } {
    const idOf = (part: Part): number | undefined => {
      try {
        const id = this.#id(part, batch, i);
        return id === NO_SCHEMA_ID ? undefined : id;
      } catch {
        return undefined;
      }
    };
    return { key: idOf("key"), value: idOf("value") };
  }

  /**
   * The message; undefined when a writer's schema has to be fetched first, with
   * {@link RecordReader.load}.
   *
   * @throws KAFKA_UNDECODABLE_RECORD
   */
  read(batch: RecordBatch, i: number): AnyMessage | undefined {
    try {
      return this.#read(batch, i);
    } catch (error) {
      if (isTypewireError(error)) throw error;
      // Nothing of what a record holds may end a consumer without its place.
      throw this.#fault("value", batch, i, { cause: error });
    }
  }

  #read(batch: RecordBatch, i: number): AnyMessage | undefined {
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
      if (this.#topic.key.kind === "raw") return null;
      const cause = "it is null, and the topic is declared with keys";
      throw this.#fault("key", batch, i, { schemaId: id, cause });
    }
    try {
      return this.#key.decode(id, batch.keyBuf(i), start, batch.keyEnd(i));
    } catch (error) {
      throw this.#fault("key", batch, i, { schemaId: id, cause: error });
    }
  }

  #readValue(batch: RecordBatch, i: number, id: number): unknown {
    const start = batch.valueStart(i);
    if (start < 0) {
      if (this.#topic.compact || this.#topic.value.kind === "raw") return null;
      const cause = "it is a tombstone, and the topic is not declared `compact: true`";
      throw this.#fault("value", batch, i, { schemaId: id, cause });
    }
    try {
      return this.#value.decode(id, batch.valueBuf(i), start, batch.valueEnd(i));
    } catch (error) {
      throw this.#fault("value", batch, i, { schemaId: id, cause: error });
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
      throw this.#fault(part, batch, i, { cause: error });
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
      throw this.#fault(part, batch, i, { schemaId: id, cause: error, isSchema: true });
    }
  }

  #type(part: Part): TypeReader {
    return part === "key" ? this.#key : this.#value;
  }

  #fault(part: Part, batch: RecordBatch, i: number, { schemaId, cause, isSchema }: Why): Error {
    const source = batch.sources[batch.source(i)];
    const details = {
      part,
      stage: isSchema === true ? "schema" : part,
      topic: this.#source,
      partition: source?.partition ?? -1,
      offset: batch.offset(i),
      schemaId: schemaId === undefined || schemaId === NO_SCHEMA_ID ? "none" : schemaId,
      reason: typeof cause === "string" ? cause : reasonOf(cause),
    };
    // The registry answered, but not with a schema: access, not bytes.
    const row = isTypewireError(cause, "CLIENT_REFUSED", "CLIENT_ANSWER_INVALID")
      ? "KAFKA_SCHEMA_UNAVAILABLE"
      : "KAFKA_UNDECODABLE_RECORD";
    return kafkaErrors.create(row, details, cause instanceof Error ? cause : undefined);
  }
}

/** Why a record can't be read. */
interface Why {
  readonly cause: unknown;
  /** As far as it could be read. */
  readonly schemaId?: number;
  /** The writer's schema is the reason, not the bytes. */
  readonly isSchema?: boolean;
}
