import { Ajv } from "ajv";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Static } from "../../src/base/index.ts";
import { Type } from "../../src/base/index.ts";

const Order = Type.Object(
  {
    id: Type.String({ description: "Unique" }),
    total: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
    labels: Type.Array(Type.Literal("new"), { minItems: 1 }),
    notes: Type.Record(Type.String({ pattern: "^x-" }), Type.Boolean()),
  },
  { additionalProperties: false },
);

test("a schema's type has its members, optional ones as such", () => {
  expectTypeOf<Static<typeof Order>>().toEqualTypeOf<{
    id: string;
    total?: number | null;
    labels: "new"[];
    notes: Record<string, boolean>;
  }>();
  // The compiler judges; at run time there is the schema alone.
  expect(Object.keys(Order.properties)).toEqual(["id", "total", "labels", "notes"]);
});

test("a schema is plain JSON: what is optional shows in `required` alone", () => {
  expect(JSON.parse(JSON.stringify(Order))).toEqual({
    type: "object",
    additionalProperties: false,
    required: ["id", "labels", "notes"],
    properties: {
      id: { type: "string", description: "Unique" },
      total: { anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }] },
      labels: { type: "array", items: { const: "new", type: "string" }, minItems: 1 },
      notes: { type: "object", patternProperties: { "^x-": { type: "boolean" } } },
    },
  });
});

describe("ajv reads it", () => {
  const accepts = new Ajv({ strict: false }).compile(Order);

  test.each([
    [true, { id: "a", labels: ["new"], notes: {} }],
    [true, { id: "a", total: null, labels: ["new"], notes: { "x-a": true } }],
    [false, { id: "a", labels: [], notes: {} }],
    [false, { id: "a", labels: ["new"] }],
    [false, { id: "a", labels: ["new"], notes: { "x-a": 1 } }],
    [false, { id: "a", labels: ["new"], notes: {}, more: 1 }],
  ])("%s for %j", (expected, value) => {
    expect(accepts(value)).toBe(expected);
  });
});
