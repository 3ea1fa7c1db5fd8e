/**
 * What was produced, as a test looks at it.
 *
 * Invariants: bytes are as they are in the log; key and value are decoded when they are asked for, by
 * the writer's schema into the topic's types, so a record that can't be read hides no other one.
 */
import { createDecoder, parseSchema } from "../avro/index.ts";
import type { MessageOf } from "../kafka/index.ts";
import { RecordHeaders } from "../kafka/index.ts";
import type { AnyTopic, WireType } from "../schema/index.ts";
import { FRAME_HEADER_BYTES, readSchemaId } from "../wire/index.ts";
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
  const record = {
    topic: topic.name,
    partition,
    offset,
    timestamp,
    headers: new RecordHeaders(headers),
    keyBytes: key,
    valueBytes: value,
    get key() {
      return key === null ? null : readValue(topic.key, key, registry);
    },
    get value() {
      return value === null ? null : readValue(topic.value, value, registry);
    },
    get keySchemaId() {
      return schemaIdOf(topic.key, key);
    },
    get schemaId() {
      return schemaIdOf(topic.value, value);
    },
  };
  // The types of the topic's descriptor are what its schema decodes to.
  return record as unknown as CapturedRecord<T>;
}

function schemaIdOf(type: WireType<never, unknown>, bytes: Buffer | null): number | undefined {
  if (type.kind !== "avro" || bytes === null) return undefined;
  return readSchemaId(bytes, 0, bytes.length);
}

function readValue(
  type: WireType<never, unknown>,
  bytes: Buffer,
  registry: MemoryRegistry,
): unknown {
  switch (type.kind) {
    case "none":
      return null;
    case "string":
      return utf8.decode(bytes);
    case "bytes":
    case "raw":
      return new Uint8Array(bytes);
    case "avro": {
      const writer = registry.schemaOf(readSchemaId(bytes, 0, bytes.length));
      const reader = parseSchema(type.closedSchema ?? type.schema, { mode: "stored" });
      const decoder = createDecoder(writer, reader, { mapping: type.mapping ?? {} });
      return decoder.decode(bytes, FRAME_HEADER_BYTES, bytes.length);
    }
  }
}
