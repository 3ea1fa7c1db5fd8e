/**
 * Messages out of batches. Everything that is wrong with a record's bytes becomes
 * KAFKA_UNDECODABLE_RECORD with its place and cause; a registry that does not answer never does.
 */
import type { DetailsOf } from "../../base/index.ts";
import { isTypewireError, reasonOf } from "../../base/index.ts";
import type { HeaderPair, RecordBatch } from "../../rdkafka/index.ts";
import type { AnyTopic } from "../../schema/index.ts";
import type { SchemaRef } from "../../wire/index.ts";
import { SCHEMA_HEADERS } from "../../wire/index.ts";
import type { ConsumedMessage, SchemaLookup } from "../contract/index.ts";
import { avroTypesOf, kafkaErrors, NO_HEADERS, RecordHeaders } from "../contract/index.ts";
import type { TypeReader } from "./type-reader.ts";
import { createTypeReader, NO_SCHEMA } from "./type-reader.ts";

/** A message of any topic. */
export type AnyMessage = ConsumedMessage<string, unknown, unknown, boolean>;

const PARTS = ["key", "value"] as const;
type Part = (typeof PARTS)[number];

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
  /** Types of rules that may be left out; see `rules.ts`. */
  readonly ignoredRules?: ReadonlySet<string>;
}

/** Reads the records of one topic. */
export class RecordReader {
  readonly #topic: AnyTopic;
  readonly #key: TypeReader;
  readonly #value: TypeReader;
  /** The parts that name a writer's schema. */
  readonly #avroParts: readonly Part[];
  readonly #patience: Patience;
  readonly #source: string;
  /** Whether the records come from a retry topic. */
  readonly isRetryTopic: boolean;
  /** For a retry topic: how long its records wait, in milliseconds. */
  readonly retryDelayMs: number;

  constructor(topic: AnyTopic, registry: SchemaLookup, options: RecordReaderOptions) {
    const { patience, retry, ignoredRules: ignored } = options;
    this.#topic = topic;
    this.#patience = patience;
    this.#source = retry?.source ?? topic.name;
    this.isRetryTopic = retry !== undefined;
    this.retryDelayMs = retry?.delayMs ?? 0;
    const rules = { registry, ...(ignored !== undefined && { ignored }) };
    const of = (part: Part): TypeReader =>
      createTypeReader(topic[part], { topic: topic.name, part }, rules);
    this.#key = of("key");
    this.#value = of("value");
    this.#avroParts = PARTS.filter((part) => avroTypesOf(topic[part]).length > 0);
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
    if (this.#avroParts.length === 0) return;
    for (const i of indexes) {
      const headers = batch.headers(i);
      for (const part of this.#avroParts) {
        const missing = this.#missing(part, batch, i, headers);
        // A fault of this record stops the consumer when it is this record's turn, not before.
        if (missing !== undefined)
          void this.#type(part)
            .load(missing)
            .catch(() => undefined);
      }
    }
  }

  /**
   * Fetches what a record needs, and waits while the registry does not answer. False when the signal
   * was aborted first.
   *
   * @param waiting told when it begins to wait for an outage to end, and when that is over
   * @throws KAFKA_UNDECODABLE_RECORD, KAFKA_SCHEMA_UNAVAILABLE, KAFKA_RULE_UNSUPPORTED
   */
  async load(
    batch: RecordBatch,
    i: number,
    signal: AbortSignal,
    waiting: (on: boolean) => void,
  ): Promise<boolean> {
    for (const part of this.#avroParts) {
      const missing = this.#missing(part, batch, i, batch.headers(i));
      if (missing === undefined) continue;
      const type = this.#type(part);
      try {
        const isHere = await this.#patience.call(() => type.load(missing), signal, waiting);
        if (!isHere) return false;
      } catch (error) {
        throw this.#fault(part, batch, i, { writer: missing, cause: error, isSchema: true });
      }
    }
    return true;
  }

  /** The ids and GUIDs that a record carries, as far as they can be read. */
  schemasOf(batch: RecordBatch, i: number): SchemasOfRecord {
    const refOf = (part: Part): SchemaRef => {
      try {
        return this.#writer(part, batch, i, this.#header(part, batch.headers(i)));
      } catch {
        return NO_SCHEMA;
      }
    };
    const [key, value] = [refOf("key"), refOf("value")];
    return {
      keySchemaId: idOf(key),
      schemaId: idOf(value),
      keySchemaGuid: guidOf(key),
      schemaGuid: guidOf(value),
    };
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
    const headers = batch.headers(i);
    const keyHeader = this.#header("key", headers);
    const valueHeader = this.#header("value", headers);
    const key = this.#writer("key", batch, i, keyHeader);
    const value = this.#writer("value", batch, i, valueHeader);
    if (!this.#key.knows(key) || !this.#value.knows(value)) return undefined;
    const source = batch.sources[batch.source(i)];
    return {
      topic: this.#topic.name,
      partition: source?.partition ?? 0,
      offset: batch.offset(i),
      timestamp: batch.timestamp(i),
      key: this.#readKey(batch, i, key, keyHeader),
      value: this.#readValue(batch, i, value, valueHeader),
      headers: headers.length === 0 ? NO_HEADERS : new RecordHeaders(headers),
      keySchemaId: idOf(key),
      schemaId: idOf(value),
      keySchemaGuid: guidOf(key),
      schemaGuid: guidOf(value),
    };
  }

  #readKey(batch: RecordBatch, i: number, writer: SchemaRef, header: Buffer | undefined): unknown {
    const start = batch.keyStart(i);
    if (this.#topic.key.kind === "none") return null;
    if (start < 0) {
      if (this.#topic.key.kind === "raw") return null;
      const cause = "it is null, and the topic is declared with keys";
      throw this.#fault("key", batch, i, { writer, cause });
    }
    try {
      return this.#key.decode(writer, batch.keyBuf(i), start, batch.keyEnd(i), header);
    } catch (error) {
      throw this.#fault("key", batch, i, { writer, cause: error });
    }
  }

  #readValue(
    batch: RecordBatch,
    i: number,
    writer: SchemaRef,
    header: Buffer | undefined,
  ): unknown {
    const start = batch.valueStart(i);
    if (start < 0) {
      if (this.#topic.compact || this.#topic.value.kind === "raw") return null;
      const cause = "it is a tombstone, and the topic is not declared `compact: true`";
      throw this.#fault("value", batch, i, { writer, cause });
    }
    try {
      return this.#value.decode(writer, batch.valueBuf(i), start, batch.valueEnd(i), header);
    } catch (error) {
      throw this.#fault("value", batch, i, { writer, cause: error });
    }
  }

  /** @throws KAFKA_UNDECODABLE_RECORD when neither the header nor the bytes name a schema */
  #writer(part: Part, batch: RecordBatch, i: number, header: Buffer | undefined): SchemaRef {
    const start = part === "key" ? batch.keyStart(i) : batch.valueStart(i);
    if (start < 0) return NO_SCHEMA;
    try {
      return part === "key"
        ? this.#key.writer(batch.keyBuf(i), start, batch.keyEnd(i), header)
        : this.#value.writer(batch.valueBuf(i), start, batch.valueEnd(i), header);
    } catch (error) {
      throw this.#fault(part, batch, i, { cause: error });
    }
  }

  /** The header that names a part's schema: the last of its name, as Confluent's clients read it. */
  #header(part: Part, headers: readonly HeaderPair[]): Buffer | undefined {
    if (headers.length === 0 || !this.#avroParts.includes(part)) return undefined;
    const name = SCHEMA_HEADERS[part];
    return headers.findLast(([key]) => key === name)?.[1] ?? undefined;
  }

  /** The schema that has to be fetched first. Bytes that name none need none. */
  #missing(
    part: Part,
    batch: RecordBatch,
    i: number,
    headers: readonly HeaderPair[],
  ): SchemaRef | undefined {
    let writer: SchemaRef;
    try {
      writer = this.#writer(part, batch, i, this.#header(part, headers));
    } catch {
      return undefined;
    }
    const isHere = writer === NO_SCHEMA || this.#type(part).knows(writer);
    return isHere ? undefined : writer;
  }

  #type(part: Part): TypeReader {
    return part === "key" ? this.#key : this.#value;
  }

  #fault(part: Part, batch: RecordBatch, i: number, { writer, cause, isSchema }: Why): Error {
    const source = batch.sources[batch.source(i)];
    const details = {
      part,
      stage: isSchema === true ? "schema" : part,
      topic: this.#source,
      partition: source?.partition ?? -1,
      offset: batch.offset(i),
      schemaId: writer === undefined || writer === NO_SCHEMA ? "none" : writer,
      reason: typeof cause === "string" ? cause : reasonOf(cause),
    };
    if (isTypewireError(cause, "KAFKA_RULE_UNSUPPORTED")) {
      const rule = cause.details as DetailsOf<typeof kafkaErrors.rows.KAFKA_RULE_UNSUPPORTED>;
      const { topic, partition, offset } = details;
      const place = `${topic}/${partition} at offset ${offset}`;
      const where = { place, topic, partition, offset };
      return kafkaErrors.create("KAFKA_RULE_UNSUPPORTED", { ...rule, ...where }, cause);
    }
    // The registry answered, but not with a schema: access, not bytes.
    const row = isTypewireError(cause, "CLIENT_REFUSED", "CLIENT_ANSWER_INVALID")
      ? "KAFKA_SCHEMA_UNAVAILABLE"
      : "KAFKA_UNDECODABLE_RECORD";
    return kafkaErrors.create(row, details, cause instanceof Error ? cause : undefined);
  }
}

/** What a record says about the schemas it was written with. */
export type SchemasOfRecord = Pick<
  AnyMessage,
  "keySchemaId" | "schemaId" | "keySchemaGuid" | "schemaGuid"
>;

function idOf(ref: SchemaRef): number | undefined {
  return typeof ref === "string" || ref === NO_SCHEMA ? undefined : ref;
}

function guidOf(ref: SchemaRef): string | undefined {
  return typeof ref === "string" ? ref : undefined;
}

/** Why a record can't be read. */
interface Why {
  readonly cause: unknown;
  /** As far as it could be read. */
  readonly writer?: SchemaRef;
  /** The writer's schema is the reason, not the bytes. */
  readonly isSchema?: boolean;
}
