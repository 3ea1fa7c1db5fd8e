/**
 * What generated code imports: descriptors of Avro types and of topics. They are plain data; their
 * TypeScript types ride along as optional members that never exist at run time, so two installed
 * copies of this package fit together. Nothing here does work or loads anything.
 *
 * Invariants: a descriptor is immutable; `schema` is the text exactly as it was registered;
 * `closedSchema` resolves every reference and parses on its own.
 */

/** How Avro values are shown in TypeScript; one setting drives the printed type and the codec. */
export interface Mapping {
  /** `long` without a logical type. Default `"bigint"`; `"number"` refuses what is not a safe integer. */
  readonly long?: "bigint" | "number";
  /**
   * Logical types. `"safe"` (default): lossless with built-in types. `"raw"`: the base type's value.
   */
  readonly logical?: "safe" | "raw";
  /** `logical` for single fields, by the full name of the record, a dot and the field's name. */
  readonly fields?: Readonly<Record<string, "safe" | "raw">>;
}

/** A reference of a registered schema to another one, as the registry stores it. */
export interface SchemaReference {
  /** The full name as the referring schema uses it. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/**
 * An Avro type as generated code carries it. `In` is what may be written (fields with defaults are
 * optional), `Out` is what reading yields.
 */
export interface AvroType<In, Out, Name extends string = string> {
  readonly kind: "avro";
  /** The subject that the schema was taken from, for example `orders-value`. */
  readonly subject: string;
  /** Full name of the root type, or the type's name when it has none. */
  readonly name: Name;
  /** The schema text as registered. */
  readonly schema: string;
  /** References of the registered schema; absent when there are none. */
  readonly references?: readonly SchemaReference[];
  /** The schema with all references resolved; absent when `schema` is closed already. */
  readonly closedSchema?: string;
  /** CRC-64-AVRO of the Parsing Canonical Form, 16 hexadecimal digits, big-endian. */
  readonly fingerprint: string;
  readonly mapping?: Mapping;
  /** Types only; never present. */
  readonly "~in"?: (value: In) => void;
  /** Types only; never present. */
  readonly "~out"?: () => Out;
}

/** A key or value that is not Avro: UTF-8 text, bytes, bytes or null, or nothing at all. */
export interface PlainType<In, Out> {
  readonly kind: "string" | "bytes" | "raw" | "none";
  readonly "~in"?: (value: In) => void;
  readonly "~out"?: () => Out;
}

/**
 * Several record types in one topic, each registered under a subject of its own; made by
 * {@link unionType}.
 */
export interface UnionType<In, Out> {
  readonly kind: "union";
  readonly members: readonly AnyAvroType[];
  /** Types only; never present. */
  readonly "~in"?: (value: In) => void;
  /** Types only; never present. */
  readonly "~out"?: () => Out;
}

/** Any Avro type: a bound for type parameters. */
export type AnyAvroType = AvroType<never, unknown>;

/** Any type that a topic's key or value can have. */
export type WireType<In, Out> = AvroType<In, Out> | PlainType<In, Out> | UnionType<In, Out>;

/**
 * A record as a branch of a union in which a value alone does not say which branch it is: `$type`
 * is the record's full name. Narrow with `switch (value.$type)`.
 */
export type Tagged<Type extends string, Value> = { $type: Type } & Value;

/** As {@link Tagged}, for a branch that is not a record: the value is in a box. */
export interface Boxed<Type extends string, Value> {
  $type: Type;
  value: Value;
}

/** What may be written for one of several types: `$type` says for which. */
export type UnionInputOf<Members extends readonly AnyAvroType[]> =
  Members[number] extends infer Member
    ? Member extends AvroType<infer In, infer _Out, infer Name>
      ? Tagged<Name, In>
      : never
    : never;
/** What reading one of several types yields: `$type` is the full name of the one it is. */
export type UnionOutputOf<Members extends readonly AnyAvroType[]> =
  Members[number] extends infer Member
    ? Member extends AvroType<infer _In, infer Out, infer Name>
      ? Tagged<Name, Out>
      : never
    : never;

/** What may be written for a type. */
export type InputOf<T> = T extends WireType<infer In, infer _Out> ? In : never;
/** What reading a type yields. */
export type OutputOf<T> = T extends WireType<infer _In, infer Out> ? Out : never;

/**
 * A topic: its name, the types of its key and value, and whether it is compacted. A tombstone
 * (`null` value) is accepted by the compiler only where `compact` is `true`.
 */
export interface Topic<
  Name extends string = string,
  KeyIn = unknown,
  KeyOut = unknown,
  ValueIn = unknown,
  ValueOut = unknown,
  Compact extends boolean = boolean,
> {
  readonly name: Name;
  readonly key: WireType<KeyIn, KeyOut>;
  readonly value: WireType<ValueIn, ValueOut>;
  readonly compact: Compact;
  /** Stands for every topic whose name it matches; see {@link topicPattern}. */
  readonly pattern?: RegExp;
}

/** Any topic, whatever its types: a bound for type parameters. */
// biome-ignore lint/suspicious/noExplicitAny: a bound that every topic satisfies; In is contravariant
export type AnyTopic = Topic<string, any, any, any, any, boolean>;

/** Key or value as UTF-8 text. Bytes that are not UTF-8 are an error on reading. */
export const stringType: PlainType<string, string> = Object.freeze({ kind: "string" });
/** Key or value as raw bytes. */
export const bytesType: PlainType<Uint8Array, Uint8Array> = Object.freeze({ kind: "bytes" });
/** Key or value as it is on the wire, null included: for records that are passed on unread. */
export const rawType: PlainType<Uint8Array | null, Uint8Array | null> = Object.freeze({
  kind: "raw",
});
/** A topic without keys. */
export const noKey: PlainType<null | undefined, null> = Object.freeze({ kind: "none" });

/**
 * Declares an Avro type; called by generated code.
 *
 * @example
 * ```ts
 * import { avroType } from "typewire/schema";
 * import { fingerprintHex, parseSchema } from "typewire/avro";
 *
 * const schema = '"string"';
 * const greeting = avroType<string, string>({
 *   subject: "greetings-value",
 *   name: "string",
 *   schema,
 *   fingerprint: fingerprintHex(parseSchema(schema, { mode: "strict" })),
 * });
 * ```
 */
export function avroType<In, Out, Name extends string = string>(
  descriptor: Omit<AvroType<In, Out, Name>, "kind" | "~in" | "~out">,
): AvroType<In, Out, Name> {
  return Object.freeze({ kind: "avro", ...descriptor });
}

/**
 * Several record types for one topic (subject name strategies `RecordNameStrategy` and
 * `TopicRecordNameStrategy`: each type carries its own subject). Values are told apart by `$type`, the
 * record's full name: narrow with `switch (value.$type)`. A value is written as the type that its
 * `$type` names, under that type's subject; it is read as the type whose name, or alias, is the name of
 * the writer's record.
 *
 * The compiler knows the names where the types were declared with them, as generated code does
 * (`AvroType<In, Out, "shop.OrderPlaced">`). A client refuses members that are no records, that have
 * the same name, or that are in different contexts.
 *
 * @example
 * ```ts
 * import { noKey, topic, unionType } from "typewire";
 * import { OrderPlacedSchema } from "./generated/subjects/orders-value.js";
 *
 * const events = topic({ name: "events", key: noKey, value: unionType([OrderPlacedSchema]) });
 * ```
 */
export function unionType<const Members extends readonly [AnyAvroType, ...AnyAvroType[]]>(
  members: Members,
): UnionType<UnionInputOf<Members>, UnionOutputOf<Members>> {
  return Object.freeze({ kind: "union", members: Object.freeze([...members]) });
}

/**
 * Declares a topic; called by generated code, or by hand for topics of your own. Its parts are checked
 * where it is used (`KAFKA_OPTION_INVALID`), because nothing is loaded here.
 *
 * @throws TypeError when it is called without an object
 *
 * @example
 * ```ts
 * import { stringType, topic } from "typewire";
 * import { OrderPlacedSchema } from "./generated/subjects/orders-value.js";
 *
 * const replies = topic({ name: "order-replies", key: stringType, value: OrderPlacedSchema });
 * ```
 */
export function topic<
  const Name extends string,
  KeyIn,
  KeyOut,
  ValueIn,
  ValueOut,
  const Compact extends boolean = false,
>(descriptor: {
  readonly name: Name;
  readonly key: WireType<KeyIn, KeyOut>;
  readonly value: WireType<ValueIn, ValueOut>;
  readonly compact?: Compact;
}): Topic<Name, KeyIn, KeyOut, ValueIn, ValueOut, Compact> {
  const { name, key, value, compact } = descriptor;
  return Object.freeze({ name, key, value, compact: (compact ?? false) as Compact });
}

/**
 * All topics whose names match, for consumers: each message says in `topic` where it comes from. The
 * pattern has to begin with `^` and be without flags; it is matched by librdkafka, so keep to what
 * every kind of regular expression knows. A topic that is created later is noticed within
 * `topic.metadata.refresh.interval.ms` (5 minutes by default).
 */
export function topicPattern<
  KeyIn,
  KeyOut,
  ValueIn,
  ValueOut,
  const Compact extends boolean = false,
>(descriptor: {
  readonly pattern: RegExp;
  readonly key: WireType<KeyIn, KeyOut>;
  readonly value: WireType<ValueIn, ValueOut>;
  readonly compact?: Compact;
}): Topic<string, KeyIn, KeyOut, ValueIn, ValueOut, Compact> {
  const { pattern, ...types } = descriptor;
  return Object.freeze({ ...topic({ ...types, name: pattern.source }), pattern });
}

/**
 * The same topic under another name, for example with a prefix of the environment.
 *
 * @example
 * ```ts
 * import { renamed } from "typewire";
 * import { orders } from "./generated/orders.js";
 *
 * const ordersOfStage = renamed(orders, `${process.env.STAGE ?? "dev"}-orders`);
 * ```
 */
export function renamed<const Name extends string, KI, KO, VI, VO, C extends boolean>(
  base: Topic<string, KI, KO, VI, VO, C>,
  name: Name,
): Topic<Name, KI, KO, VI, VO, C> {
  return Object.freeze({ ...base, name });
}

/** A topic under its name with a prefix. */
export type Prefixed<Prefix extends string, T extends AnyTopic> =
  T extends Topic<infer Name, infer KI, infer KO, infer VI, infer VO, infer C>
    ? Topic<`${Prefix}${Name}`, KI, KO, VI, VO, C>
    : never;

/**
 * Topics under their names with a prefix, for environments that share a cluster.
 *
 * Take every topic of a service from one such object: partitioners and interceptors are found by name.
 *
 * @example
 * ```ts
 * import { prefixed } from "typewire/schema";
 * import { orders } from "./generated/orders.js";
 * import { users } from "./generated/users.js";
 *
 * const topics = prefixed("dev.", { orders, users });
 * ```
 */
export function prefixed<
  const Prefix extends string,
  const Topics extends Readonly<Record<string, AnyTopic>>,
>(
  prefix: Prefix,
  topics: Topics,
): { readonly [Key in keyof Topics]: Prefixed<Prefix, Topics[Key]> } {
  const entries = Object.entries(topics).map(([key, topic]) => [
    key,
    Object.freeze({ ...topic, name: `${prefix}${topic.name}` }),
  ]);
  return Object.freeze(Object.fromEntries(entries)) as never;
}
