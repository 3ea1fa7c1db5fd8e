/**
 * What was produced, as a test looks at it.
 *
 * Invariants: bytes are as they are in the log; key and value are decoded when they are asked for, by
 * the writer's schema into the topic's types, so a record that can't be read hides no other one.
 */
import type { MessageOf } from "../kafka/index.ts";
import { avroTypesOf, RecordHeaders, readAs } from "../kafka/index.ts";
import type { AnyTopic, WireType } from "../schema/index.ts";
import type { SchemaRef } from "../wire/index.ts";
import { frameBytes, readSchemaHeader, readSchemaRef, SCHEMA_HEADERS } from "../wire/index.ts";
import type { MemoryRegistry } from "./memory-registry.ts";
import type { StoredRecord } from "./partition-log.ts";

/** A record of a topic, with its bytes. Key and value throw WIRE or AVRO errors when they can't be read. */
export type CapturedRecord<T extends AnyTopic> = MessageOf<T> & {
  readonly keyBytes: Buffer | null;
  readonly valueBytes: Buffer | null;
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A record of the log as a typed one. */
export function captured<T extends AnyTopic>(
  topic: T,
  partition: number,
  { offset, timestamp, key, value, headers }: StoredRecord,
  registry: MemoryRegistry,
): CapturedRecord<T> {
  const keyPlace = placeOf(topic, "key", headers);
  const valuePlace = placeOf(topic, "value", headers);
  const record = {
    topic: topic.name,
    partition,
    offset,
    timestamp,
    headers: new RecordHeaders(headers),
    keyBytes: key,
    valueBytes: value,
    get key() {
      return key === null ? null : readValue(keyPlace, key, registry);
    },
    get value() {
      return value === null ? null : readValue(valuePlace, value, registry);
    },
    get keySchemaId() {
      return idOf(refOf(keyPlace, key));
    },
    get schemaId() {
      return idOf(refOf(valuePlace, value));
    },
    get keySchemaGuid() {
      return guidOf(refOf(keyPlace, key));
    },
    get schemaGuid() {
      return guidOf(refOf(valuePlace, value));
    },
  };
  // The types of the topic's descriptor are what its schema decodes to.
  return record as unknown as CapturedRecord<T>;
}

/** A key or a value of a topic, and the header that may name its schema. */
interface PartPlace {
  readonly type: WireType<never, unknown>;
  readonly where: { readonly topic: string; readonly part: "key" | "value" };
  readonly header: Buffer | undefined;
}

function placeOf(
  topic: AnyTopic,
  part: "key" | "value",
  headers: StoredRecord["headers"],
): PartPlace {
  const name = SCHEMA_HEADERS[part];
  const header = headers.findLast(([key]) => key === name)?.[1] ?? undefined;
  return { type: topic[part], where: { topic: topic.name, part }, header };
}

function idOf(ref: SchemaRef | undefined): number | undefined {
  return typeof ref === "number" ? ref : undefined;
}

function guidOf(ref: SchemaRef | undefined): string | undefined {
  return typeof ref === "string" ? ref : undefined;
}

/** The writer's schema; undefined where there are no bytes, and for a type that names none. */
function refOf({ type, where, header }: PartPlace, bytes: Buffer | null): SchemaRef | undefined {
  if (bytes === null || avroTypesOf(type).length === 0) return undefined;
  return header === undefined
    ? readSchemaRef(bytes, 0, bytes.length)
    : readSchemaHeader(SCHEMA_HEADERS[where.part], header);
}

function readValue(place: PartPlace, bytes: Buffer, registry: MemoryRegistry): unknown {
  const { type, where, header } = place;
  switch (type.kind) {
    case "none":
      return null;
    case "string":
      return utf8.decode(bytes);
    case "bytes":
    case "raw":
      return new Uint8Array(bytes);
    case "avro":
    case "union": {
      const ref = refOf(place, bytes) as SchemaRef;
      const decode = readAs(type, where)(registry.schemaOf(ref));
      return decode(bytes, header === undefined ? frameBytes(ref) : 0, bytes.length);
    }
  }
}
