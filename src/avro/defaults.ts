/**
 * Whether a JSON value is a legal default of a type.
 *
 * Invariants:
 * - A union takes a value that fits any of its branches (specification 1.12).
 * - As in Java, enum membership, the size of a fixed and the 0-255 range of bytes are not looked at.
 * - Each pair of a type and a container is judged once, and a field's own default once. In
 *   the worst case that is types × values, so the work is counted and bounded.
 * - A default that may come to contain itself is not legal, even where a later branch of a union
 *   would end it: readers take the first branch that fits.
 */

import { avroErrors } from "./errors.ts";
import { isIntegerText } from "./json-print.ts";
import type { Json, RecordField, RecordSchema, Schema } from "./model.ts";
import { JsonNumber } from "./model.ts";

/** How many values and fields are looked at for the defaults of one schema. */
const STEPS_MAX = 500_000;

/**
 * Judges defaults; keep one for a whole schema.
 *
 * Its methods throw AVRO_DEFAULTS_TOO_LARGE when that takes too much.
 */
export class DefaultChecker {
  readonly #judged = new Map<object, Map<Schema, boolean>>();
  readonly #ownDefaults = new Map<RecordField, boolean | "in progress">();
  #isEndless = false;
  #steps = 0;

  /** Whether the field's own default fits its type; true when it has none. */
  isFieldValid(field: RecordField): boolean {
    return field.default === undefined || (this.#hasValidDefault(field) && !this.#isEndless);
  }

  #hasValidDefault(field: RecordField): boolean {
    if (field.default === undefined) return false;
    const known = this.#ownDefaults.get(field);
    if (typeof field.default === "string" && isFloating(field.schema)) return true;
    if (known === "in progress") this.#isEndless = true;
    if (known !== undefined) return known === true;
    this.#ownDefaults.set(field, "in progress");
    const isValid = this.#isValid(field.schema, field.default);
    this.#ownDefaults.set(field, isValid);
    return isValid;
  }

  #isValid(schema: Schema, value: Json): boolean {
    this.#step();
    if (schema.kind === "union") {
      return schema.branches.some((branch) => this.#isValid(branch, value));
    }
    if (value === null) return schema.kind === "null";
    if (typeof value === "boolean") return schema.kind === "boolean";
    if (typeof value === "string") return isTextual(schema);
    if (value instanceof JsonNumber) return isNumberOf(schema, value.text);
    return this.#isContainerValid(schema, value as readonly Json[] | ReadonlyMap<string, Json>);
  }

  #isContainerValid(schema: Schema, value: readonly Json[] | ReadonlyMap<string, Json>): boolean {
    let verdicts = this.#judged.get(value);
    if (verdicts === undefined) {
      verdicts = new Map();
      this.#judged.set(value, verdicts);
    }
    const known = verdicts.get(schema);
    if (known !== undefined) return known;
    const verdict = this.#judgeContainer(schema, value);
    verdicts.set(schema, verdict);
    return verdict;
  }

  #judgeContainer(schema: Schema, value: readonly Json[] | ReadonlyMap<string, Json>): boolean {
    if (!(value instanceof Map)) {
      const items = value as readonly Json[];
      return schema.kind === "array" && items.every((item) => this.#isValid(schema.items, item));
    }
    const members: ReadonlyMap<string, Json> = value;
    if (schema.kind === "record") return this.#isRecordValid(schema, members);
    if (schema.kind !== "map") return false;
    for (const member of members.values()) {
      if (!this.#isValid(schema.values, member)) return false;
    }
    return true;
  }

  #step(): void {
    if (++this.#steps > STEPS_MAX) {
      throw avroErrors.create("AVRO_DEFAULTS_TOO_LARGE", { limit: STEPS_MAX });
    }
  }

  #isRecordValid(schema: RecordSchema, members: ReadonlyMap<string, Json>): boolean {
    return schema.fields.every((field) => {
      this.#step();
      const member = members.get(field.name);
      return member === undefined
        ? this.#hasValidDefault(field)
        : this.#isValid(field.schema, member);
    });
  }
}

/** Text as the default of a float or double field has been read as a number by the parser. */
function isFloating({ kind }: Schema): boolean {
  return kind === "float" || kind === "double";
}

function isTextual(schema: Schema): boolean {
  const { kind } = schema;
  return kind === "string" || kind === "bytes" || kind === "enum" || kind === "fixed";
}

function isNumberOf(schema: Schema, text: string): boolean {
  if (isFloating(schema)) return true;
  const { kind } = schema;
  if (kind !== "int" && kind !== "long") return false;
  if (!isIntegerText(text)) return false;
  return kind === "long" ? isLongText(text) : Math.abs(Number(text) + 0.5) < 0x80000000;
}

/** Whether an integer's text (no leading zeros) is between −2^63 and 2^63 − 1. */
export function isLongText(text: string): boolean {
  const digits = text.startsWith("-") ? text.slice(1) : text;
  const limit = text.startsWith("-") ? "9223372036854775808" : "9223372036854775807";
  return digits.length < limit.length || (digits.length === limit.length && digits <= limit);
}

/** What a default of this type looks like, for error messages. */
export function defaultExpectation(schema: Schema): string {
  switch (schema.kind) {
    case "null":
      return "null";
    case "boolean":
      return "true or false";
    case "int":
      return "an integer from -2147483648 to 2147483647, without fraction or exponent";
    case "long":
      return "an integer from -2^63 to 2^63-1, without fraction or exponent";
    case "float":
    case "double":
      return "a number";
    case "array":
      return `an array of which each item is ${defaultExpectation(schema.items)}`;
    case "map":
      return `an object of which each member is ${defaultExpectation(schema.values)}`;
    case "record":
      return `an object with the fields of ${schema.name.fullName}`;
    case "union":
      return schema.branches.map(defaultExpectation).join(", or ");
    case "string":
    case "bytes":
    case "enum":
    case "fixed":
      return "text in double quotes";
  }
}
