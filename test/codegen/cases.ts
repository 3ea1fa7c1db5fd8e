// biome-ignore-all lint/suspicious/noTemplateCurlyInString: hostile text, not templates

/** Schemas that are difficult to print, by the difficulty. */
import type { CodegenTopic, GenerateInput, SourceSchema } from "../../codegen/index.ts";

/** A record with the given fields; a field is its type, or all of its members. */
export function record(name: string, fields: Readonly<Record<string, unknown>>, more = {}): object {
  return {
    type: "record",
    name,
    ...more,
    fields: Object.entries(fields).map(([field, type]) =>
      isMembers(type) ? { name: field, ...type } : { name: field, type },
    ),
  };
}

function isMembers(type: unknown): type is object {
  return (
    typeof type === "object" &&
    type !== null &&
    "type" in type &&
    ("default" in type || "doc" in type || "js-type" in type)
  );
}

/** A schema of a subject, from its text (which begins with a bracket or a quote) or its JSON. */
export function source(subject: string, schema: unknown, more = {}): SourceSchema {
  const text =
    typeof schema === "string" && /^["{[]/.test(schema) ? schema : JSON.stringify(schema);
  return { subject, text, references: [], ...more };
}

/** A topic whose value is the subject `<name>-value` and whose key is text. */
export function topicOf(name: string, more: Partial<CodegenTopic> = {}): CodegenTopic {
  const value = { kind: "subject", subject: `${name}-value` } as const;
  return { name, key: { kind: "string" }, value, compact: false, ...more };
}

const logical = (type: string, logicalType: string, more = {}): object => ({
  type,
  logicalType,
  ...more,
});
const enumOf = (name: string, symbols: readonly string[], more = {}): object => ({
  type: "enum",
  name,
  symbols,
  ...more,
});
const fixedOf = (name: string, size: number, more = {}): object => ({
  type: "fixed",
  name,
  size,
  ...more,
});
const arrayOf = (items: unknown): object => ({ type: "array", items });
const mapOf = (values: unknown): object => ({ type: "map", values });

const one = (schema: unknown): GenerateInput => ({
  schemas: [source("orders-value", schema)],
  topics: [topicOf("orders")],
});

const MONEY = record("shared.Money", { units: "long", currency: enumOf("Currency", ["EUR"]) });
const MONEY_OLD = record("shared.Money", { units: "long" });
const moneyReference = (version: number) => ({
  references: [{ name: "shared.Money", subject: "money", version }],
});

/** Input of {@link generate}, by the difficulty. */
export const cases: Readonly<Record<string, GenerateInput>> = {
  "name-clash": one(
    record("shop.Order", {
      billing: record("shop.billing.Address", { street: "string" }),
      shipping: record("shop.shipping.Address", { street: "string", floor: "int" }),
      input: record("shop.OrderInput", { text: "string" }),
      schema: record("shop.OrderSchema", { text: "string" }),
      global: record("x.Line", {}),
      deep: record("a.same.Line", {}),
      deeper: record("b.same.Line", {}),
    }),
  ),
  "reserved-words": one(
    record("x.Record", {
      class: record("x.Date", { default: "int" }),
      function: enumOf("x.K", ["K", "class"]),
      new: fixedOf("x.Uint8Array", 4),
      type: record("x.avroType", { a: "int" }),
      descriptor: record("x.AvroType", { a: "int" }),
      any: record("x.any", { a: "int" }),
      object: record("x.Object", { a: mapOf("x.any") }),
      topic: record("x.orders", { a: "int" }),
    }),
  ),
  recursive: one(
    record("Tree", {
      label: "string",
      left: { type: ["null", "Tree"], default: null },
      children: arrayOf("Tree"),
      byName: mapOf(["null", "Tree"]),
    }),
  ),
  "tagged-unions": one(
    record("shop.Event", {
      what: [
        record("a.Created", { id: "string" }),
        record("b.Created", { id: "string", by: ["null", "string"] }),
      ],
      number: ["null", "int", "double"],
      text: ["string", enumOf("Level", ["LOW", "HIGH"])],
      bytes: ["bytes", fixedOf("Md5", 16), "null"],
      object: [mapOf("long"), "a.Created", arrayOf(["null", "b.Created", "a.Created"])],
      list: arrayOf(["null", "string", "long"]),
      listOfLists: arrayOf(arrayOf("Level")),
      plain: ["null", "string", "long", "boolean"],
      null: ["null"],
      oneBranch: ["string"],
      mapOfManyTagged: mapOf(["a.Created", "b.Created", "Level", "string", "null"]),
      listOfManyTagged: arrayOf(["a.Created", "b.Created", "Level", "string", "null"]),
      manyTaggedWithDefault: { type: ["int", "long", "float", "double"], default: 0 },
    }),
  ),
  "logical-types": one(
    record("Times", {
      date: logical("int", "date"),
      timeMillis: logical("int", "time-millis"),
      timeMicros: logical("long", "time-micros"),
      timestampMillis: logical("long", "timestamp-millis"),
      timestampMicros: logical("long", "timestamp-micros"),
      timestampNanos: logical("long", "timestamp-nanos"),
      localMillis: logical("long", "local-timestamp-millis"),
      localMicros: logical("long", "local-timestamp-micros"),
      localNanos: logical("long", "local-timestamp-nanos"),
      decimal: logical("bytes", "decimal", { precision: 9, scale: 2 }),
      fixedDecimal: { ...fixedOf("Amount", 8), logicalType: "decimal", precision: 12, scale: 4 },
      bigDecimal: logical("bytes", "big-decimal"),
      uuid: logical("string", "uuid"),
      fixedUuid: { ...fixedOf("Uuid", 16), logicalType: "uuid" },
      duration: { ...fixedOf("Period", 12), logicalType: "duration" },
      durations: arrayOf("Period"),
      optionalDate: { type: ["null", logical("int", "date")], default: null, doc: "Maybe." },
      unknown: logical("string", "shout"),
      wrongBase: logical("string", "date"),
      numberLong: { type: "long", "js-type": "number" },
    }),
  ),
  "raw-numbers": {
    ...one(record("Raw", { at: logical("long", "timestamp-millis"), count: "long" })),
    options: { mapping: { long: "number", logical: "raw" }, importExtension: ".ts" },
  },
  "hostile-text": {
    schemas: [
      source("../../etc/\"pass'wd\u2028`${x}`*/", {
        ...record("Evil", {
          a: {
            type: "string",
            doc: "*/ export const stolen = 1; /* \u2028 second line\r\nthird \u202e line @ts-expect-error",
            default: "*/`${process.exit()}`\u2029'\"\\",
          },
          b: { type: "int", doc: "@ts-ignore" },
          'quote"and\nbreak': "int",
          "with-dash": { type: "string", default: "lone \ud800 surrogate" },
          "": "int",
        }),
        doc: "@ts-expect-error",
        extra: "*/ '\"\\ \u2028",
      }),
      source("evil-names", [
        record('x."];stolen()', { a: "int" }),
        enumOf("x.E", ["a'b", "*/", "`"]),
        record("record-value", { a: "int" }),
      ]),
    ],
    topics: [],
  },
  "dotted-names": {
    schemas: [
      source("order-events.v1-value", record("OrderEvent", { id: "string" })),
      source(":.staging:orders", "string"),
      source("Orders", "string"),
      source("orders", "string"),
      source("styles.d.css", "string"),
      source("..", "string"),
      source(".hidden", "string"),
    ],
    topics: [topicOf("order-events.v1")],
  },
  "unicode-doc": one({
    ...record("Größe", {
      länge: { type: "int", doc: "In Zentimetern — gemäß „DIN“ 🙂." },
      名前: "string",
      "e\u0301": "string",
    }),
    doc: "Erste Zeile.\n\n  - eins\n  - zwei\n\n@deprecated nimm {@link Länge}",
  }),
  "dangerous-names": one(
    record("constructor", {
      __proto__x: "int",
      ["__proto__"]: "string",
      hasOwnProperty: "int",
      toString: mapOf("string"),
      kind: enumOf("toString", ["__proto__", "constructor", "prototype"]),
    }),
  ),
  defaults: one(
    record("Defaults", {
      none: "int",
      null: { type: "null", default: null },
      boolean: { type: "boolean", default: true },
      int: { type: "int", default: -7 },
      float: { type: "float", default: 1.5 },
      bytes: { type: "bytes", default: "\u00ff\u0000`" },
      string: { type: "string", default: 'say "hi"' },
      enum: { type: enumOf("Color", ["RED", "BLUE"], { default: "RED" }), default: "BLUE" },
      fixed: { type: fixedOf("Two", 2), default: "ab" },
      array: { type: arrayOf("int"), default: [1, 2] },
      map: { type: mapOf("int"), default: { a: 1 } },
      record: { type: record("Inner", { x: { type: "int", default: 1 } }), default: {} },
      union: { type: ["string", "null"], default: "x" },
    }),
  ),
  "exact-long": one(
    '{"type":"record","name":"R","fields":[{"name":"l","type":"long","default":9223372036854775807}]}',
  ),
  references: {
    schemas: [
      source("money", MONEY, { version: 2 }),
      source(
        "orders-value",
        record("shop.Order", { total: "shared.Money", in: "shared.Currency" }),
        {
          version: 7,
          ...moneyReference(2),
        },
      ),
      source("refunds-value", record("shop.Refund", { total: "shared.Money" }), {
        version: 1,
        ...moneyReference(1),
      }),
      // Java writes out once more what a reference defines beside its root; the first use is foreign.
      source(
        "copies-value",
        record("shop.Copy", {
          total: "shared.Money",
          in: enumOf("shared.Currency", ["EUR"]),
          or: "shared.Currency",
        }),
        { version: 1, ...moneyReference(2) },
      ),
      source("prices-value", record("shop.Money", { is: "shared.Money" }), {
        version: 1,
        ...moneyReference(2),
      }),
    ],
    referenced: [source("money", MONEY_OLD, { version: 1 })],
    topics: [topicOf("orders"), topicOf("refunds"), topicOf("prices")],
  },
  // Alone an order means the old money; here the invoice's comes first, so it means the new one.
  "two-versions": {
    schemas: [
      source("all-value", ["shop.Invoice", "shop.Order"], {
        version: 1,
        references: [
          { name: "shop.Invoice", subject: "invoice", version: 1 },
          { name: "shop.Order", subject: "order", version: 1 },
        ],
      }),
    ],
    referenced: [
      source("invoice", record("shop.Invoice", { total: "shared.Money" }), {
        version: 1,
        ...moneyReference(2),
      }),
      source("order", record("shop.Order", { total: "shared.Money" }), {
        version: 1,
        ...moneyReference(1),
      }),
      source("money", MONEY, { version: 2 }),
      source("money", MONEY_OLD, { version: 1 }),
    ],
    topics: [topicOf("all")],
  },
  roots: {
    schemas: [
      source("primitive", '"long"'),
      source("union", ["null", record("shop.A", { a: "int" }), record("shop.B", { b: "int" })]),
      source("list-of-items", arrayOf(record("Item", { sku: "string" }))),
      source("enum", enumOf("Level", ["LOW"], { doc: "How loud." })),
      source("fixed", fixedOf("Hash", 1)),
      source("empty", record("Nothing", {})),
    ],
    topics: [],
  },
  topics: {
    schemas: [
      source("users-key", record("shop.UserKey", { id: "string" })),
      source("users-value", record("shop.User", { key: record("shop.UserKey", { id: "string" }) })),
      source("index-value", record("shop.users", { a: "int" })),
      source("delete-value", "string"),
      source("a.b-value", "string"),
      source("a-b-value", "string"),
    ],
    topics: [
      topicOf("users", { key: { kind: "subject", subject: "users-key" }, compact: true }),
      topicOf("index"),
      topicOf("delete", { key: { kind: "none" } }),
      topicOf("raw", { key: { kind: "bytes" }, value: { kind: "bytes" } }),
      topicOf("a.b"),
      topicOf("a-b"),
      topicOf("9-lives", { value: { kind: "string" } }),
    ],
  },
};
