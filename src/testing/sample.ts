/**
 * Made-up records of a topic, valid by its schema.
 *
 * Invariants: the encoder accepts every one, and reading gives an equal value; the same seed gives the
 * same record; a recursive type ends.
 */
import type { Schema, ValueShape } from "../avro/index.ts";
import { fieldShape, parseSchema, shapeOf, TAG_PROPERTY } from "../avro/index.ts";
import type { RecordOf } from "../kafka/index.ts";
import { topicRule } from "../kafka/index.ts";
import type { AnyTopic, Mapping, WireType } from "../schema/index.ts";
import { testingErrors } from "./errors.ts";
import { checkTesting, seedRule } from "./options.ts";
import type { Random } from "./random.ts";
import { integerIn, oneOf, randomOf } from "./random.ts";
import { sampleScalar, sampleText } from "./sample-scalar.ts";

/** How a record is made up. */
export interface SampleOptions {
  /** Another seed, another record. Default 1. */
  readonly seed?: number;
}

/**
 * A record for a topic: names, e-mail addresses, amounts and times that look like ones, by the names of
 * the fields. Change what a test is about with `{ ...sample(orders), key: "o-1" }`.
 *
 * @throws TESTING_OPTION_INVALID when the seed is no integer, or the type has no finite value; AVRO
 *   errors when the descriptor's schema is invalid
 */
export function sample<T extends AnyTopic>(
  topic: T,
  { seed = 1 }: SampleOptions = {},
): RecordOf<T> {
  checkTesting({ topic: topicRule, seed: seedRule }, { topic, seed });
  const random = randomOf(seed);
  const key = sampleOf(topic.key, `${topic.name} key`, random);
  const value = sampleOf(topic.value, topic.name, random);
  const record = topic.key.kind === "none" ? { value } : { key, value };
  // Made by the schema that the types were printed from.
  return record as unknown as RecordOf<T>;
}

function sampleOf(type: WireType<never, unknown>, name: string, random: Random): unknown {
  switch (type.kind) {
    case "none":
      return null;
    case "string":
      return sampleText(name, random);
    case "bytes":
    case "raw":
      return bytesOf(integerIn(random, 1, 16), random);
    case "avro": {
      const schema = parseSchema(type.closedSchema ?? type.schema, { mode: "stored" });
      return new SampleMaker(type.mapping ?? {}, random).start(
        shapeOf(schema, type.mapping),
        type.name,
      );
    }
  }
}

/** Records in records at most, as far as the schema lets them end. */
const DEPTH_MAX = 4;
const ITEMS_MAX = 3;

class SampleMaker {
  readonly #mapping: Mapping;
  readonly #random: Random;
  readonly #heights = new Map<string, number>();

  constructor(mapping: Mapping, random: Random) {
    this.#mapping = mapping;
    this.#random = random;
  }

  start(shape: ValueShape, name: string): unknown {
    if (this.#height(shape) < Number.POSITIVE_INFINITY) return this.make(shape, name, 0);
    const details = { option: "topic", value: name, reason: "no finite value fits its schema" };
    throw testingErrors.create("TESTING_OPTION_INVALID", details);
  }

  make(shape: ValueShape, name: string, depth: number): unknown {
    switch (shape.kind) {
      case "scalar":
        return sampleScalar(shape, name, this.#random);
      case "enum":
        return oneOf(this.#random, shape.schema.symbols);
      case "fixed":
        return bytesOf(shape.schema.size, this.#random);
      case "record":
        return Object.fromEntries(
          shape.schema.fields.map((field) => [
            field.name,
            this.make(fieldShape(shape.schema, field, this.#mapping), field.name, depth + 1),
          ]),
        );
      case "array":
        return this.#list(depth, shape.items, () => this.make(shape.items, name, depth + 1));
      case "map":
        return Object.fromEntries(
          this.#list(depth, shape.values, (i): [string, unknown] => {
            return [`key-${i + 1}`, this.make(shape.values, name, depth + 1)];
          }),
        );
      case "union":
        return this.#branch(shape, name, depth);
    }
  }

  #list<T>(depth: number, items: ValueShape, make: (i: number) => T): T[] {
    // Of a type without values a list can only be empty.
    const isEmpty = depth >= DEPTH_MAX || this.#height(items) === Number.POSITIVE_INFINITY;
    const length = isEmpty ? 0 : integerIn(this.#random, 0, ITEMS_MAX);
    return Array.from({ length }, (_, i) => make(i));
  }

  #branch(union: Extract<ValueShape, { kind: "union" }>, name: string, depth: number): unknown {
    const heights = union.branches.map(({ shape }) => this.#height(shape));
    const lowest = Math.min(...heights);
    const ends = (height: number): boolean => height < Number.POSITIVE_INFINITY;
    const able = union.branches.filter((_, i) => {
      const height = heights[i] as number;
      return depth >= DEPTH_MAX ? height === lowest : ends(height);
    });
    const { shape, tag, boxed } = oneOf(this.#random, able.length > 0 ? able : union.branches);
    const value = this.make(shape, name, depth + 1);
    if (!union.tagged || value === null) return value;
    if (boxed) return { [TAG_PROPERTY]: tag, value };
    return { [TAG_PROPERTY]: tag, ...(value as object) };
  }

  /** How many records deep a value is at least; infinite when there is none. */
  #height(shape: ValueShape): number {
    switch (shape.kind) {
      case "record":
        return this.#heightOf(shape.schema);
      case "union":
        return Math.min(...shape.branches.map((branch) => this.#height(branch.shape)));
      case "enum":
        return shape.schema.symbols.length === 0 ? Number.POSITIVE_INFINITY : 0;
      default:
        return 0;
    }
  }

  #heightOf(record: Extract<Schema, { kind: "record" }>): number {
    const name = record.name.fullName;
    const known = this.#heights.get(name);
    if (known !== undefined) return known;
    // While it is being worked out, a record in itself has no end on this way.
    this.#heights.set(name, Number.POSITIVE_INFINITY);
    const parts = record.fields.map((field) =>
      this.#height(fieldShape(record, field, this.#mapping)),
    );
    const height = 1 + Math.max(0, ...parts);
    if (height < Number.POSITIVE_INFINITY) this.#heights.set(name, height);
    else this.#heights.delete(name);
    return height;
  }
}

function bytesOf(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => integerIn(random, 0, 255));
}
