/** Bytes of typed keys and values: frame and body, straight into the caller's buffer. */
import { createEncoder, TAG_PROPERTY } from "../../avro/index.ts";
import { isTypewireError } from "../../base/index.ts";
import type { AnyAvroType, AnyTopic, UnionType, WireType } from "../../schema/index.ts";
import { SCHEMA_HEADERS, writeFrameHeader } from "../../wire/index.ts";
import { avroTypesOf, kafkaErrors } from "../contract/index.ts";
import type { Part } from "./read-as.ts";
import { schemaOf, unionMembers } from "./read-as.ts";
import type { RuleParts } from "./rules.ts";
import { assertRunnable } from "./rules.ts";

/** A UTF-16 unit takes at most three bytes. */
const UNIT_BYTES_MAX = 3;

/** Writes a value at `start`, returns the end; an end past the buffer means that it did not fit. */
export type ValueWriter = (value: unknown, buffer: Buffer, start: number) => number;

/**
 * The writer of a type. An Avro type's schema id is looked up by the very text that the code was
 * generated from: a program never writes with an id whose schema it does not have.
 *
 * @throws KAFKA_SCHEMA_NOT_REGISTERED, KAFKA_RULE_UNSUPPORTED, KAFKA_OPTION_INVALID (a union that
 *   can't be one); CLIENT_UNREACHABLE (retriable)
 */
export async function createTypeWriter(
  type: WireType<never, unknown>,
  part: Part,
  rules: RuleParts,
): Promise<ValueWriter> {
  if (type.kind === "avro") return avroWriter(type, part, rules);
  return type.kind === "union" ? unionWriter(type, part, rules) : plainWriter(type.kind, part);
}

/** Writes a value as the member that its `$type` names. */
async function unionWriter(
  type: UnionType<never, unknown>,
  part: Part,
  rules: RuleParts,
): Promise<ValueWriter> {
  const members = [...unionMembers(type, part)].map(
    async ([name, member]) => [name, await avroWriter(member.type, part, rules)] as const,
  );
  const writers = new Map<unknown, ValueWriter>(await Promise.all(members));
  return (value, buffer, start) => {
    const isObject = typeof value === "object" && value !== null;
    const tag: unknown = isObject ? Reflect.get(value, TAG_PROPERTY) : undefined;
    const write = writers.get(tag);
    if (write !== undefined) return write(value, buffer, start);
    const found = typeof tag === "string" ? `is ${tag}` : "is missing";
    const reason = `its ${TAG_PROPERTY} ${found}, and has to be one of ${[...writers.keys()].join(", ")}`;
    throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason });
  };
}

async function avroWriter(type: AnyAvroType, part: Part, rules: RuleParts): Promise<ValueWriter> {
  const { subject, schema, references = [] } = type;
  const encoder = createEncoder(schemaOf(type), { mapping: type.mapping ?? {} });
  const definition = { schema, references };
  const schemaId = await rules.registry.idOf(subject, definition).catch((error: unknown) => {
    if (!isTypewireError(error, "CLIENT_SCHEMA_NOT_REGISTERED")) throw error;
    throw kafkaErrors.create("KAFKA_SCHEMA_NOT_REGISTERED", { ...part, subject }, error);
  });
  await assertRunnable(type, schemaId, "write", part, rules);
  return (value, buffer, start) => {
    const body = writeFrameHeader(buffer, start, schemaId);
    // A body that begins past the end would be written nowhere: ask for more room first.
    return body > buffer.length ? body : encoder.encode(value, buffer, body);
  };
}

const PARTS = ["key", "value"] as const;

/** The headers that readers would take for the schema of a part, in spite of its frame. */
export function schemaHeadersOf(topic: AnyTopic): readonly (readonly [Part["part"], string])[] {
  return PARTS.filter((part) => avroTypesOf(topic[part]).length > 0).map(
    (part) => [part, SCHEMA_HEADERS[part]] as const,
  );
}

function plainWriter(kind: "string" | "bytes" | "raw" | "none", part: Part): ValueWriter {
  switch (kind) {
    case "string":
      return (value, buffer, start) => writeText(value, buffer, start, part);
    case "bytes":
    case "raw":
      return (value, buffer, start) => writeBytes(value, buffer, start, part);
    case "none":
      return () => {
        throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason: "its type is none" });
      };
  }
}

function writeText(value: unknown, buffer: Buffer, start: number, part: Part): number {
  if (typeof value !== "string") {
    throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason: "it is not a string" });
  }
  // Half a surrogate pair has no UTF-8: it would become another character.
  if (!value.isWellFormed()) {
    const reason = "it has half a surrogate pair";
    throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason });
  }
  // Where there is room for the worst case, the text need not be measured first.
  if (start + value.length * UNIT_BYTES_MAX <= buffer.length) {
    return start + buffer.write(value, start);
  }
  const end = start + Buffer.byteLength(value);
  if (end <= buffer.length) buffer.write(value, start);
  return end;
}

function writeBytes(value: unknown, buffer: Buffer, start: number, part: Part): number {
  if (!(value instanceof Uint8Array)) {
    throw kafkaErrors.create("KAFKA_RECORD_INVALID", { ...part, reason: "it is not a Uint8Array" });
  }
  const end = start + value.length;
  if (end <= buffer.length) buffer.set(value, start);
  return end;
}
