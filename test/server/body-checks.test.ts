/** The checks that are made ahead of time say of every body what ajv says of the API's schemas at run time. */
import { fc, test } from "@fast-check/vitest";
import { Ajv } from "ajv";
import { describe, expect, test as plain } from "vitest";
import { routes } from "../../src/api/index.ts";
import type { TSchema } from "../../src/base/index.ts";
import { checks } from "../../src/server/generated/body-checks.js";

const ajv = new Ajv({ strict: false, validateFormats: false });

const bodies = Object.entries(routes).flatMap(([operation, row]) =>
  "body" in row ? [{ operation, schema: row.body as TSchema }] : [],
);

type Check = ((value: unknown) => boolean) & Pick<ReturnType<typeof ajv.compile>, "errors">;
const checkOf = (operation: string): Check => checks[operation as keyof typeof checks] as Check;

/** What a check says first about a value. */
function firstError(check: Check, value: unknown) {
  if (check(value)) return undefined;
  const [first] = check.errors ?? [];
  return { pointer: first?.instancePath, message: first?.message };
}

/** Values that a schema accepts, and with `oddity` ones that differ from these in a place or two. */
function anyValue(schema: TSchema, oddity: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 9, arbitrary: fittingValue(schema, oddity) },
    { weight: 1, arbitrary: oddity },
  );
}

function fittingValue(schema: TSchema, oddity: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { type, properties, patternProperties, items, anyOf } = schema;
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(anyOf))
    return fc.oneof(...anyOf.map((branch) => anyValue(branch as TSchema, oddity)));
  if (properties !== undefined) {
    const members = Object.entries(properties as Record<string, TSchema>);
    const model = Object.fromEntries(members.map(([name, part]) => [name, anyValue(part, oddity)]));
    const requiredKeys = (schema["required"] ?? []) as string[];
    return fc.oneof(fc.record(model, { requiredKeys }), fc.record(model, { requiredKeys: [] }));
  }
  if (patternProperties !== undefined) {
    const [values] = Object.values(patternProperties as Record<string, TSchema>);
    const names = fc.constantFrom("", "a", "a/b~c", "line\nbreak", "\ud800", "toString");
    return fc.dictionary(names, anyValue(values ?? {}, oddity), { maxKeys: 3 });
  }
  if (items !== undefined) return fc.array(anyValue(items as TSchema, oddity), { maxLength: 3 });
  switch (type) {
    case "integer":
      return fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.constantFrom("", "AVRO", "text");
  }
}

const oddities = fc.constantFrom<unknown>(
  ...[null, true, 0, 1.5, -0, 2 ** 31, -(2 ** 31) - 1, Number.POSITIVE_INFINITY],
  ...["", "text", [], [null], ["x"], {}, { a: 1 }, { name: 1 }, { "a/b": [] }, { a: ["x"] }],
);

describe.each(bodies)("the body of $operation", ({ operation, schema }) => {
  const atRunTime = ajv.compile(schema);

  test.prop([anyValue(schema, oddities)])(
    "is refused where ajv refuses it, with its words",
    (value) => {
      expect(firstError(checkOf(operation), value)).toEqual(firstError(atRunTime, value));
    },
  );
});

plain("every operation that takes a body has a check, and no other", () => {
  expect(Object.keys(checks)).toEqual(bodies.map(({ operation }) => operation));
});

plain("names from outside are members, whatever they are called", () => {
  const value: unknown = JSON.parse('{"metadata":{"properties":{"__proto__":1}}}');
  const error = { pointer: "/metadata/properties/__proto__", message: "must be string" };
  expect(firstError(checkOf("subjects.versions.register"), value)).toEqual(error);
});

plain("a list may be too long", () => {
  const value = { items: Array.from({ length: 100_000 }, () => ({})) };
  const error = { pointer: "/items", message: "must NOT have more than 1000 items" };
  expect(firstError(checkOf("batch.register"), value)).toEqual(error);
});
