/**
 * Which of a descriptor's Avro types a writer's schema is read as. There is one, or, in a union,
 * several that are told apart by the name of the writer's record.
 */
import type { RecordSchema, Schema } from "../../avro/index.ts";
import { createDecoder, parseSchema, TAG_PROPERTY } from "../../avro/index.ts";
import { contextPrefix } from "../../confluent/index.ts";
import type { AnyAvroType, UnionType } from "../../schema/index.ts";
import { kafkaErrors } from "../contract/index.ts";

/** Which part of which topic a type belongs to; appears in errors. */
export interface Part {
  readonly topic: string;
  readonly part: "key" | "value";
}

/** Reads `[start, end)` of a buffer. */
export type Decode = (buffer: Buffer, start: number, end: number) => unknown;

/** The decoder for data of a writer's schema. @throws AVRO errors; an Error that says what is missing */
export type ReadAs = (writer: Schema) => Decode;

/** @throws AVRO errors when a descriptor's schema is invalid; KAFKA_OPTION_INVALID for its union */
export function readAs(type: AnyAvroType | UnionType<never, unknown>, where: Part): ReadAs {
  if (type.kind === "avro") {
    const reader = schemaOf(type);
    return (writer) => decoderOf(writer, reader, type);
  }
  const members = unionMembers(type, where);
  return (writer) => {
    const { reader, type: member } = memberOf(writer, members);
    const decode = decoderOf(writer, reader, member);
    const tag = reader.name.fullName;
    return (buffer, start, end) => {
      const value = decode(buffer, start, end) as object;
      return { [TAG_PROPERTY]: tag, ...value };
    };
  };
}

/** A type of a union with its schema. */
export interface UnionMember {
  readonly type: AnyAvroType;
  readonly reader: RecordSchema;
}

/**
 * The members of a union by their full names.
 *
 * @throws KAFKA_OPTION_INVALID; AVRO errors when a member's schema is invalid
 */
export function unionMembers(
  { members }: UnionType<never, unknown>,
  { topic, part }: Part,
): ReadonlyMap<string, UnionMember> {
  const refuse = (reason: string): Error =>
    kafkaErrors.create("KAFKA_OPTION_INVALID", {
      option: `${part} of topic`,
      value: topic,
      reason,
    });
  const found = new Map<string, UnionMember>();
  for (const type of members) {
    const reader = schemaOf(type);
    if (reader.kind !== "record") {
      throw refuse(`its union has a member of type ${reader.kind}; only records have a name`);
    }
    const { fullName } = reader.name;
    if (reader.fields.some(({ name }) => name === TAG_PROPERTY)) {
      throw refuse(
        `its union's member ${fullName} has a field ${TAG_PROPERTY}, which says the type`,
      );
    }
    if (found.has(fullName)) {
      throw refuse(`its union has two members named ${fullName}; the name tells members apart`);
    }
    // An id is the context's own, and a record does not say which context it means.
    if (contextPrefix(type.subject) !== contextPrefix(members[0]?.subject ?? "")) {
      throw refuse(`its union has subjects in several contexts, ${type.subject} among them`);
    }
    found.set(fullName, { type, reader });
  }
  if (found.size === 0) throw refuse("its union has no members");
  return found;
}

/**
 * A record's name as the writer says it, or else as a reader's alias says it. The namespace counts,
 * though Avro compares without it: another namespace is another type of the topic.
 */
function memberOf(writer: Schema, members: ReadonlyMap<string, UnionMember>): UnionMember {
  const name = writer.kind === "record" ? writer.name.fullName : writer.kind;
  const found =
    members.get(name) ?? [...members.values()].find(({ reader }) => reader.aliases.includes(name));
  if (found !== undefined) return found;
  const names = [...members.keys()].join(", ");
  throw new TypeError(`its writer's type is ${name}, and the topic's types are ${names}`);
}

function decoderOf(writer: Schema, reader: Schema, { mapping = {} }: AnyAvroType): Decode {
  const decoder = createDecoder(writer, reader, { mapping });
  return (buffer, start, end) => decoder.decode(buffer, start, end);
}

/** A descriptor's schema. @throws AVRO errors */
export function schemaOf(type: AnyAvroType): Schema {
  return parseSchema(type.closedSchema ?? type.schema, { mode: "stored" });
}
