/**
 * The codec against avsc, and against the verdicts of the compatibility check.
 *
 * avsc is asked only where it is right. Left out, with what it does there: longs beyond ±2^52 (loses
 * the sign or throws), field names and map keys `__proto__` (lost), names of `Object.prototype`
 * (rejected), defaults that fit a later branch of a union and aliases that are no names (rejected),
 * int and long promoted to float (not rounded), unions in resolution (first promotable branch).
 */
import { deepStrictEqual } from "node:assert/strict";
import { fc, test } from "@fast-check/vitest";
import avsc from "avsc";
import { describe, expect } from "vitest";
import type { Schema } from "../../src/avro/index.ts";
import {
  createCodec,
  createDecoder,
  namedTypes,
  parseSchema,
  readerIncompatibilities,
  shapeOf,
} from "../../src/avro/index.ts";
import { isTypewireError } from "../../src/base/index.ts";
import { arbSchemaPair, arbSchemaText } from "./arbitraries.ts";
import { RAW } from "./avro-json.ts";
import { valuesOf } from "./values.ts";

const LIKE_AVSC = { long: "number", logical: "raw" } as const;

/** A value of ours as avsc takes it with `wrapUnions: "always"`; undefined where avsc is wrong. */
function toAvsc(schema: Schema, value: unknown): unknown {
  switch (schema.kind) {
    case "long":
      return Math.abs(value as number) < 2 ** 52 ? value : WRONG;
    case "bytes":
    case "fixed":
      return Buffer.from(value as Uint8Array);
    case "array":
      return all(value as unknown[], (item) => toAvsc(schema.items, item));
    case "map":
      return entries(value as object, () => schema.values);
    case "record":
      return entries(value as object, (name) => schema.fields.find((f) => f.name === name)?.schema);
    case "union":
      return toAvscBranch(schema, value);
    default:
      return value;
  }
}

const WRONG = Symbol("avsc is wrong here");

function all(items: readonly unknown[], convert: (item: unknown) => unknown): unknown {
  const converted = items.map(convert);
  return converted.includes(WRONG) ? WRONG : converted;
}

function entries(value: object, schemaOf: (name: string) => Schema | undefined): unknown {
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const schema = schemaOf(name);
    if (schema === undefined) continue;
    const converted = toAvsc(schema, member);
    if (converted === WRONG || name === "__proto__") return WRONG;
    result[name] = converted;
  }
  return result;
}

function toAvscBranch(schema: Schema & { kind: "union" }, value: unknown): unknown {
  if (value === null) return null;
  const union = shapeOf(schema, LIKE_AVSC);
  if (union.kind !== "union") return WRONG;
  const index = union.branches.findIndex(({ tag, shape }) =>
    union.tagged ? tag === (value as { $type: string }).$type : shape.accepts.includes(kind(value)),
  );
  const branch = union.branches[index];
  if (branch === undefined) return WRONG;
  const inner = union.tagged && branch.boxed ? (value as { value: unknown }).value : value;
  const converted = toAvsc(schema.branches[index] as Schema, inner);
  return converted === WRONG ? WRONG : { [branch.tag]: converted };
}

function kind(value: unknown): "string" | "number" | "boolean" | "bytes" | "array" | "object" {
  if (value instanceof Uint8Array) return "bytes";
  if (Array.isArray(value)) return "array";
  return typeof value as "string" | "number" | "boolean" | "object";
}

function avscType(text: string): avsc.Type | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return avsc.Type.forSchema(json as avsc.Schema, { wrapUnions: "always" });
  } catch {
    return undefined;
  }
}

function parsed(text: string): Schema | undefined {
  try {
    return parseSchema(text, { mode: "strict" });
  } catch {
    return undefined;
  }
}

const known = arbSchemaText.filter(
  (text) => !text.includes("__proto__") && parsed(text) !== undefined,
);
const drawn = known.chain((text) => {
  const schema = parseSchema(text, { mode: "strict" });
  return valuesOf(schema, LIKE_AVSC).map((value) => ({ text, schema, value }));
});

describe("avsc agrees", () => {
  test.prop([drawn], { numRuns: 150 })("on the bytes of a value", ({ text, schema, value }) => {
    const type = avscType(text);
    const theirs = toAvsc(schema, value);
    fc.pre(type !== undefined && theirs !== WRONG);
    const { toBuffer, fromBuffer } = createCodec(schema, { mapping: LIKE_AVSC });
    const bytes = toBuffer(value);
    expect(bytes.toString("hex")).toBe(type?.toBuffer(theirs).toString("hex"));
    deepStrictEqual(fromBuffer(type?.toBuffer(theirs) ?? Buffer.alloc(0)), value);
  });
});

const pair = arbSchemaPair
  .filter(([before, after]) => parsed(before) !== undefined && parsed(after) !== undefined)
  .map(([before, after]) => ({
    writer: parseSchema(before, { mode: "strict" }),
    reader: parseSchema(after, { mode: "strict" }),
  }))
  .chain((schemas) => valuesOf(schemas.writer, RAW).map((value) => ({ ...schemas, value })));

/**
 * Pairs that the check calls compatible. Not those where an alias is the name of another type: the
 * check looks at each pair alone, Java's reader renames all of the writer's schema first.
 */
function isCompatible(reader: Schema, writer: Schema): boolean {
  const types = [...namedTypes(reader).values()];
  if (types.some(({ aliases }) => aliases.some((alias) => isTaken(alias, writer)))) return false;
  try {
    return readerIncompatibilities(reader, writer).length === 0;
  } catch {
    return false;
  }
}

function isTaken(alias: string, writer: Schema): boolean {
  const name = alias.slice(alias.lastIndexOf(".") + 1);
  return [...namedTypes(writer).values()].some((type) => type.name.name === name);
}

describe("the verdict of the compatibility check", () => {
  test.prop([pair], { numRuns: 150 })(
    "holds for every datum: what is compatible can be read",
    ({ writer, reader, value }) => {
      fc.pre(isCompatible(reader, writer));
      const bytes = createCodec(writer, { mapping: RAW }).toBuffer(value);
      for (const compile of [true, false]) {
        const { decode } = createDecoder(writer, reader, { mapping: RAW, compile });
        expect(() => decode(bytes, 0, bytes.length)).not.toThrow();
      }
    },
  );

  test.prop([pair], { numRuns: 150 })(
    "or not, a datum gives a value or a typed error, compiled and interpreted alike",
    ({ writer, reader, value }) => {
      const bytes = createCodec(writer, { mapping: RAW }).toBuffer(value);
      const outcomes = [true, false].map((compile) => {
        try {
          return createDecoder(writer, reader, { mapping: RAW, compile }).decode(
            bytes,
            0,
            bytes.length,
          );
        } catch (error) {
          expect(isTypewireError(error)).toBe(true);
          return String(error);
        }
      });
      deepStrictEqual(outcomes[0], outcomes[1]);
    },
  );
});
